package cpu

import "math"

// LayerNorm is y = (x - mean) / √(variance + ε) · weight + bias over each row,
// with the biased variance. Statistics and the affine map are float64, rounded
// once.
type LayerNorm[T Float] struct {
	Y, X         []T // (Rows, Dim)
	Weight, Bias []T // (Dim)
	Rows, Dim    int
	Tokens       int // rows of one image; 0: all belong to one image
	Eps          float64

	NarrowY *Narrow // (Rows, Dim), instead of Y; only if T is float32

	pool *Pool
}

// Check reports fields that contradict one another.
func (op *LayerNorm[T]) Check() error {
	c := checking("LayerNorm")
	c.length("X", len(op.X), op.Rows, op.Dim)
	if op.NarrowY != nil {
		if _, single := any(op).(*LayerNorm[float32]); !single {
			c.fail("NarrowY is given, want Y: only float32 is rounded")
		}
		c.narrow("NarrowY", op.NarrowY, op.Rows, op.Dim, BFloat16, Int8)
		c.least("widest - Dim", widest-op.Dim, 0)
	} else {
		c.length("Y", len(op.Y), op.Rows, op.Dim)
	}
	c.length("Weight", len(op.Weight), op.Dim)
	c.length("Bias", len(op.Bias), op.Dim)
	return c.err
}

// Run computes Y.
func (op *LayerNorm[T]) Run(p *Pool) {
	op.pool = p
	p.Run(blocks(op.Rows, perTask(op.Dim)), op)
}

// Do computes some rows.
func (op *LayerNorm[T]) Do(worker, i int) {
	lo, hi := span(i, perTask(op.Dim), op.Rows)
	if op.NarrowY != nil {
		y := op.pool.arenas[worker].memory[:op.Dim]
		for r := lo; r < hi; r++ {
			op.normalise(any(y).([]T), r)
			op.NarrowY.Set(r, y)
		}
		return
	}
	for r := lo; r < hi; r++ {
		op.normalise(op.Y[r*op.Dim:(r+1)*op.Dim], r)
	}
}

// normalise computes row r into y.
func (op *LayerNorm[T]) normalise(y []T, r int) {
	if k := kernelsFor[T](); k != nil && op.Dim > 0 && !small(ofImage(op.Rows, op.Tokens), op.Dim, normCost) {
		k.layerNorm(at(y, 0), at(op.X, r*op.Dim), at(op.Weight, 0), at(op.Bias, 0), op.Dim, float32(op.Eps))
		return
	}
	x := op.X[r*op.Dim : (r+1)*op.Dim]
	mean, inv := moments(x, op.Eps)
	w, b := op.Weight[:len(x)], op.Bias[:len(x)]
	for j, v := range x {
		y[j] = T((float64(v)-mean)*inv*float64(w[j]) + float64(b[j]))
	}
}

// moments is the mean of x and 1/√(variance + eps).
func moments[T Float](x []T, eps float64) (mean, inv float64) {
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
