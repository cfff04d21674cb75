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
	p.Run(op.Batch*blocks(op.Cols, op.perTask()), op)
}

// perTask is how many rows of Y a task computes: whole squares.
func (op *Transpose[T]) perTask() int { return blocks(perTask(op.Rows), square) * square }

const square = 16

// Do computes some rows of Y.
func (op *Transpose[T]) Do(_, i int) {
	per := op.perTask()
	n := blocks(op.Cols, per)
	lo, hi := span(i%n, per, op.Cols)
	at := i / n * op.Rows * op.Cols
	transpose(op.Y[at+lo*op.Rows:at+hi*op.Rows], op.X[at+lo:], op.Rows, hi-lo, op.Cols)
}

// transpose writes y (n, m), dense, from the m rows of x, of n elements each, ld
// apart. It goes by squares, so that both sides stay in cache.
func transpose[T Float](y, x []T, m, n, ld int) {
	if k := kernelsFor[T](); k != nil {
		for i := 0; i < m; i += k.lanes {
			rows := min(k.lanes, m-i)
			for j := 0; j < n; j += k.lanes {
				k.transpose(at(y, j*m+i), 4*m, at(x, i*ld+j), 4*ld, rows, min(k.lanes, n-j), rows, nil)
			}
		}
		return
	}
	for i0 := 0; i0 < m; i0 += square {
		i1 := min(i0+square, m)
		for j := range n {
			yr := y[j*m+i0 : j*m+i1]
			for i := range yr {
				yr[i] = x[(i0+i)*ld+j]
			}
		}
	}
}
