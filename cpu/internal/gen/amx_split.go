package main

import "fmt"

// float32 by tiles of bfloat16. Each operand is cut into three parts of 8 bits,
// x = x0 + x1 + x2 exactly, and the product is the sum of six products of parts,
// small ones first; the other three are below the last bit of a float32.
//
// A row of A has the three parts of each step one after the other, 64 bytes each;
// a panel of B has three rows of tiles a step. One call sums one slice of k from
// zero; slices are added in vector registers, so that a sum is rounded once a
// slice at its full size. A block's sums are added while the next block is
// multiplied: the tiles leave the vector units nothing else to do.

const parts = 3

// splitProducts are the parts of A and of B, in order.
var splitProducts = [][2]int{{0, 2}, {0, 1}, {1, 1}, {1, 0}, {2, 0}, {0, 0}}

const amxAdded = 8 // rows of sums added a step

// tileParts computes c (+)= a·b of operands in parts. part is scratch for a block
// of sums; c has room for whole tiles.
//
// What is to be added: R9 times amxAdded rows, from SI, to BX.
func (f *file) tileParts() {
	f.begin("tileParts", "computes c (+)= a·b for blocks of rows in three parts of bfloat16.",
		append(amxArgs[:len(amxArgs):len(amxArgs)], arg{"part", pointer}), amxRegs...)
	f.op("XORQ R9, R9")
	f.tiles(parts*amxStep, amxFetched3, f.partsBlock, func() { f.drain("end") })
}

func (f *file) partsBlock(rows int) {
	place := fmt.Sprint(rows)
	step := func() {
		heldA, heldB := -1, -1
		for _, p := range splitProducts {
			f.splitProduct(p, rows, p[0] != heldA, p[1] != heldB)
			heldA, heldB = p[0], p[1]
		}
		f.op("ADDQ $%d, R10", parts*64)
		f.op("ADDQ $%d, R12", parts*64)
		f.op("ADDQ $%d, R15", parts*amxStep)
	}
	fetch := func() { f.fetchLines(amxFetched3) }
	sums(rows, func(t, _ int) { f.clear(t) })
	f.op("MOVQ k+0(FP), CX")
	f.op("TESTQ R9, R9")
	f.op("JZ plain%s", place)
	f.op("PCALIGN $32")
	f.label("adding" + place)
	f.weave(step, func() { f.addRows(); fetch() })
	f.op("DECQ R9")
	f.op("DECQ CX")
	f.op("JZ summed%s", place)
	f.op("TESTQ R9, R9")
	f.op("JNZ adding%s", place)
	f.op("PCALIGN $32")
	f.label("plain" + place)
	f.weave(step, fetch)
	f.op("DECQ CX")
	f.op("JNZ plain%s", place)
	f.label("summed" + place)
	f.drain(place)
	f.op("MOVQ c+32(FP), DI")
	f.op("CMPQ add+40(FP), $0")
	f.op("JNE add%s", place)
	sums(rows, func(t, disp int) { f.move(tilestored, t, "DI", "R11", disp) })
	f.op("JMP stored%s", place)
	f.label("add" + place)
	f.op("MOVQ part+80(FP), SI")
	sums(rows, func(t, disp int) { f.move(tilestored, t, "SI", "R11", disp) })
	f.op("MOVQ DI, BX")
	f.op("MOVQ $%d, R9", rows*16/amxAdded)
	f.label("stored" + place)
}

// splitProduct is one product of parts, of tiles that are loaded if they are not
// held.
func (f *file) splitProduct(p [2]int, rows int, loadA, loadB bool) {
	if loadA {
		f.move(tileloaddt1, 4, "R10", "DX", 64*p[0])
	}
	for v := range 2 {
		if loadB {
			f.move(tileloadd, 6+v, "R15", "R11", amxStep*p[1]+64*v)
		}
		f.multiply(tdpbf16ps, v, 4, 6+v)
	}
	if rows == 1 {
		return
	}
	if loadA {
		f.move(tileloaddt1, 5, "R12", "DX", 64*p[0])
	}
	for v := range 2 {
		f.multiply(tdpbf16ps, 2+v, 5, 6+v)
	}
}

// addRows adds amxAdded rows of sums.
func (f *file) addRows() {
	n := amxAdded * amxUnit / 64
	for v := range n {
		f.op("VMOVUPS %d(SI), V%d", 64*v, v)
		f.op("VADDPS %d(BX), V%d, V%d", 64*v, v, v)
		f.op("VMOVUPS V%d, %d(BX)", v, 64*v)
	}
	f.op("ADDQ $%d, SI", amxAdded*amxUnit)
	f.op("ADDQ $%d, BX", amxAdded*amxUnit)
}

// drain adds what is left to be added.
func (f *file) drain(place string) {
	f.op("TESTQ R9, R9")
	f.op("JZ drained%s", place)
	f.label("drain" + place)
	f.addRows()
	f.op("DECQ R9")
	f.op("JNZ drain%s", place)
	f.label("drained" + place)
}
