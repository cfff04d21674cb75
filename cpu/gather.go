package cpu

import "cradio/cpu/internal/pool"

// Gather selects rows. In each batch, row i of Y is row Index[i] of X, or zeros if
// Index[i] is -1.
type Gather[T Float] struct {
	Y                           []T     // (Batch, OutRows, Dim)
	X                           []T     // (Batch, InRows, Dim)
	Index                       []int32 // (OutRows), each in [-1, InRows)
	Batch, InRows, OutRows, Dim int
}

// Check reports fields that contradict one another.
func (op *Gather[T]) Check() error {
	c := checking("Gather")
	c.length("X", len(op.X), op.Batch, op.InRows, op.Dim)
	c.length("Y", len(op.Y), op.Batch, op.OutRows, op.Dim)
	c.index(op.Index, op.OutRows, op.InRows)
	return c.err
}

func (c *checker) index(index []int32, n, limit int) {
	c.length("Index", len(index), n)
	for i, v := range index {
		if int(v) < -1 || int(v) >= limit {
			c.fail("Index[%d] is %d, want -1 or a row below InRows = %d", i, v, limit)
			return
		}
	}
}

// Run computes Y.
func (op *Gather[T]) Run(p *Pool) { p.Run(op.Batch*pool.Blocks(op.OutRows, pool.PerTask(op.Dim)), op) }

// Do copies some rows of one batch.
func (op *Gather[T]) Do(_, i int) {
	n := pool.Blocks(op.OutRows, pool.PerTask(op.Dim))
	lo, hi := pool.Span(i%n, pool.PerTask(op.Dim), op.OutRows)
	x := op.X[i/n*op.InRows*op.Dim:]
	y := op.Y[i/n*op.OutRows*op.Dim:]
	for r := lo; r < hi; r++ {
		row := y[r*op.Dim : (r+1)*op.Dim]
		if from := int(op.Index[r]); from < 0 {
			clear(row)
		} else {
			copy(row, x[from*op.Dim:])
		}
	}
}

// Scatter is the derivative of Gather with respect to X: row j of DX is the sum of the rows i
// of DY that have Index[i] = j, in the order of i.
type Scatter[T Float] struct {
	DX                          []T     // (Batch, InRows, Dim)
	DY                          []T     // (Batch, OutRows, Dim)
	Index                       []int32 // (OutRows), each in [-1, InRows)
	Batch, InRows, OutRows, Dim int
}

// Check reports fields that contradict one another.
func (op *Scatter[T]) Check() error {
	c := checking("Scatter")
	c.length("DX", len(op.DX), op.Batch, op.InRows, op.Dim)
	c.length("DY", len(op.DY), op.Batch, op.OutRows, op.Dim)
	c.index(op.Index, op.OutRows, op.InRows)
	return c.err
}

// Run computes DX.
func (op *Scatter[T]) Run(p *Pool) { p.Run(op.Batch*pool.Blocks(op.InRows, pool.PerTask(op.Dim)), op) }

// Do computes some rows of DX in one batch: it owns them, so nobody else adds.
func (op *Scatter[T]) Do(_, i int) {
	n := pool.Blocks(op.InRows, pool.PerTask(op.Dim))
	lo, hi := pool.Span(i%n, pool.PerTask(op.Dim), op.InRows)
	dx := op.DX[i/n*op.InRows*op.Dim:]
	dy := op.DY[i/n*op.OutRows*op.Dim:]
	clear(dx[lo*op.Dim : hi*op.Dim])
	for r, v := range op.Index {
		if to := int(v); to >= lo && to < hi {
			row := dx[to*op.Dim : (to+1)*op.Dim]
			for j, g := range dy[r*op.Dim : (r+1)*op.Dim] {
				row[j] += g
			}
		}
	}
}
