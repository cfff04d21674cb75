package index

import "math"

// length is the Euclidean length of a vector.
func length(x []float32) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum)
}

// unit divides a vector by its length. A vector of zeros stays.
func unit(x []float32) []float64 {
	y := make([]float64, len(x))
	n := length(x)
	if n == 0 {
		return y
	}
	for i, v := range x {
		y[i] = float64(v) / n
	}
	return y
}

// cosine is that of two vectors, in float64, and 0 if one has only zeros. q has length 1, or 0.
func cosine(q []float64, x []float32) float64 {
	var dots, squares [4]float64 // in several chains
	n := len(x) / 4 * 4
	q = q[:len(x)]
	for i := 0; i < n; i += 4 {
		a, b, c, d := float64(x[i]), float64(x[i+1]), float64(x[i+2]), float64(x[i+3])
		dots[0] += q[i] * a
		dots[1] += q[i+1] * b
		dots[2] += q[i+2] * c
		dots[3] += q[i+3] * d
		squares[0] += a * a
		squares[1] += b * b
		squares[2] += c * c
		squares[3] += d * d
	}
	for i := n; i < len(x); i++ {
		dots[0] += q[i] * float64(x[i])
		squares[0] += float64(x[i]) * float64(x[i])
	}
	square := squares[0] + squares[1] + squares[2] + squares[3]
	if square == 0 {
		return 0
	}
	return (dots[0] + dots[1] + dots[2] + dots[3]) / math.Sqrt(square)
}

// quantise writes the codes of a row less the mean, and returns its scale and residual.
func quantise(to []int8, row, mean []float32) (scale, residual float32) {
	y := unit(row)
	most := 0.0
	for i := range y {
		y[i] -= float64(mean[i])
		most = max(most, math.Abs(y[i]))
	}
	clear(to)
	scale = float32(most / math.MaxInt8)
	square := 0.0
	for i, v := range y {
		if scale > 0 {
			code := min(max(math.RoundToEven(v/float64(scale)), -math.MaxInt8), math.MaxInt8)
			to[i] = int8(code)
			v -= code * float64(scale)
		}
		square += v * v
	}
	return scale, float32(math.Sqrt(square)*(1+1e-6) + 1e-7) // not below it, however it is rounded
}
