package x86

import (
	"fmt"

	"cradio/cpu/internal/kernel/gen/asm"
)

// Products by tiles whose sums are finished at once, a whole panel wide: the rows
// of a block while the next block is multiplied, which hides most of it. What is
// computed, and in which order, is what epilogue computes.

// tileFinish is one such kernel. Rounded results may have a gelu, the others have
// scale and residual, both.
type tileFinish struct {
	name string
	doc  string
	o    amx
	rows int // finished a step
	finish
	gelu bool
}

var finished = []tileFinish{
	{"tileBFloat16Rounded", "computes y = a·b + bias in bfloat16.", tdpbf16ps, 2, finish{rounded: true}, false},
	{"tileBFloat16GELU", "computes y = gelu(a·b + bias) in bfloat16.", tdpbf16ps, 2, finish{rounded: true}, true},
	{"tileBFloat16Residual", "computes y = residual + scale·(a·b + bias).", tdpbf16ps, 2, finish{}, false},
	{"tileInt8Rounded", "computes y = a·b + bias, of quantised operands, in bfloat16.", tdpbusd, 4, finish{rounded: true, quantised: true}, false},
	{"tileInt8GELU", "computes y = gelu(a·b + bias), of quantised operands, in bfloat16.", tdpbusd, 4, finish{rounded: true, quantised: true}, true},
	{"tileInt8Residual", "computes y = residual + scale·(a·b + bias), of quantised operands.", tdpbusd, 4, finish{quantised: true}, false},
}

// Registers of tileFinished: two vectors a row, each with its own from 0 and 6 on.
const (
	tfBias, tfScale, tfWeights, tfTotals = 12, 14, 16, 18
	tfConstants                          = 20
)

// finishArgs follow amxArgs: partial is scratch for a block of sums, last how many
// rows the last block has; bias, scale, weights and totals may be nil.
var finishArgs = asm.Args("partial ptr, last int, y ptr, ldy int, bias ptr, scale ptr, residual ptr, x ptr, ldx int, weights ptr, totals ptr")

// tileFinished keeps in SI where sums lie, in BX, DI and R13 where the next rows of
// y, residual and x are; R9 is how many times rows are to be finished.
func (f *file) tileFinished(t tileFinish) {
	f.begin(t.name, t.doc, append(amxArgs[:len(amxArgs):len(amxArgs)], finishArgs...), append(amxRegs[:len(amxRegs):len(amxRegs)], "", "", "BX", "", "", "", "DI", "R13")...)
	f.keep(tfConstants)
	f.columns("bias", 112, tfBias, true)
	if !t.rounded {
		f.columns("scale", 120, tfScale, false)
	}
	if t.quantised {
		f.columns("weights", 152, tfWeights, true)
		f.columns("totals", 160, tfTotals, true)
	}
	f.op("XORQ R9, R9")
	some := func() { f.finishRows(t, t.rows) }
	f.tiles(amxStep, amxFetched, func(rows int) {
		f.beginSums(rows)
		if rows == 2 {
			f.steps(t.o, rows, some)
			f.repeat("drain", some) // too few steps
		} else {
			f.steps(t.o, rows, nil)
		}
		f.op("MOVQ partial+80(FP), SI")
		sums(rows, func(tile, disp int) { f.move(tilestored, tile, "SI", "R11", disp) })
		f.op("MOVQ $%d, R9", 32/t.rows)
	}, func() {
		f.op("MOVQ last+88(FP), R9")
		f.repeat("last", func() { f.finishRows(t, 1) })
	})
}

// columns loads a vector of the panel's columns, or what stands for a nil one.
func (f *file) columns(name string, at, r int, zero bool) {
	f.op("MOVQ %s+%d(FP), CX", name, at)
	f.op("TESTQ CX, CX")
	f.op("JZ no%s", name)
	f.op("VMOVUPS (CX), V%d", r)
	f.op("VMOVUPS 64(CX), V%d", r+1)
	f.op("JMP have%s", name)
	f.Label("no" + name)
	for v := range 2 {
		if zero {
			f.zero(r + v)
		} else {
			f.op("VMOVUPS %s, V%d", f.one(), r+v)
		}
	}
	f.Label("have" + name)
}

// repeat does something as often as R9 says.
func (f *file) repeat(name string, do func()) {
	f.op("TESTQ R9, R9")
	f.op("JZ no%s", name)
	f.Label(name)
	do()
	f.op("DECQ R9")
	f.op("JNZ %s", name)
	f.Label("no" + name)
}

// finishRows finishes n rows.
func (f *file) finishRows(t tileFinish, n int) {
	for row := range n {
		f.Weave(func() { f.finishVector(t, row, 0) }, func() { f.finishVector(t, row, 1) })
		f.op("ADDQ ldy+104(FP), BX")
		if !t.rounded {
			f.op("ADDQ ldy+104(FP), DI")
		}
		if t.quantised {
			f.op("ADDQ ldx+144(FP), R13")
		}
	}
	f.op("ADDQ $%d, SI", n*amxRow)
}

// finishVector finishes half a row.
func (f *file) finishVector(t tileFinish, row, v int) {
	x := 6 * v
	from := fmt.Sprintf("%d(SI)", row*amxRow+64*v)
	if t.quantised {
		c := x + 1
		f.op("VCVTDQ2PS %s, V%d", from, x)
		f.op("VMULPS.BCST (R13), V%d, V%d", x, x)
		f.op("VMOVAPS V%d, V%d", tfBias+v, c)
		f.op("VFMADD231PS.BCST 4(R13), V%d, V%d", tfTotals+v, c)
		f.op("VFMADD213PS V%d, V%d, V%d", c, tfWeights+v, x)
	} else {
		f.op("VADDPS %s, V%d, V%d", from, tfBias+v, x)
	}
	if t.gelu {
		f.geluNearly(x, [5]int{x + 1, x + 2, x + 3, x + 4, x + 5})
	}
	if t.rounded {
		f.vcvtneps2bf16(x, x)
		f.op("VMOVUPS Y%d, %d(BX)", x, 32*v)
		return
	}
	f.op("VMOVUPS %d(DI), V%d", 64*v, x+1)
	f.op("VFMADD213PS V%d, V%d, V%d", x+1, tfScale+v, x)
	f.op("VMOVUPS V%d, %d(BX)", x, 64*v)
}
