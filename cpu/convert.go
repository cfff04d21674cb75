package cpu

import (
	"cradio/cpu/internal/form"
	"cradio/cpu/internal/pool"
)

// Convert makes activations in low precision of float32, or of activations in another form.
type Convert struct {
	Y    *Activations // (Rows, Cols)
	X    []float32    // (Rows, Cols), or nil:
	LowX *Activations // (Rows, Cols)

	pool *pool.Pool
}

// Check reports fields that contradict one another.
func (op *Convert) Check() error {
	c := checking("Convert")
	if op.Y == nil {
		c.fail("Y is nil, want a matrix")
		return c.err
	}
	c.activations("Y", op.Y, op.Y.Rows, op.Y.Cols, BFloat16, Int8)
	c.least("Y.Cols", widest-op.Y.Cols, 0)
	if op.LowX != nil {
		c.activations("LowX", op.LowX, op.Y.Rows, op.Y.Cols, BFloat16, Int8)
	} else {
		c.length("X", len(op.X), op.Y.Rows, op.Y.Cols)
	}
	return c.err
}

// widest is how many columns Activations may have: a row of them must fit in a worker's
// memory as float32.
const widest = pool.ArenaSize / 2

// Run computes Y.
func (op *Convert) Run(p *Pool) {
	op.pool = p.threads
	p.Run(pool.Blocks(op.Y.Rows, pool.PerTask(op.Y.Cols)), op)
}

// Do converts some rows.
func (op *Convert) Do(worker, i int) {
	cols := op.Y.Cols
	lo, hi := pool.Span(i, pool.PerTask(cols), op.Y.Rows)
	for r := lo; r < hi; r++ {
		if op.LowX == nil {
			form.SetRow(op.pool.Table(), op.Y, r, op.X[r*cols:(r+1)*cols])
			continue
		}
		x := op.pool.Memory(worker)[:cols]
		form.GetRow(op.pool.Table(), op.LowX, r, 0, x)
		form.SetRow(op.pool.Table(), op.Y, r, x)
	}
}
