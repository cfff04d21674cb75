package cpu

import (
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// LayerNormGrad is the derivative of LayerNorm with respect to x. With x̂ = (x-mean)·inv and
// g = dy·weight it is inv · (g - mean(g) - x̂·mean(g·x̂)), row by row.
type LayerNormGrad[T Float] struct {
	DX, X, DY []T // (Rows, Dim)
	Weight    []T // (Dim)
	Rows, Dim int
	Eps       float64
}

// Check reports fields that contradict one another.
func (op *LayerNormGrad[T]) Check() error {
	c := checking("LayerNormGrad")
	c.length("DX", len(op.DX), op.Rows, op.Dim)
	c.length("X", len(op.X), op.Rows, op.Dim)
	c.length("DY", len(op.DY), op.Rows, op.Dim)
	c.length("Weight", len(op.Weight), op.Dim)
	return c.err
}

// Run computes DX.
func (op *LayerNormGrad[T]) Run(p *Pool) { p.Run(pool.Blocks(op.Rows, pool.PerTask(op.Dim)), op) }

// Do computes some rows.
func (op *LayerNormGrad[T]) Do(_, i int) {
	lo, hi := pool.Span(i, pool.PerTask(op.Dim), op.Rows)
	for r := lo; r < hi; r++ {
		x := op.X[r*op.Dim : (r+1)*op.Dim]
		dy, dx, w := op.DY[r*op.Dim:][:len(x)], op.DX[r*op.Dim:][:len(x)], op.Weight[:len(x)]
		mean, inv := kernel.Moments(x, op.Eps)
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
}

// LayerNormGradWeight is the derivative of LayerNorm with respect to its weight: the
// sum over rows of dy·x̂. (With respect to its bias it is SumRows of dy.)
type LayerNormGradWeight[T Float] struct {
	DW        []T // (Dim)
	X, DY     []T // (Rows, Dim)
	Rows, Dim int
	Eps       float64

	stats [][2]float64 // mean and inv of each row; kept from run to run
}

// Check reports fields that contradict one another.
func (op *LayerNormGradWeight[T]) Check() error {
	c := checking("LayerNormGradWeight")
	c.length("DW", len(op.DW), op.Dim)
	c.length("X", len(op.X), op.Rows, op.Dim)
	c.length("DY", len(op.DY), op.Rows, op.Dim)
	return c.err
}

// Run computes DW.
func (op *LayerNormGradWeight[T]) Run(p *Pool) {
	if cap(op.stats) < op.Rows {
		op.stats = make([][2]float64, op.Rows)
	}
	op.stats = op.stats[:op.Rows]
	p.Run(pool.Blocks(op.Rows, pool.PerTask(op.Dim)), (*layerNormStats[T])(op))
	p.Run(pool.Blocks(op.Dim, strip), op)
}

type layerNormStats[T Float] LayerNormGradWeight[T]

// Do computes the statistics of some rows.
func (op *layerNormStats[T]) Do(_, i int) {
	lo, hi := pool.Span(i, pool.PerTask(op.Dim), op.Rows)
	for r := lo; r < hi; r++ {
		mean, inv := kernel.Moments(op.X[r*op.Dim:(r+1)*op.Dim], op.Eps)
		op.stats[r] = [2]float64{mean, inv}
	}
}

// Do computes a strip of DW.
func (op *LayerNormGradWeight[T]) Do(_, i int) {
	lo, hi := pool.Span(i, strip, op.Dim)
	var acc [strip]float64
	for r, st := range op.stats {
		x, dy := op.X[r*op.Dim+lo:r*op.Dim+hi], op.DY[r*op.Dim+lo:r*op.Dim+hi]
		for j, v := range x {
			acc[j] += float64(dy[j]) * (float64(v) - st[0]) * st[1]
		}
	}
	for j := range op.DW[lo:hi] {
		op.DW[lo+j] = T(acc[j])
	}
}
