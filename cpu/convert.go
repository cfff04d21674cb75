package cpu

import (
	"cradio/cpu/internal/form"
	"cradio/cpu/internal/pool"
)

// Convert rounds activations to a narrow precision, from float32 or from another.
type Convert struct {
	Y       *Narrow   // (Rows, Cols)
	X       []float32 // (Rows, Cols), or nil:
	NarrowX *Narrow   // (Rows, Cols)

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
	if op.NarrowX != nil {
		c.activations("NarrowX", op.NarrowX, op.Y.Rows, op.Y.Cols, BFloat16, Int8)
	} else {
		c.length("X", len(op.X), op.Y.Rows, op.Y.Cols)
	}
	return c.err
}

// widest is how many columns a narrow row may have: it is widened in the arena.
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
		if op.NarrowX == nil {
			form.SetRow(op.pool.Table(), op.Y, r, op.X[r*cols:(r+1)*cols])
			continue
		}
		x := op.pool.Memory(worker)[:cols]
		form.GetRow(op.pool.Table(), op.NarrowX, r, 0, x)
		form.SetRow(op.pool.Table(), op.Y, r, x)
	}
}
