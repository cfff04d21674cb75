package kernel

import (
	"math"
	"unsafe"
)

// GELU is x/2 + |x|·(Φ(|x|) - ½), where Φ(a) - ½ comes from a table of cubic polynomials, with
// an absolute error of 4e-9. That takes a fraction of the time of a quotient of polynomials and
// an exponential.

const (
	geluStep = 32 // pieces of 1
	geluEnd  = 8  // from here on Φ is 1
)

// normalPieces are the coefficients of Φ(a) - ½ in powers of a·geluStep - i, that meet it and
// its derivative at both ends.
var normalPieces = func() (pieces [geluStep * geluEnd][4]float64) {
	at := func(i int) (value, slope float64) {
		a := float64(i) / geluStep
		return 0.5 * math.Erf(a/math.Sqrt2), math.Exp(-a*a/2) / math.Sqrt(2*math.Pi) / geluStep
	}
	for i := range pieces {
		p, dp := at(i)
		q, dq := at(i + 1)
		pieces[i] = [4]float64{p, dp, 3*(q-p) - 2*dp - dq, 2*(p-q) + dp + dq}
	}
	return pieces
}()

// geluOf is x·Φ(x).
func geluOf(v float32) float32 {
	x := float64(v)
	a := math.Abs(x)
	if !(a < geluEnd) {
		if v < 0 {
			return 0 * v // -Inf becomes NaN, as Φ is zero there
		}
		return v // or NaN
	}
	a *= geluStep
	i := int(a)
	c, f := &normalPieces[uint(i)%uint(len(normalPieces))], a-float64(i)
	return float32(0.5*x + a*(1./geluStep)*(((c[3]*f+c[2])*f+c[1])*f+c[0]))
}

func portableGELU(y, x unsafe.Pointer, n int) {
	to := floats(y, n)
	for i, v := range floats(x, n) {
		to[i] = geluOf(v)
	}
}
