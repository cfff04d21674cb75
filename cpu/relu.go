package cpu

import "cradio/cpu/internal/pool"

// ReLU is y = max(x, 0), NaN for NaN. Y may be X.
type ReLU[T Float] struct{ Y, X []T }

// Check reports fields that contradict one another.
func (op *ReLU[T]) Check() error {
	c := checking("ReLU")
	c.length("Y", len(op.Y), len(op.X))
	return c.err
}

// Run computes Y.
func (op *ReLU[T]) Run(p *Pool) { p.Run(pool.Blocks(len(op.X), pool.Grain), op) }

// Do computes one piece.
func (op *ReLU[T]) Do(_, i int) {
	lo, hi := pool.Span(i, pool.Grain, len(op.X))
	y := op.Y[lo:hi]
	for j, v := range op.X[lo:hi] {
		if v <= 0 { // false for NaN
			v = 0
		}
		y[j] = v
	}
}

// ReLUGrad is dx = dy where x > 0, else 0; where x is NaN, dx is NaN. DX may be
// DY or X.
type ReLUGrad[T Float] struct{ DX, X, DY []T }

// Check reports fields that contradict one another.
func (op *ReLUGrad[T]) Check() error {
	c := checking("ReLUGrad")
	c.length("DX", len(op.DX), len(op.X))
	c.length("DY", len(op.DY), len(op.X))
	return c.err
}

// Run computes DX.
func (op *ReLUGrad[T]) Run(p *Pool) { p.Run(pool.Blocks(len(op.X), pool.Grain), op) }

// Do computes one piece.
func (op *ReLUGrad[T]) Do(_, i int) {
	lo, hi := pool.Span(i, pool.Grain, len(op.X))
	dx, dy := op.DX[lo:hi], op.DY[lo:hi]
	for j, v := range op.X[lo:hi] {
		switch {
		case v > 0:
			dx[j] = dy[j]
		case v <= 0:
			dx[j] = 0
		default:
			dx[j] = v
		}
	}
}
