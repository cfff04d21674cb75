package cpu

import "cradio/cpu/internal/pool"

// strip is how many columns a task sums at a time: a few cache lines a row.
const strip = 64

// SumRows is Y (Dim) = the sum over the rows of X, in float64. It is also the gradient of
// an operand that was repeated with period Dim, such as a bias or prefix tokens.
type SumRows[T Float] struct {
	Y, X      []T // (Dim), (Rows, Dim)
	Rows, Dim int
}

// Check reports fields that contradict one another.
func (op *SumRows[T]) Check() error {
	c := checking("SumRows")
	c.length("X", len(op.X), op.Rows, op.Dim)
	c.length("Y", len(op.Y), op.Dim)
	return c.err
}

// Run computes Y.
func (op *SumRows[T]) Run(p *Pool) { p.Run(pool.Blocks(op.Dim, strip), op) }

// Do computes a strip of Y.
func (op *SumRows[T]) Do(_, i int) {
	lo, hi := pool.Span(i, strip, op.Dim)
	var acc [strip]float64
	for r := range op.Rows {
		for j, v := range op.X[r*op.Dim+lo : r*op.Dim+hi] {
			acc[j] += float64(v)
		}
	}
	for j := range op.Y[lo:hi] {
		op.Y[lo+j] = T(acc[j])
	}
}

// SumRowsMul is Y (Dim) = the sum over rows of A·B, in float64: the gradient of
// a factor that was repeated with period Dim, such as LayerScale's.
type SumRowsMul[T Float] struct {
	Y, A, B   []T // (Dim), (Rows, Dim), (Rows, Dim)
	Rows, Dim int
}

// Check reports fields that contradict one another.
func (op *SumRowsMul[T]) Check() error {
	c := checking("SumRowsMul")
	c.length("A", len(op.A), op.Rows, op.Dim)
	c.length("B", len(op.B), op.Rows, op.Dim)
	c.length("Y", len(op.Y), op.Dim)
	return c.err
}

// Run computes Y.
func (op *SumRowsMul[T]) Run(p *Pool) { p.Run(pool.Blocks(op.Dim, strip), op) }

// Do computes a strip of Y.
func (op *SumRowsMul[T]) Do(_, i int) {
	lo, hi := pool.Span(i, strip, op.Dim)
	var acc [strip]float64
	for r := range op.Rows {
		b := op.B[r*op.Dim+lo : r*op.Dim+hi]
		for j, v := range op.A[r*op.Dim+lo : r*op.Dim+hi] {
			acc[j] += float64(v) * float64(b[j])
		}
	}
	for j := range op.Y[lo:hi] {
		op.Y[lo+j] = T(acc[j])
	}
}
