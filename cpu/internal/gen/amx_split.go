package main

import "fmt"

// float32 by tiles of bfloat16. Each operand is cut into three parts of 8 bits,
// x = x0 + x1 + x2 exactly, and the product is the sum of six products of parts,
// small ones first; the other three are below the last bit of a float32.
//
// A row of A has the three parts of each step one after the other, 64 bytes each;
// a panel of B has three rows of tiles a step. One call sums one slice of k from
// zero; slices are added in vector registers, so that a sum is rounded once a
// slice at its full size.

const parts = 3

// splitProducts are the parts of A and of B, in order.
var splitProducts = [][2]int{{0, 2}, {0, 1}, {1, 1}, {1, 0}, {2, 0}, {0, 0}}

// tileParts computes c (+)= a·b of operands in parts. part is scratch for a block
// of sums; c has room for whole blocks.
func (f *file) tileParts() {
	f.begin("tileParts", "computes c (+)= a·b for blocks of rows in three parts of bfloat16.",
		append(amxArgs[:len(amxArgs):len(amxArgs)], arg{"part", pointer}), amxRegs...)
	f.tiles(parts*amxStep, amxFetched3, func(rows int) {
		place := fmt.Sprint(rows)
		sums(rows, func(t, _ int) { f.clear(t) })
		f.op("MOVQ SI, CX")
		f.op("PCALIGN $32")
		f.label("step" + place)
		heldA, heldB := -1, -1
		for _, p := range splitProducts {
			f.splitProduct(p, rows, p[0] != heldA, p[1] != heldB)
			heldA, heldB = p[0], p[1]
		}
		f.fetchLines(amxFetched3)
		f.op("ADDQ $%d, R10", parts*64)
		f.op("ADDQ $%d, R12", parts*64)
		f.op("ADDQ $%d, R15", parts*amxStep)
		f.op("DECQ CX")
		f.op("JNZ step%s", place)
		f.op("TESTQ R13, R13")
		f.op("JNZ add%s", place)
		sums(rows, func(t, disp int) { f.move(tilestored, t, "DI", "R11", disp) })
		f.op("JMP stored%s", place)
		f.label("add" + place)
		f.op("MOVQ part+80(FP), R15")
		sums(rows, func(t, disp int) { f.move(tilestored, t, "R15", "R11", disp) })
		f.addTo("DI", "R15", "R10", place, rows*16)
		f.label("stored" + place)
	})
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

// addTo adds rows of amxUnit bytes, a multiple of four; at is clobbered.
func (f *file) addTo(dst, src, at, place string, rows int) {
	const n = 4 * amxUnit
	f.op("XORQ %s, %s", at, at)
	f.label("row" + place)
	for v := range n / 64 {
		f.op("VMOVUPS %d(%s)(%s*1), V%d", 64*v, src, at, v)
	}
	for v := range n / 64 {
		f.op("VADDPS %d(%s)(%s*1), V%d, V%d", 64*v, dst, at, v, v)
	}
	for v := range n / 64 {
		f.op("VMOVUPS V%d, %d(%s)(%s*1)", v, 64*v, dst, at)
	}
	f.op("ADDQ $%d, %s", n, at)
	f.op("CMPQ %s, $%d", at, rows*amxUnit)
	f.op("JLT row%s", place)
}
