package cpu

import (
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// Transpose is (B, R, C) -> (B, C, R).
type Transpose[T Float] struct {
	Y, X              []T
	Batch, Rows, Cols int

	table *kernel.Table
}

// Check reports fields that contradict one another.
func (op *Transpose[T]) Check() error {
	c := checking("Transpose")
	c.length("X", len(op.X), op.Batch, op.Rows, op.Cols)
	c.length("Y", len(op.Y), op.Batch, op.Cols, op.Rows)
	return c.err
}

// Run computes Y.
func (op *Transpose[T]) Run(p *Pool) {
	op.table = tableFor[T](p)
	p.Run(op.Batch*pool.Blocks(op.Cols, op.perTask()), op)
}

// perTask is how many rows of Y a task computes: whole squares.
func (op *Transpose[T]) perTask() int {
	const square = 16
	return pool.Blocks(pool.PerTask(op.Rows), square) * square
}

// Do computes some rows of Y.
func (op *Transpose[T]) Do(_, i int) {
	per := op.perTask()
	n := pool.Blocks(op.Cols, per)
	lo, hi := pool.Span(i%n, per, op.Cols)
	at := i / n * op.Rows * op.Cols
	kernel.Transpose(op.table, op.Y[at+lo*op.Rows:at+hi*op.Rows], op.X[at+lo:], op.Rows, hi-lo, op.Cols)
}
