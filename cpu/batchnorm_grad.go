package cpu

import "cradio/cpu/internal/pool"

// BatchNormGrad is the derivative of BatchNorm with respect to x. In inference it is dy·weight·inv; in
// training, with x̂ = (x - mean)·inv, it is weight·inv·(dy - mean(dy) - x̂·mean(dy·x̂)).
type BatchNormGrad[T Float] struct {
	DX, DY    []T // (Rows, Dim)
	X         []T // (Rows, Dim), in training
	Weight    []T // (Dim), or nil
	Variance  []T // (Dim), in inference
	Rows, Dim int
	Eps       float64
}

// Check reports fields that contradict one another.
func (op *BatchNormGrad[T]) Check() error {
	c := checking("BatchNormGrad")
	c.length("DX", len(op.DX), op.Rows, op.Dim)
	c.length("DY", len(op.DY), op.Rows, op.Dim)
	if op.Variance == nil {
		c.length("X", len(op.X), op.Rows, op.Dim)
	} else {
		c.length("Variance", len(op.Variance), op.Dim)
	}
	if op.Weight != nil {
		c.length("Weight", len(op.Weight), op.Dim)
	}
	return c.err
}

// Run computes DX.
func (op *BatchNormGrad[T]) Run(p *Pool) { p.Run(pool.Blocks(op.Dim, strip), op) }

// Do computes a strip of DX.
func (op *BatchNormGrad[T]) Do(_, i int) {
	lo, hi := pool.Span(i, strip, op.Dim)
	var s columnStats
	columnsOf(&s, op.X, op.Variance, op.Variance, op.Rows, op.Dim, lo, hi, op.Eps)
	var factor, g1, gx [strip]float64
	if op.Variance == nil {
		for r := range op.Rows {
			x := op.X[r*op.Dim+lo : r*op.Dim+hi]
			for j, v := range op.DY[r*op.Dim+lo : r*op.Dim+hi] {
				g1[j] += float64(v)
				gx[j] += float64(v) * (float64(x[j]) - s.mean[j])
			}
		}
	}
	for j := range hi - lo {
		factor[j] = s.inv[j]
		if op.Weight != nil {
			factor[j] *= float64(op.Weight[lo+j])
		}
		g1[j] /= float64(op.Rows)
		gx[j] *= s.inv[j] * s.inv[j] / float64(op.Rows)
	}
	for r := range op.Rows {
		dx, dy := op.DX[r*op.Dim+lo:r*op.Dim+hi], op.DY[r*op.Dim+lo:r*op.Dim+hi]
		if op.Variance != nil {
			for j, v := range dy {
				dx[j] = T(factor[j] * float64(v))
			}
			continue
		}
		for j, v := range op.X[r*op.Dim+lo : r*op.Dim+hi] {
			dx[j] = T(factor[j] * (float64(dy[j]) - g1[j] - (float64(v)-s.mean[j])*gx[j]))
		}
	}
}

// BatchNormGradWeight is the derivative of BatchNorm with respect to its weight: the sum over rows of
// dy·x̂. (With respect to its bias it is SumRows of dy.)
type BatchNormGradWeight[T Float] struct {
	DW             []T // (Dim)
	X, DY          []T // (Rows, Dim)
	Mean, Variance []T // (Dim), in inference
	Rows, Dim      int
	Eps            float64
}

// Check reports fields that contradict one another.
func (op *BatchNormGradWeight[T]) Check() error {
	c := checking("BatchNormGradWeight")
	c.length("DW", len(op.DW), op.Dim)
	c.length("X", len(op.X), op.Rows, op.Dim)
	c.length("DY", len(op.DY), op.Rows, op.Dim)
	c.columns(op.Dim, len(op.Mean), len(op.Variance))
	return c.err
}

// Run computes DW.
func (op *BatchNormGradWeight[T]) Run(p *Pool) { p.Run(pool.Blocks(op.Dim, strip), op) }

// Do computes a strip of DW.
func (op *BatchNormGradWeight[T]) Do(_, i int) {
	lo, hi := pool.Span(i, strip, op.Dim)
	var s columnStats
	columnsOf(&s, op.X, op.Mean, op.Variance, op.Rows, op.Dim, lo, hi, op.Eps)
	var acc [strip]float64
	for r := range op.Rows {
		dy := op.DY[r*op.Dim+lo : r*op.Dim+hi]
		for j, v := range op.X[r*op.Dim+lo : r*op.Dim+hi] {
			acc[j] += float64(dy[j]) * (float64(v) - s.mean[j])
		}
	}
	for j := range hi - lo {
		op.DW[lo+j] = T(acc[j] * s.inv[j])
	}
}
