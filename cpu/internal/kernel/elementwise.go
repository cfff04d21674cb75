package kernel

import "math"

// Float is the element type of operations.
type Float interface{ float32 | float64 }

// The operations of Binary, in the order of package cpu.
const (
	Add = iota
	Sub
	Mul
	Div
)

// Binary computes y[i] = a[i] op b[i] for all of y.
func Binary[T Float](op int, y, a, b []T) {
	a, b = a[:len(y)], b[:len(y)]
	switch op {
	case Add:
		for i := range y {
			y[i] = a[i] + b[i]
		}
	case Sub:
		for i := range y {
			y[i] = a[i] - b[i]
		}
	case Mul:
		for i := range y {
			y[i] = a[i] * b[i]
		}
	case Div:
		for i := range y {
			y[i] = a[i] / b[i]
		}
	}
}

// NormalizeRow computes y = (x - mean) / std.
func NormalizeRow[T Float](y, x []T, mean, std T) {
	y = y[:len(x)]
	for i, v := range x {
		y[i] = (v - mean) / std
	}
}

// Blend computes y = (a·w[0] + b·w[1])·w[2] + (c·w[0] + d·w[1])·w[3] in float64. Conversions
// forbid fused multiply-adds, so that the bits are the same on every machine.
func Blend[T Float](y, a, b, c, d []T, w [4]float64) {
	for n := range y {
		top := float64(float64(a[n])*w[0]) + float64(float64(b[n])*w[1])
		low := float64(float64(c[n])*w[0]) + float64(float64(d[n])*w[1])
		y[n] = T(float64(top*w[2]) + float64(low*w[3]))
	}
}

// GELU is x·Φ(x) with the exact Φ(x) = ½·erfc(-x/√2).
func GELU(x float64) float64 { return 0.5 * x * math.Erfc(-x/math.Sqrt2) }

// GELUs computes y = gelu(x); y may be x.
func GELUs[T Float](y, x []T) {
	for i, v := range x {
		y[i] = T(GELU(float64(v)))
	}
}

// GELUGrads computes dx = dy·(Φ(x) + x·φ(x)), φ being the density of the standard normal
// distribution; dx may be dy or x.
func GELUGrads[T Float](dx, x, dy []T) {
	for i, v := range x {
		x := float64(v)
		density := math.Exp(-x*x/2) / math.Sqrt(2*math.Pi)
		dx[i] = T(float64(dy[i]) * (0.5*math.Erfc(-x/math.Sqrt2) + x*density))
	}
}

// LayerNorm computes y = (x - mean) / √(variance + eps) · weight + bias for one row, in
// float64, rounded once.
func LayerNorm[T Float](y, x, weight, bias []T, eps float64) {
	mean, inv := Moments(x, eps)
	w, b := weight[:len(x)], bias[:len(x)]
	for j, v := range x {
		y[j] = T((float64(v)-mean)*inv*float64(w[j]) + float64(b[j]))
	}
}

// LayerNormGrad is the derivative of LayerNorm with respect to one row x, in float64,
// rounded once: inv·(g - mean(g) - x̂·mean(g·x̂)) with g = dy·weight.
func LayerNormGrad[T Float](dx, x, weight, dy []T, eps float64) {
	mean, inv := Moments(x, eps)
	w, dy := weight[:len(x)], dy[:len(x)]
	var g1, gx float64
	for j, v := range x {
		g := float64(dy[j]) * float64(w[j])
		g1 += g
		gx += g * (float64(v) - mean) * inv
	}
	g1 /= float64(len(x))
	gx /= float64(len(x))
	for j, v := range x {
		g := float64(dy[j]) * float64(w[j])
		dx[j] = T(inv * (g - g1 - (float64(v)-mean)*inv*gx))
	}
}

// Moments is the mean of x and 1/√(variance + eps), of the biased variance.
func Moments[T Float](x []T, eps float64) (mean, inv float64) {
	n := float64(len(x))
	mean = sum4(x, 0, false) / n
	return mean, 1 / math.Sqrt(sum4(x, mean, true)/n+eps)
}

// sum4 adds x, or the squares of x - mean, in four interleaved sums.
func sum4[T Float](x []T, mean float64, square bool) float64 {
	var s [4]float64
	for len(x) >= 4 {
		a, b, c, d := float64(x[0])-mean, float64(x[1])-mean, float64(x[2])-mean, float64(x[3])-mean
		if square {
			a, b, c, d = a*a, b*b, c*c, d*d
		}
		s[0] += a
		s[1] += b
		s[2] += c
		s[3] += d
		x = x[4:]
	}
	for i, v := range x {
		a := float64(v) - mean
		if square {
			a *= a
		}
		s[i] += a
	}
	return (s[0] + s[1]) + (s[2] + s[3])
}
