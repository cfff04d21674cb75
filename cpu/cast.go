package cpu

import "cradio/cpu/internal/pool"

// Cast converts X to another type. A narrower type is rounded to nearest even.
type Cast[To, From Float] struct {
	Y []To
	X []From
}

// Check reports fields that contradict one another.
func (op *Cast[To, From]) Check() error {
	c := checking("Cast")
	c.length("Y", len(op.Y), len(op.X))
	return c.err
}

// Run computes Y.
func (op *Cast[To, From]) Run(p *Pool) { p.Run(pool.Blocks(len(op.X), pool.Grain), op) }

// Do computes one piece.
func (op *Cast[To, From]) Do(_, i int) {
	lo, hi := pool.Span(i, pool.Grain, len(op.X))
	y := op.Y[lo:hi]
	for j, v := range op.X[lo:hi] {
		y[j] = To(v)
	}
}
