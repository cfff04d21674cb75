package x86

import (
	"fmt"

	"cradio/cpu/internal/kernel/gen/asm"
)

// layerNorm is one row: y = (x - mean)/√(variance + eps)·weight + bias, n > 0.
// The mean is corrected by the mean of the deviations from it, so that a large
// mean costs no digits.
func (f *file) layerNorm() {
	f.begin("layerNorm", "normalises one row of n > 0 elements.", asm.Args("y ptr, x ptr, weight ptr, bias ptr, n int, eps float32"), "DI", "SI", "R8", "R9", "R10")
	// V14 holds n until it is no longer needed; V15 is the tail mask of AVX2
	const n, mean, fix, inv = 14, 13, 12, 11
	f.op("VCVTSI2SSQ R10, X%d, X%d", n, n)
	f.op("MOVQ R10, R11")
	f.op("ANDQ $%d, R11", f.lanes-1) // elements of the tail
	f.op("JZ whole")
	f.op("MOVQ R11, AX")
	f.setTail("AX", "BX")
	f.Label("whole")

	// pass walks the row, R12 bytes in: body works on one register of x, in V4 or V5.
	pass := func(name string, body func(v int, tail bool)) {
		f.op("XORQ R12, R12")
		f.op("MOVQ R10, R13")
		f.op("SUBQ $%d, R13", 2*f.lanes)
		f.op("JL %sremainder", name)
		f.Label(name + "loop")
		for v := range 2 {
			f.op("VMOVUPS %d(SI)(R12*1), V%d", v*f.bytes(), 4+v)
			body(v, false)
		}
		f.op("ADDQ $%d, R12", 2*f.bytes())
		f.op("SUBQ $%d, R13", 2*f.lanes)
		f.op("JGE %sloop", name)
		f.Label(name + "remainder")
		f.op("ADDQ $%d, R13", f.lanes)
		f.op("JL %stail", name)
		f.op("VMOVUPS (SI)(R12*1), V4")
		body(0, false)
		f.op("ADDQ $%d, R12", f.bytes())
		f.Label(name + "tail")
		f.op("TESTQ R11, R11")
		f.op("JZ %sdone", name)
		f.loadTail("(SI)(R12*1)", 4)
		body(0, true)
		f.Label(name + "done")
	}
	total := func(r int) { // of registers r and r+1, into all lanes of r
		f.op("VADDPS V%d, V%d, V%d", r+1, r, r)
		f.reduce("VADDPS", r, 6)
		f.op("VDIVSS X%d, X%d, X%d", n, r, r)
	}

	f.zero(0)
	f.zero(1)
	pass("mean", func(v int, tail bool) { f.op("VADDPS V%d, V%d, V%d", 4+v, v, v) })
	total(0)
	f.op("VBROADCASTSS X0, V%d", mean)

	for r := range 4 {
		f.zero(r)
	}
	pass("dev", func(v int, tail bool) {
		f.op("VSUBPS V%d, V%d, V%d", mean, 4+v, 4+v)
		if tail {
			f.clearTail(4 + v)
		}
		f.op("VADDPS V%d, V%d, V%d", 4+v, v, v)
		f.op("VFMADD231PS V%d, V%d, V%d", 4+v, 4+v, 2+v)
	})
	total(0) // what the mean lacks
	total(2)
	f.op("VBROADCASTSS X0, V%d", fix)
	f.op("VFNMADD231SS X0, X0, X2") // variance
	f.op("VADDSS eps+40(FP), X2, X2")
	f.op("VSQRTSS X2, X2, X2")
	f.op("VMOVSS %s, X3", f.one())
	f.op("VDIVSS X2, X3, X2")
	f.op("VBROADCASTSS X2, V%d", inv)

	pass("out", func(v int, tail bool) {
		w, b := 7+v, 9+v
		at := func(base string) string { return fmt.Sprintf("%d(%s)(R12*1)", v*f.bytes(), base) }
		f.op("VSUBPS V%d, V%d, V%d", mean, 4+v, 4+v)
		f.op("VSUBPS V%d, V%d, V%d", fix, 4+v, 4+v)
		f.op("VMULPS V%d, V%d, V%d", inv, 4+v, 4+v)
		if tail {
			f.loadTail(at("R8"), w)
			f.loadTail(at("R9"), b)
		} else {
			f.op("VMOVUPS %s, V%d", at("R8"), w)
			f.op("VMOVUPS %s, V%d", at("R9"), b)
		}
		f.op("VFMADD213PS V%d, V%d, V%d", b, w, 4+v)
		if tail {
			f.storeTail(4+v, at("DI"))
			return
		}
		f.op("VMOVUPS V%d, %s", 4+v, at("DI"))
	})
	f.end()
}
