package cpu

import "cradio/cpu/internal/pool"

// Join puts the columns of several matrices of Rows rows beside each other.
type Join[T Float] struct {
	Y      []T   // (Rows, ΣWidths)
	X      [][]T // (Rows, Widths[i])
	Widths []int
	Rows   int
}

// Check reports fields that contradict one another.
func (op *Join[T]) Check() error {
	c := checking("Join")
	if len(op.X) != len(op.Widths) {
		c.fail("X has %d matrices and Widths %d, want as many", len(op.X), len(op.Widths))
		return c.err
	}
	for i, x := range op.X {
		c.least("Widths", op.Widths[i], 0)
		c.length("X", len(x), op.Rows, op.Widths[i])
	}
	if c.err == nil {
		c.length("Y", len(op.Y), op.Rows, op.dim())
	}
	return c.err
}

// dim is the width of Y.
func (op *Join[T]) dim() (n int) {
	for _, w := range op.Widths {
		n += w
	}
	return n
}

// Run computes Y.
func (op *Join[T]) Run(p *Pool) { p.Run(pool.Blocks(op.Rows, pool.PerTask(op.dim())), op) }

// Do copies some rows.
func (op *Join[T]) Do(_, i int) {
	dim := op.dim()
	lo, hi := pool.Span(i, pool.PerTask(dim), op.Rows)
	for r := lo; r < hi; r++ {
		y := op.Y[r*dim:][:dim]
		for j, w := range op.Widths {
			copy(y[:w], op.X[j][r*w:])
			y = y[w:]
		}
	}
}

// Columns copies columns From up to To of X to Y.
type Columns[T Float] struct {
	Y, X      []T // (Rows, To-From), (Rows, Dim)
	Rows, Dim int
	From, To  int
	Inverse   bool // copies from Y to X, whose other columns become 0
}

// Check reports fields that contradict one another.
func (op *Columns[T]) Check() error {
	c := checking("Columns")
	if op.From < 0 || op.To < op.From || op.To > op.Dim {
		c.fail("From and To are %d and %d, want columns of %d", op.From, op.To, op.Dim)
	}
	c.length("X", len(op.X), op.Rows, op.Dim)
	c.length("Y", len(op.Y), op.Rows, op.To-op.From)
	return c.err
}

// Run copies.
func (op *Columns[T]) Run(p *Pool) { p.Run(pool.Blocks(op.Rows, pool.PerTask(op.Dim)), op) }

// Do copies some rows.
func (op *Columns[T]) Do(_, i int) {
	lo, hi := pool.Span(i, pool.PerTask(op.Dim), op.Rows)
	n := op.To - op.From
	for r := lo; r < hi; r++ {
		x, y := op.X[r*op.Dim:][:op.Dim], op.Y[r*n:][:n]
		if !op.Inverse {
			copy(y, x[op.From:])
			continue
		}
		clear(x[:op.From])
		copy(x[op.From:], y)
		clear(x[op.To:])
	}
}
