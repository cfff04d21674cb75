package cpu

import "cradio/cpu/internal/pool"

// Scale is y = x·Factor, rounded once. Y may be X.
type Scale[T Float] struct {
	Y, X   []T
	Factor float64
}

// Check reports fields that contradict one another.
func (op *Scale[T]) Check() error {
	c := checking("Scale")
	c.length("Y", len(op.Y), len(op.X))
	return c.err
}

// Run computes Y.
func (op *Scale[T]) Run(p *Pool) { p.Run(pool.Blocks(len(op.X), pool.Grain), op) }

// Do computes one piece.
func (op *Scale[T]) Do(_, i int) {
	lo, hi := pool.Span(i, pool.Grain, len(op.X))
	y := op.Y[lo:hi]
	for j, v := range op.X[lo:hi] {
		y[j] = T(float64(v) * op.Factor)
	}
}
