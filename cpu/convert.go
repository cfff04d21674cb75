package cpu

// Convert rounds activations to a narrow precision, from float32 or from another.
type Convert struct {
	Y       *Narrow   // (Rows, Cols)
	X       []float32 // (Rows, Cols), or nil:
	NarrowX *Narrow   // (Rows, Cols)

	pool *Pool
}

// Check reports fields that contradict one another.
func (op *Convert) Check() error {
	c := checking("Convert")
	if op.Y == nil {
		c.fail("Y is nil, want a matrix")
		return c.err
	}
	c.narrow("Y", op.Y, op.Y.Rows, op.Y.Cols, BFloat16, Int8)
	c.least("Y.Cols", widest-op.Y.Cols, 0)
	if op.NarrowX != nil {
		c.narrow("NarrowX", op.NarrowX, op.Y.Rows, op.Y.Cols, BFloat16, Int8)
	} else {
		c.length("X", len(op.X), op.Y.Rows, op.Y.Cols)
	}
	return c.err
}

// widest is how many columns a narrow row may have: it is widened in the arena.
const widest = arenaSize / 2

// Run computes Y.
func (op *Convert) Run(p *Pool) {
	op.pool = p
	p.Run(blocks(op.Y.Rows, perTask(op.Y.Cols)), op)
}

// Do converts some rows.
func (op *Convert) Do(worker, i int) {
	cols := op.Y.Cols
	lo, hi := span(i, perTask(cols), op.Y.Rows)
	for r := lo; r < hi; r++ {
		if op.NarrowX == nil {
			op.Y.Set(r, op.X[r*cols:(r+1)*cols])
			continue
		}
		x := op.pool.arenas[worker].memory[:cols]
		op.NarrowX.Get(r, 0, x)
		op.Y.Set(r, x)
	}
}
