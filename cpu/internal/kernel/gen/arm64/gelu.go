package arm64

import (
	"cradio/cpu/internal/kernel/gen/asm"
	"cradio/cpu/internal/kernel/gen/numeric"
)

// gelu is the elementwise kernel.
func (f *file) gelu() {
	f.begin("gelu", "computes y = gelu(x) for n > 0 elements; y may be x.", asm.Args("y ptr, x ptr, n int"), "R0", "R1", "R2")
	f.keep(16)
	f.each("R2", func(full bool) {
		f.in(full, "R1", "R2", 0)
		f.geluOf(0, [6]int{1, 2, 3, 4, 5, 6})
		f.out(full, 0, "R0", "R2")
	})
	f.end()
}

// geluGrad is the elementwise kernel of the derivative.
func (f *file) geluGrad() {
	f.begin("geluGrad", "computes dx = dy·gelu'(x) for n > 0 elements; dx may be x or dy.", asm.Args("dx ptr, x ptr, dy ptr, n int"), "R0", "R1", "R2", "R3")
	f.keep(16)
	f.each("R3", func(full bool) {
		f.in(full, "R1", "R3", 0)
		f.in(full, "R2", "R3", 7)
		f.geluGradOf(0, [6]int{1, 2, 3, 4, 5, 6})
		f.op("fmul v0.4s, v2.4s, v7.4s")
		f.out(full, 0, "R0", "R3")
	})
	f.end()
}

// geluGradOf computes the derivative of gelu at V<x> into V<t[1]>; the registers t, all
// different, are clobbered.
//
// With a = |x| the derivative is D(a) for x < 0 and 1 - D(a) else, where
//
//	D(a) = Q(a) - a·φ(a) = exp(-a²/2)·(R(a) - a/√(2π))
//
// and Q and R are those of numeric.GELUTop. Like the definition it is NaN where x is
// infinite.
func (f *file) geluGradOf(x int, t [6]int) {
	a, d, n, p, r, u := t[0], t[1], t[2], t[3], t[4], t[5]
	f.op("fabs v%d.4s, v%d.4s", a, x)
	f.op("fmin v%d.4s, v%d.4s, v%d.4s", a, a, f.c(numeric.GELUFar)) // the polynomials must not overflow
	f.op("fmul v%d.4s, v%d.4s, v%d.4s", r, a, a)
	f.op("fmul v%d.4s, v%d.4s, v%d.4s", r, r, f.c(-numeric.Log2e/2))
	f.exp2(numeric.Exp6, r, n, p, u)
	f.polynomial(numeric.GELUTop, a, d, u)
	f.polynomial(numeric.GELUBottom, a, n, u)
	f.op("fdiv v%d.4s, v%d.4s, v%d.4s", d, d, n)
	f.op("fmls v%d.4s, v%d.4s, v%d.4s", d, a, f.c(numeric.Density))
	f.op("fmul v%d.4s, v%d.4s, v%d.4s", d, d, p)
	f.op("sshr v%d.4s, v%d.4s, #31", n, x) // all ones where x is negative
	f.op("bic v%d.16b, v%d.16b, v%d.16b", u, f.c(1), n)
	f.op("fneg v%d.4s, v%d.4s", p, d)
	f.op("bif v%d.16b, v%d.16b, v%d.16b", d, p, n)
	f.op("fadd v%d.4s, v%d.4s, v%d.4s", d, d, u)
	f.op("fsub v%d.4s, v%d.4s, v%d.4s", n, x, x) // 0, or NaN
	f.op("fadd v%d.4s, v%d.4s, v%d.4s", d, d, n)
}

// sigmoidGELU is the elementwise kernel.
func (f *file) sigmoidGELU() {
	f.begin("sigmoidGELU", "computes y = x·σ(slope·x + cubic·x³) for n > 0 elements; y may be x.", asm.Args("y ptr, x ptr, n int, slope float32, cubic float32"), "R0", "R1", "R2", "F8", "F9")
	f.keep(16)
	for _, r := range []int{8, 9} {
		f.op("dup v%d.4s, v%d.s[0]", r, r)
	}
	f.each("R2", func(full bool) {
		f.in(full, "R1", "R2", 0)
		f.sigmoidGELUOf(0, 8, 9, [5]int{1, 2, 3, 4, 5})
		f.out(full, 0, "R0", "R2")
	})
	f.end()
}

// sigmoidGELUOf computes x·σ(u), u = x·(slope + cubic·x²), of V<x> into V<x>; the registers t,
// all different, are clobbered. V<slope> and V<cubic> hold the coefficients.
//
// Both coefficients are at least 0. With e = exp(-|u|), σ(u) is 1/(1+e), and e/(1+e) where x
// is negative. So nothing cancels, and e cannot overflow.
func (f *file) sigmoidGELUOf(x, slope, cubic int, t [5]int) {
	u, e, n, p, s := t[0], t[1], t[2], t[3], t[4]
	f.op("fabs v%d.4s, v%d.4s", e, x)
	f.op("fmin v%d.4s, v%d.4s, v%d.4s", e, e, f.c(1000)) // x² must not overflow
	f.op("fmul v%d.4s, v%d.4s, v%d.4s", u, e, e)
	f.op("mov v%d.16b, v%d.16b", s, slope)
	f.op("fmla v%d.4s, v%d.4s, v%d.4s", s, cubic, u) // slope + cubic·x²
	f.op("fmul v%d.4s, v%d.4s, v%d.4s", e, e, s)
	f.op("fmin v%d.4s, v%d.4s, v%d.4s", e, e, f.c(87)) // nor may the exponent
	f.op("fmul v%d.4s, v%d.4s, v%d.4s", e, e, f.c(-numeric.Log2e))
	f.exp2(numeric.Exp6, e, n, p, u)
	one := f.c(1)
	f.op("fadd v%d.4s, v%d.4s, v%d.4s", n, p, one) // 1 + e
	f.op("sshr v%d.4s, v%d.4s, #31", u, x)         // all ones where x is negative
	f.op("bif v%d.16b, v%d.16b, v%d.16b", p, one, u)
	f.op("fdiv v%d.4s, v%d.4s, v%d.4s", p, p, n)
	f.op("fmul v%d.4s, v%d.4s, v%d.4s", x, p, x)
}
