package arm64

import "cradio/cpu/internal/kernel/gen/asm"

// Registers of a row that is normalised: the number of its elements, its statistics, and the
// mask of its tail. V0 to V7 are sums.
const (
	normX = 8 + iota // and deviations
	normWeight
	normOther
	normN
	normMean
	normFix
	normInv
	normMask
	normEps
)

// layerNorm is one row: y = (x - mean)/√(variance + eps)·weight + bias, n > 0.
func (f *file) layerNorm() {
	f.begin("layerNorm", "normalises one row of n > 0 elements.", asm.Args("y ptr, x ptr, weight ptr, bias ptr, n int, eps float32"), "R0", "R1", "R2", "R3", "R4", "F16")
	f.moments()
	f.pass(4, func(v int, full bool) {
		f.deviation()
		f.op("fmul v%d.4s, v%d.4s, v%d.4s", normX, normX, normInv)
		f.in(full, "R2", "R6", normWeight)
		f.in(full, "R3", "R6", normOther)
		f.op("fmla v%d.4s, v%d.4s, v%d.4s", normOther, normX, normWeight)
		f.out(full, normOther, "R0", "R6")
	})
	f.end()
}

// layerNormGrad is one row of the derivative with respect to x. With d the deviations from
// the mean and g = dy·weight it is inv·(g - mean(g) - d·inv²·mean(g·d)).
func (f *file) layerNormGrad() {
	f.begin("layerNormGrad", "is the derivative of layerNorm with respect to one row of n > 0 elements.", asm.Args("dx ptr, x ptr, weight ptr, dy ptr, n int, eps float32"), "R0", "R1", "R2", "R3", "R4", "F16")
	f.moments()
	gradients := func(full bool) { // in normOther, and deviations in normX
		f.deviation()
		f.in(full, "R7", "R6", normWeight)
		f.in(full, "R8", "R6", normOther)
		f.op("fmul v%d.4s, v%d.4s, v%d.4s", normOther, normOther, normWeight)
	}
	start := func() {
		f.op("MOVD R2, R7")
		f.op("MOVD R3, R8")
	}
	const mean, slope = 0, 4
	f.zeros(0, 8)
	start()
	f.pass(4, func(v int, full bool) {
		gradients(full)
		f.op("fadd v%d.4s, v%d.4s, v%d.4s", mean+v, mean+v, normOther)
		f.op("fmla v%d.4s, v%d.4s, v%d.4s", slope+v, normOther, normX)
	})
	f.meanOf(mean)
	f.meanOf(slope)
	for range 2 {
		f.op("fmul s%d, s%d, s%d", slope, slope, normInv)
	}
	f.op("dup v%d.4s, v%d.s[0]", mean, mean)
	f.op("dup v%d.4s, v%d.s[0]", slope, slope)
	start()
	f.pass(4, func(v int, full bool) {
		gradients(full)
		f.op("fsub v%d.4s, v%d.4s, v%d.4s", normOther, normOther, mean)
		f.op("fmls v%d.4s, v%d.4s, v%d.4s", normOther, normX, slope)
		f.op("fmul v%d.4s, v%d.4s, v%d.4s", normOther, normOther, normInv)
		f.out(full, normOther, "R0", "R6")
	})
	f.end()
}

// layerNormMoments stores what a row is normalised by: its mean, what that lacks, and
// 1/√(variance + eps).
func (f *file) layerNormMoments() {
	f.begin("layerNormMoments", "stores three numbers: the mean of a row of n > 0 elements, what that lacks, and 1/√(variance + eps).", asm.Args("stats ptr, x ptr, n int, eps float32"), "R0", "R1", "R4", "F16")
	f.moments()
	for i, r := range []int{normMean, normFix, normInv} {
		f.op("str s%d, [x0, #%d]", r, 4*i)
	}
	f.end()
}

// moments computes the statistics of the row of R4 elements at R1. The mean is corrected by
// the mean of the deviations from it, so that a large mean costs no digits.
func (f *file) moments() {
	f.op("scvtf s%d, x4", normN)
	f.rowMask("R4", "R7", normMask)
	f.zeros(0, 4)
	f.pass(4, func(v int, full bool) { f.op("fadd v%d.4s, v%d.4s, v%d.4s", v, v, normX) })
	f.meanOf(0)
	f.op("dup v%d.4s, v0.s[0]", normMean)

	f.zeros(0, 8)
	f.pass(4, func(v int, full bool) {
		f.op("fsub v%d.4s, v%d.4s, v%d.4s", normX, normX, normMean)
		if !full {
			f.op("and v%d.16b, v%d.16b, v%d.16b", normX, normX, normMask)
		}
		f.op("fadd v%d.4s, v%d.4s, v%d.4s", v, v, normX)
		f.op("fmla v%d.4s, v%d.4s, v%d.4s", 4+v, normX, normX)
	})
	f.meanOf(0) // what the mean lacks
	f.meanOf(4)
	f.op("dup v%d.4s, v0.s[0]", normFix)
	f.op("fmsub s4, s0, s0, s4") // variance
	f.op("fadd s4, s4, s%d", normEps)
	f.op("fsqrt s4, s4")
	f.op("fmov s5, #1.0")
	f.op("fdiv s4, s5, s4")
	f.op("dup v%d.4s, v4.s[0]", normInv)
}

// pass walks the row by R5, as many registers at a time, and counts in R6: body works on
// register v of them, in V<normX>.
func (f *file) pass(several int, body func(v int, full bool)) {
	f.op("MOVD R1, R5")
	f.op("MOVD R4, R6")
	f.unrolled("R6", several, func(v int, full bool) {
		f.in(full, "R5", "R6", normX)
		body(v, full)
	})
}

// meanOf is the sum of V<r> to V<r+3> through n, in the lowest lane of V<r>.
func (f *file) meanOf(r int) {
	f.total(r)
	f.op("fdiv s%d, s%d, s%d", r, r, normN)
}

// deviation makes deviations from the mean of V<normX>.
func (f *file) deviation() {
	f.op("fsub v%d.4s, v%d.4s, v%d.4s", normX, normX, normMean)
	f.op("fsub v%d.4s, v%d.4s, v%d.4s", normX, normX, normFix)
}

// total is the sum of V<r> to V<r+3>, in the lowest lane of V<r>.
func (f *file) total(r int) {
	for _, p := range [][2]int{{0, 1}, {2, 3}, {0, 2}} {
		f.op("fadd v%d.4s, v%d.4s, v%d.4s", r+p[0], r+p[0], r+p[1])
	}
	f.op("faddp v%d.4s, v%d.4s, v%d.4s", r, r, r)
	f.op("faddp s%d, v%d.2s", r, r)
}

// zeros clears n registers from V<r> on.
func (f *file) zeros(r, n int) {
	for i := range n {
		f.zero(r + i)
	}
}
