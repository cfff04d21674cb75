package cpu

// Transpose is (B, R, C) -> (B, C, R).
type Transpose[T Float] struct {
	Y, X              []T
	Batch, Rows, Cols int
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
	p.Run(op.Batch*blocks(op.Cols, perTask(op.Rows)), op)
}

// Do computes some rows of Y.
func (op *Transpose[T]) Do(_, i int) {
	per := perTask(op.Rows)
	n := blocks(op.Cols, per)
	lo, hi := span(i%n, per, op.Cols)
	at := i / n * op.Rows * op.Cols
	transpose(op.Y[at+lo*op.Rows:at+hi*op.Rows], op.X[at+lo:], op.Rows, hi-lo, op.Cols)
}

// transpose writes y (n, m), dense, from the m rows of x, of n elements each, ld
// apart. It goes by squares, so that both sides stay in cache.
func transpose[T Float](y, x []T, m, n, ld int) {
	const side = 16
	for i0 := 0; i0 < m; i0 += side {
		i1 := min(i0+side, m)
		for j := range n {
			yr := y[j*m+i0 : j*m+i1]
			for i := range yr {
				yr[i] = x[(i0+i)*ld+j]
			}
		}
	}
}
