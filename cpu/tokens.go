package cpu

import "cradio/cpu/internal/pool"

// MeanTokens is the mean over the tokens of each batch entry, summed in float64.
type MeanTokens[T Float] struct {
	Y, X               []T // (Batch, Dim), (Batch, Tokens, Dim)
	Batch, Tokens, Dim int
}

// Check reports fields that contradict one another.
func (op *MeanTokens[T]) Check() error {
	c := checking("MeanTokens")
	c.least("Tokens", op.Tokens, 1)
	c.length("X", len(op.X), op.Batch, op.Tokens, op.Dim)
	c.length("Y", len(op.Y), op.Batch, op.Dim)
	return c.err
}

// Run computes Y.
func (op *MeanTokens[T]) Run(p *Pool) { p.Run(op.Batch*pool.Blocks(op.Dim, strip), op) }

// Do computes a strip of one batch entry.
func (op *MeanTokens[T]) Do(_, i int) {
	n := pool.Blocks(op.Dim, strip)
	lo, hi := pool.Span(i%n, strip, op.Dim)
	x, y := op.X[i/n*op.Tokens*op.Dim:], op.Y[i/n*op.Dim:]
	var acc [strip]float64
	for t := range op.Tokens {
		for j, v := range x[t*op.Dim+lo : t*op.Dim+hi] {
			acc[j] += float64(v)
		}
	}
	for j := range y[lo:hi] {
		y[lo+j] = T(acc[j] / float64(op.Tokens))
	}
}

// RepeatTokens is Tokens equal rows for each batch entry, X divided by Divisor.
type RepeatTokens[T Float] struct {
	Y, X               []T // (Batch, Tokens, Dim), (Batch, Dim)
	Batch, Tokens, Dim int
	Divisor            float64
}

// Check reports fields that contradict one another.
func (op *RepeatTokens[T]) Check() error {
	c := checking("RepeatTokens")
	c.length("X", len(op.X), op.Batch, op.Dim)
	c.length("Y", len(op.Y), op.Batch, op.Tokens, op.Dim)
	return c.err
}

// Run computes Y.
func (op *RepeatTokens[T]) Run(p *Pool) {
	p.Run(pool.Blocks(op.Batch*op.Tokens, pool.PerTask(op.Dim)), op)
}

// Do computes some rows.
func (op *RepeatTokens[T]) Do(_, i int) {
	lo, hi := pool.Span(i, pool.PerTask(op.Dim), op.Batch*op.Tokens)
	for r := lo; r < hi; r++ {
		x, y := op.X[r/op.Tokens*op.Dim:][:op.Dim], op.Y[r*op.Dim:][:op.Dim]
		if op.Divisor == 1 {
			copy(y, x)
			continue
		}
		for j, v := range x {
			y[j] = T(float64(v) / op.Divisor)
		}
	}
}
