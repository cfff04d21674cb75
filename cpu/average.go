package cpu

import "cradio/cpu/internal/pool"

// Average is Y = Y + (X - Y)·Rate[0], a step of an exponential moving average, in float64.
type Average[T Float] struct {
	Y    []T // written
	X    []T
	Rate []T // one number
}

// Check reports fields that contradict one another.
func (op *Average[T]) Check() error {
	c := checking("Average")
	c.length("X", len(op.X), len(op.Y))
	c.length("Rate", len(op.Rate), 1)
	return c.err
}

// Run makes the step.
func (op *Average[T]) Run(p *Pool) { p.Run(pool.Blocks(len(op.Y), pool.Grain), op) }

// Do makes the step of one piece.
func (op *Average[T]) Do(_, i int) {
	lo, hi := pool.Span(i, pool.Grain, len(op.Y))
	y, r := op.Y[lo:hi], float64(op.Rate[0])
	for j, x := range op.X[lo:hi] {
		old := float64(y[j])
		y[j] = T(old + (float64(x)-old)*r)
	}
}

// Accumulate is Y = Keep[0]·Y + Factor[0]·X, in float64. With a Keep of 0 the old Y does not
// count, whatever it is.
type Accumulate[T Float] struct {
	Y            []T // written
	X            []T
	Keep, Factor []T // one number each
}

// Check reports fields that contradict one another.
func (op *Accumulate[T]) Check() error {
	c := checking("Accumulate")
	c.length("X", len(op.X), len(op.Y))
	c.length("Keep", len(op.Keep), 1)
	c.length("Factor", len(op.Factor), 1)
	return c.err
}

// Run adds.
func (op *Accumulate[T]) Run(p *Pool) { p.Run(pool.Blocks(len(op.Y), pool.Grain), op) }

// Do adds one piece.
func (op *Accumulate[T]) Do(_, i int) {
	lo, hi := pool.Span(i, pool.Grain, len(op.Y))
	y, keep, factor := op.Y[lo:hi], float64(op.Keep[0]), float64(op.Factor[0])
	if keep == 0 {
		for j, x := range op.X[lo:hi] {
			y[j] = T(factor * float64(x))
		}
		return
	}
	for j, x := range op.X[lo:hi] {
		y[j] = T(keep*float64(y[j]) + factor*float64(x))
	}
}
