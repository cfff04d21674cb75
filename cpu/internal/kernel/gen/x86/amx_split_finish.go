package x86

import (
	"fmt"

	"cradio/cpu/internal/kernel/gen/asm"
)

// The last slice of a product of split operands: its sums are added to those of the other
// slices and finished at once, the rows of a block while the next block is multiplied. What
// is computed, and in which order, is what tileSplit and epilogue compute.

// splitFinishArgs follow amxArgs: partial is scratch for a block of sums, last how many rows
// the last block has; bias and scale may be nil. Rows of y are ldy bytes apart, those of
// residual ldr.
var splitFinishArgs = asm.Args("partial ptr, last int, y ptr, ldy int, bias ptr, scale ptr, residual ptr, ldr int")

const splitFinished = 8 // rows finished a step

// tileSplitFinish keeps in SI where the sums of the slice lie, in R13, BX and DI where the
// next rows of the other sums, of y and of residual are; R9 is how many times rows are to be
// finished.
func (f *file) tileSplitFinish(name, doc string, gelu bool) {
	f.begin(name, doc, append(amxArgs[:len(amxArgs):len(amxArgs)], splitFinishArgs...),
		append(amxRegs[:len(amxRegs):len(amxRegs)], "", "", "BX", "", "", "", "DI", "")...)
	f.keep(tfConstants)
	f.columns("bias", 112, tfBias, true)
	f.columns("scale", 120, tfScale, false)
	f.op("MOVQ c+32(FP), R13")
	f.op("XORQ R9, R9")
	f.tiles(terms*amxStep, amxFetched3, func(rows int) { f.splitFinishBlock(rows, gelu) }, func() {
		f.op("MOVQ last+88(FP), R9")
		f.repeat("last", func() { f.finishSplitRows(1, gelu) })
	})
}

func (f *file) splitFinishBlock(rows int, gelu bool) {
	place := fmt.Sprint(rows)
	step := func() { f.splitStep(splitShape{rows: rows, cols: 2}) }
	fetch := func() { f.fetchLines(amxFetched3) }
	some := func() { f.finishSplitRows(splitFinished, gelu) }
	sums(rows, func(t, _ int) { f.clear(t) })
	f.op("MOVQ k+0(FP), CX")
	if rows == 2 { // else there is one block, and none before it
		f.op("TESTQ R9, R9")
		f.op("JZ plain%s", place)
		f.op("PCALIGN $32")
		f.Label("finishing")
		f.Weave(step, func() { some(); fetch() })
		f.op("DECQ R9")
		f.op("DECQ CX")
		f.op("JZ summed%s", place)
		f.op("TESTQ R9, R9")
		f.op("JNZ finishing")
	}
	f.op("PCALIGN $32")
	f.Label("plain" + place)
	f.Weave(step, fetch)
	f.op("DECQ CX")
	f.op("JNZ plain%s", place)
	f.Label("summed" + place)
	if rows == 2 {
		f.repeat("drain", some) // too few steps
	}
	f.op("MOVQ partial+80(FP), SI")
	sums(rows, func(t, disp int) { f.move(tilestored, t, "SI", "R11", disp) })
	f.op("MOVQ $%d, R9", 32/splitFinished)
}

// finishSplitRows finishes n rows.
func (f *file) finishSplitRows(n int, gelu bool) {
	for row := range n {
		f.Weave(func() { f.finishSplitVector(row, 0, gelu) }, func() { f.finishSplitVector(row, 1, gelu) })
		f.op("ADDQ ldy+104(FP), BX")
		f.op("ADDQ ldr+136(FP), DI")
	}
	f.op("ADDQ $%d, SI", n*amxRow)
	f.op("ADDQ $%d, R13", n*amxRow)
}

// finishSplitVector finishes half a row.
func (f *file) finishSplitVector(row, v int, gelu bool) {
	x, at := 6*v, row*amxRow+64*v
	f.op("VMOVUPS %d(SI), V%d", at, x)
	f.op("VADDPS %d(R13), V%d, V%d", at, x, x)
	f.op("VADDPS V%d, V%d, V%d", tfBias+v, x, x)
	if gelu {
		f.geluOf(x, [5]int{x + 1, x + 2, x + 3, x + 4, x + 5})
	}
	f.op("VMOVUPS %d(DI), V%d", 64*v, x+1)
	f.op("VFMADD213PS V%d, V%d, V%d", x+1, tfScale+v, x)
	f.op("VMOVUPS V%d, %d(BX)", x, 64*v)
}
