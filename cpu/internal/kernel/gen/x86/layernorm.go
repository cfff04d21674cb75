package x86

import (
	"fmt"

	"cradio/cpu/internal/kernel/gen/asm"
)

// Registers of a row that is normalised. n holds the number of elements until the
// statistics are there; V15 is the tail mask of AVX2.
const normN, normMean, normFix, normInv = 14, 13, 12, 11

// layerNorm is one row: y = (x - mean)/√(variance + eps)·weight + bias, n > 0.
func (f *file) layerNorm() {
	f.begin("layerNorm", "normalises one row of n > 0 elements.", asm.Args("y ptr, x ptr, weight ptr, bias ptr, n int, eps float32"), "DI", "SI", "R8", "R9", "R10")
	f.moments("eps+40(FP)")
	f.pass("out", func(v int, tail bool) {
		w, b := 7+v, 9+v
		f.deviation(v)
		f.op("VMULPS V%d, V%d, V%d", normInv, 4+v, 4+v)
		f.loadPass("R8", v, w, tail)
		f.loadPass("R9", v, b, tail)
		f.op("VFMADD213PS V%d, V%d, V%d", b, w, 4+v)
		f.storePass(4+v, v, tail)
	})
	f.end()
}

// layerNormGrad is one row of the derivative with respect to x. With d the deviations from
// the mean and g = dy·weight it is inv·(g - mean(g) - d·inv²·mean(g·d)).
func (f *file) layerNormGrad() {
	f.begin("layerNormGrad", "is the derivative of layerNorm with respect to one row of n > 0 elements.", asm.Args("dx ptr, x ptr, weight ptr, dy ptr, n int, eps float32"), "DI", "SI", "R8", "R9", "R10")
	f.moments("eps+40(FP)")
	g := func(v int, tail bool) (g int) { // and d in V4 or V5
		f.deviation(v)
		f.loadPass("R8", v, 7+v, tail)
		f.loadPass("R9", v, 9+v, tail)
		f.op("VMULPS V%d, V%d, V%d", 7+v, 9+v, 9+v)
		return 9 + v
	}
	for r := range 4 {
		f.zero(r)
	}
	f.pass("sums", func(v int, tail bool) {
		g := g(v, tail)
		f.op("VADDPS V%d, V%d, V%d", g, v, v)
		f.op("VFMADD231PS V%d, V%d, V%d", g, 4+v, 2+v)
	})
	const mean, slope = 0, 2
	f.meanOf(mean)
	f.meanOf(slope)
	f.op("VMULSS X%d, X%d, X%d", normInv, slope, slope)
	f.op("VMULSS X%d, X%d, X%d", normInv, slope, slope)
	for _, r := range []int{mean, slope} {
		f.op("VBROADCASTSS X%d, V%d", r, r)
	}
	f.pass("out", func(v int, tail bool) {
		g := g(v, tail)
		f.op("VSUBPS V%d, V%d, V%d", mean, g, g)
		f.op("VFNMADD231PS V%d, V%d, V%d", slope, 4+v, g)
		f.op("VMULPS V%d, V%d, V%d", normInv, g, g)
		f.storePass(g, v, tail)
	})
	f.end()
}

// layerNormMoments stores what a row is normalised by: its mean, what that lacks, and
// 1/√(variance + eps).
func (f *file) layerNormMoments() {
	f.begin("layerNormMoments", "stores three numbers: the mean of a row of n > 0 elements, what that lacks, and 1/√(variance + eps).", asm.Args("stats ptr, x ptr, n int, eps float32"), "DI", "SI", "R10")
	f.moments("eps+24(FP)")
	for i, r := range []int{normMean, normFix, normInv} {
		f.op("VMOVSS X%d, %d(DI)", r, 4*i)
	}
	f.end()
}

// moments computes the statistics of the row of R10 elements at SI. The mean is corrected
// by the mean of the deviations from it, so that a large mean costs no digits.
func (f *file) moments(eps string) {
	f.op("VCVTSI2SSQ R10, X%d, X%d", normN, normN)
	f.op("MOVQ R10, R11")
	f.op("ANDQ $%d, R11", f.lanes-1) // elements of the tail
	f.op("JZ whole")
	f.op("MOVQ R11, AX")
	f.setTail("AX", "BX")
	f.Label("whole")

	f.zero(0)
	f.zero(1)
	f.pass("mean", func(v int, tail bool) { f.op("VADDPS V%d, V%d, V%d", 4+v, v, v) })
	f.meanOf(0)
	f.op("VBROADCASTSS X0, V%d", normMean)

	for r := range 4 {
		f.zero(r)
	}
	f.pass("dev", func(v int, tail bool) {
		f.op("VSUBPS V%d, V%d, V%d", normMean, 4+v, 4+v)
		if tail {
			f.clearTail(4 + v)
		}
		f.op("VADDPS V%d, V%d, V%d", 4+v, v, v)
		f.op("VFMADD231PS V%d, V%d, V%d", 4+v, 4+v, 2+v)
	})
	f.meanOf(0) // what the mean lacks
	f.meanOf(2)
	f.op("VBROADCASTSS X0, V%d", normFix)
	f.op("VFNMADD231SS X0, X0, X2") // variance
	f.op("VADDSS %s, X2, X2", eps)
	f.op("VSQRTSS X2, X2, X2")
	f.op("VMOVSS %s, X3", f.one())
	f.op("VDIVSS X2, X3, X2")
	f.op("VBROADCASTSS X2, V%d", normInv)
}

// pass walks the row, R12 bytes in: body works on one register of x, in V4 or V5.
func (f *file) pass(name string, body func(v int, tail bool)) {
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

// meanOf is the sum of registers r and r+1 through n, in the lowest lane of r.
func (f *file) meanOf(r int) {
	f.op("VADDPS V%d, V%d, V%d", r+1, r, r)
	f.reduce("VADDPS", r, 6)
	f.op("VDIVSS X%d, X%d, X%d", normN, r, r)
}

// deviation makes deviations from the mean of x.
func (f *file) deviation(v int) {
	f.op("VSUBPS V%d, V%d, V%d", normMean, 4+v, 4+v)
	f.op("VSUBPS V%d, V%d, V%d", normFix, 4+v, 4+v)
}

// loadPass loads what another row has where the pass is.
func (f *file) loadPass(base string, v, r int, tail bool) {
	at := fmt.Sprintf("%d(%s)(R12*1)", v*f.bytes(), base)
	if tail {
		f.loadTail(at, r)
		return
	}
	f.op("VMOVUPS %s, V%d", at, r)
}

// storePass stores register r where the pass is.
func (f *file) storePass(r, v int, tail bool) {
	at := fmt.Sprintf("%d(DI)(R12*1)", v*f.bytes())
	if tail {
		f.storeTail(r, at)
		return
	}
	f.op("VMOVUPS V%d, %s", r, at)
}
