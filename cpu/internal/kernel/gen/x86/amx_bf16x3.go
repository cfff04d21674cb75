package x86

import (
	"fmt"

	"cradio/cpu/internal/kernel/gen/asm"
	"cradio/cpu/internal/kernel/gen/numeric"
)

// float32 by tiles of bfloat16 ("bf16x3"). Each operand is split into three terms of 8
// bits, x = x0 + x1 + x2 exactly, and the product is the sum of six products of terms,
// small ones first; the other three are below the last bit of a float32.
//
// A row of A has the three terms of each step one after the other, 64 bytes each;
// a panel of B has three rows of tiles a step. One call sums one slice of k from
// zero; slices are added in vector registers, so that a sum is rounded once a
// slice at its full size. A block's sums are added while the next block is
// multiplied: the tiles leave the vector units nothing else to do.

const terms = 3

const amxAdded = 8 // rows of sums added a step

// tileSplit computes c (+)= a·b of split operands. partial is scratch for a block of sums; c has room for whole tiles.
//
// What is to be added: R9 times amxAdded rows, from SI, to BX.
func (f *file) tileSplit() {
	f.begin("tileSplit", "computes c (+)= a·b for blocks of rows that are split into three bfloat16.",
		append(amxArgs[:len(amxArgs):len(amxArgs)], asm.Args("partial ptr")...), amxRegs...)
	f.op("XORQ R9, R9")
	fetch := func() { f.fetchLines(amxFetched3) }
	f.tiles(terms*amxStep, amxFetched3, func(rows int) { f.splitBlock(fmt.Sprint(rows), splitShape{rows: rows, cols: 2}, fetch) }, func() { f.drain("end") })
}

// splitShape is a block of so many tiles of rows by so many of columns. Either what is read of A stays in the
// first-level cache, or what is read of B.
type splitShape struct {
	rows, cols int
	keepA      bool
}

// sums calls do for each tile of sums, and its place in memory.
func (s splitShape) sums(do func(tile, disp int)) {
	sums(s.rows, func(t, disp int) {
		if t%2 < s.cols {
			do(t, disp)
		}
	})
}

// splitBlock is a block. What else is to be done in each step is woven into it. place is for labels.
func (f *file) splitBlock(place string, s splitShape, other func()) {
	step := func() { f.splitStep(s) }
	s.sums(func(t, _ int) { f.clear(t) })
	f.op("MOVQ k+0(FP), CX")
	f.op("TESTQ R9, R9")
	f.op("JZ plain%s", place)
	f.op("PCALIGN $32")
	f.Label("adding" + place)
	f.Weave(step, func() { f.addRows(); other() })
	f.op("DECQ R9")
	f.op("DECQ CX")
	f.op("JZ summed%s", place)
	f.op("TESTQ R9, R9")
	f.op("JNZ adding%s", place)
	f.op("PCALIGN $32")
	f.Label("plain" + place)
	f.Weave(step, other)
	f.op("DECQ CX")
	f.op("JNZ plain%s", place)
	f.Label("summed" + place)
	f.drain(place)
	f.op("MOVQ c+32(FP), DI")
	f.op("CMPQ add+40(FP), $0")
	f.op("JNE add%s", place)
	s.sums(func(t, disp int) { f.move(tilestored, t, "DI", "R11", disp) })
	f.op("JMP stored%s", place)
	f.Label("add" + place)
	f.op("MOVQ partial+80(FP), SI")
	s.sums(func(t, disp int) { f.move(tilestored, t, "SI", "R11", disp) })
	f.op("MOVQ DI, BX")
	f.op("MOVQ $%d, R9", s.rows*16/amxAdded)
	f.Label("stored" + place)
}

// splitStep is a step of a block.
func (f *file) splitStep(s splitShape) {
	heldA, heldB := -1, -1
	for _, p := range numeric.SplitProducts {
		f.splitProduct(p, s, p[0] != heldA, p[1] != heldB)
		heldA, heldB = p[0], p[1]
	}
	f.op("ADDQ $%d, R10", terms*64)
	f.op("ADDQ $%d, R12", terms*64)
	f.op("ADDQ $%d, R15", terms*amxStep)
}

// splitProduct is one product of terms, of tiles that are loaded if they are not
// held.
func (f *file) splitProduct(p [2]int, s splitShape, loadA, loadB bool) {
	a, b := tileloaddt1, tileloadd
	if s.keepA {
		a, b = b, a
	}
	for r, row := range []string{"R10", "R12"}[:s.rows] {
		if loadA {
			f.move(a, 4+r, row, "DX", 64*p[0])
		}
		for v := range s.cols {
			if loadB && r == 0 {
				f.move(b, 6+v, "R15", "R11", amxStep*p[1]+64*v)
			}
			f.multiply(tdpbf16ps, 2*r+v, 4+r, 6+v)
		}
	}
}

// addRows adds amxAdded rows of sums.
func (f *file) addRows() {
	n := amxAdded * amxRow / 64
	for v := range n {
		f.op("VMOVUPS %d(SI), V%d", 64*v, v)
		f.op("VADDPS %d(BX), V%d, V%d", 64*v, v, v)
		f.op("VMOVUPS V%d, %d(BX)", v, 64*v)
	}
	f.op("ADDQ $%d, SI", amxAdded*amxRow)
	f.op("ADDQ $%d, BX", amxAdded*amxRow)
}

// drain adds what is left to be added.
func (f *file) drain(place string) {
	f.op("TESTQ R9, R9")
	f.op("JZ drained%s", place)
	f.Label("drain" + place)
	f.addRows()
	f.op("DECQ R9")
	f.op("JNZ drain%s", place)
	f.Label("drained" + place)
}
