package cpu

import (
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// BinaryOp is an arithmetic operation of two operands.
type BinaryOp int

// The operations of Binary.
const (
	Add BinaryOp = kernel.Add
	Sub BinaryOp = kernel.Sub
	Mul BinaryOp = kernel.Mul
	Div BinaryOp = kernel.Div
)

func (o BinaryOp) String() string {
	if o < Add || o > Div {
		return "?"
	}
	return [...]string{"+", "-", "·", "/"}[o]
}

// Binary is Y[i] = A[i] op B[i mod len(B)]. B has A's size, or is repeated, such as a
// bias, a LayerScale or a scalar. Y may be A. Y may be B if B is not repeated.
type Binary[T Float] struct {
	Y, A, B []T
	Op      BinaryOp

	table *kernel.Table
}

// Check reports fields that contradict one another.
func (op *Binary[T]) Check() error {
	c := checking("Binary")
	if op.Op < Add || op.Op > Div {
		c.fail("Op is %d, want Add, Sub, Mul or Div", int(op.Op))
	}
	c.length("Y", len(op.Y), len(op.A))
	if len(op.B) == 0 && len(op.A) > 0 || len(op.B) > 0 && len(op.A)%len(op.B) != 0 {
		c.fail("A has %d elements, want a multiple of B's %d", len(op.A), len(op.B))
	}
	return c.err
}

// Run computes Y.
func (op *Binary[T]) Run(p *Pool) {
	op.table = tableFor[T](p)
	p.Run(pool.Blocks(len(op.A), pool.Grain), op)
}

// Do computes one piece, as runs that end where B does.
func (op *Binary[T]) Do(_, i int) {
	lo, hi := pool.Span(i, pool.Grain, len(op.A))
	for lo < hi {
		at := lo % len(op.B)
		n := min(hi-lo, len(op.B)-at)
		combine(op.table, op.Op, op.Y[lo:lo+n], op.A[lo:lo+n], op.B[at:at+n])
		lo += n
	}
}

// combine computes y[i] = a[i] op b[i] for all of y, with a table's kernel if there is one.
func combine[T Float](k *kernel.Table, op BinaryOp, y, a, b []T) {
	if k == nil || len(y) == 0 {
		kernel.Binary(int(op), y, a, b)
		return
	}
	k.Binary[op](kernel.At(y, 0), kernel.At(a, 0), kernel.At(b, 0), len(y))
}
