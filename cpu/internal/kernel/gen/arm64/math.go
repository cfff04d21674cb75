package arm64

import "cradio/cpu/internal/kernel/gen/numeric"

// exp2 computes 2^V<x> into V<p>, for x ≤ 0 or a little more; V<x>, V<n> and V<t> are
// clobbered. Below -126 the result is 0; NaN gives NaN.
func (f *file) exp2(polynomial []float64, x, n, p, t int) {
	low := f.c(-127) // the exponent field of 2^-127 is 0
	f.op("fmax v%d.4s, v%d.4s, v%d.4s", x, x, low)
	f.op("frintm v%d.4s, v%d.4s", n, x)
	f.op("fsub v%d.4s, v%d.4s, v%d.4s", x, x, n)
	f.polynomial(polynomial, x, p, t)
	f.op("fsub v%d.4s, v%d.4s, v%d.4s", n, n, low)
	f.op("fcvtzu v%d.4s, v%d.4s, #23", n, n) // 2^n, and 0 of NaN
	f.op("fmul v%d.4s, v%d.4s, v%d.4s", p, p, n)
}

// polynomial computes Σ c[i]·V<x>^i into V<p>; V<t> is clobbered. Coefficients are loaded
// where they are added to: that costs less than copies of registers.
func (f *file) polynomial(c []float64, x, p, t int) {
	last := len(c) - 1
	if last%2 == 1 { // so that the last sum is in p
		p, t = t, p
	}
	f.constant(c[last], p)
	for i := last - 1; i >= 0; i-- {
		f.constant(c[i], t)
		f.op("fmla v%d.4s, v%d.4s, v%d.4s", t, p, x)
		p, t = t, p
	}
}

// geluOf computes gelu(V<x>) into V<x>; the registers t, all different, are clobbered. It
// keeps four constants.
//
// gelu(x) = max(x, 0) - |x|·Q(|x|): see numeric.GELUTop.
func (f *file) geluOf(x int, t [6]int) {
	y, a, z, n, p, u := t[0], t[1], t[2], t[3], t[4], t[5]
	far := f.c(numeric.GELUFar)
	f.op("fmin v%d.4s, v%d.4s, v%d.4s", y, x, far) // +Inf must not meet Q = 0; -Inf must
	f.op("fabs v%d.4s, v%d.4s", y, y)
	f.op("fmin v%d.4s, v%d.4s, v%d.4s", a, y, far) // the polynomials must not overflow
	f.op("fmul v%d.4s, v%d.4s, v%d.4s", z, a, a)
	f.op("fmul v%d.4s, v%d.4s, v%d.4s", z, z, f.c(-numeric.Log2e/2))
	f.exp2(numeric.Exp6, z, n, p, u)
	f.polynomial(numeric.GELUTop, a, z, u)
	f.op("fmul v%d.4s, v%d.4s, v%d.4s", p, p, z)
	f.polynomial(numeric.GELUBottom, a, z, u)
	f.op("fdiv v%d.4s, v%d.4s, v%d.4s", p, p, z) // Q
	f.zero(z)
	f.op("fmax v%d.4s, v%d.4s, v%d.4s", x, x, z)
	f.op("fmls v%d.4s, v%d.4s, v%d.4s", x, p, y)
}
