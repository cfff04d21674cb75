package cpu

import (
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

const (
	strip    = 128 // columns that a task sums: some cache lines a row
	sumChain = 16  // rows that are added in float32, before float64 takes their sum

	fewSummed = 1 << 10 // elements whose sum takes no time worth saving: it is always in float64
)

// columnSums is how an operation sums columns: by a table's kernels, or if that is nil by
// the definition, in float64.
type columnSums struct {
	table *kernel.Table
	pool  *pool.Pool
}

// sumsOf is how a pool sums rows of dim elements of T.
func sumsOf[T Float](p *Pool, limit, rows, dim int) columnSums {
	k := tableFor[T](p)
	if k == nil || k.SumRows == nil || small(max(limit, fewSummed*sumCost), rows, dim, sumCost) {
		return columnSums{}
	}
	return columnSums{k, p.threads}
}

// part is where a worker has the sums of a few rows.
func (s *columnSums) part(worker int) []float32 { return s.pool.Memory(worker)[:strip] }

// addTo adds sums of a few rows to those of a strip.
func addTo(acc *[strip]float64, part []float32) {
	for j, v := range part {
		acc[j] += float64(v)
	}
}

// SumRows is Y (Dim) = the sum over the rows of X, in float64 or by short chains that are
// added in float64. It is also the gradient of an operand that was repeated with period Dim,
// such as a bias or prefix tokens.
type SumRows[T Float] struct {
	Y, X      []T // (Dim), (Rows, Dim)
	Rows, Dim int
	Small     int // the limit of small operations, see SmallDefault; 0: none

	sums columnSums
}

// Check reports fields that contradict one another.
func (op *SumRows[T]) Check() error {
	c := checking("SumRows")
	c.length("X", len(op.X), op.Rows, op.Dim)
	c.length("Y", len(op.Y), op.Dim)
	return c.err
}

// Run computes Y.
func (op *SumRows[T]) Run(p *Pool) {
	op.sums = sumsOf[T](p, op.Small, op.Rows, op.Dim)
	p.Run(pool.Blocks(op.Dim, strip), op)
}

// Do computes a strip of Y.
func (op *SumRows[T]) Do(worker, i int) {
	lo, hi := pool.Span(i, strip, op.Dim)
	var acc [strip]float64
	if s := &op.sums; s.table != nil {
		for r := 0; r < op.Rows; r += sumChain {
			part := s.part(worker)
			s.table.SumRows(kernel.At(part, 0), kernel.At(op.X, r*op.Dim+lo), 4*op.Dim, min(sumChain, op.Rows-r), hi-lo)
			addTo(&acc, part[:hi-lo])
		}
	} else {
		for r := range op.Rows {
			for j, v := range op.X[r*op.Dim+lo : r*op.Dim+hi] {
				acc[j] += float64(v)
			}
		}
	}
	for j := range op.Y[lo:hi] {
		op.Y[lo+j] = T(acc[j])
	}
}

// SumRowsMul is Y (Dim) = the sum over rows of A·B, as SumRows sums: the gradient of
// a factor that was repeated with period Dim, such as LayerScale's.
type SumRowsMul[T Float] struct {
	Y, A, B   []T // (Dim), (Rows, Dim), (Rows, Dim)
	Rows, Dim int
	Small     int // the limit of small operations, see SmallDefault; 0: none

	sums columnSums
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
func (op *SumRowsMul[T]) Run(p *Pool) {
	op.sums = sumsOf[T](p, op.Small, op.Rows, op.Dim)
	p.Run(pool.Blocks(op.Dim, strip), op)
}

// Do computes a strip of Y.
func (op *SumRowsMul[T]) Do(worker, i int) {
	lo, hi := pool.Span(i, strip, op.Dim)
	var acc [strip]float64
	if s := &op.sums; s.table != nil {
		for r := 0; r < op.Rows; r += sumChain {
			part, at := s.part(worker), r*op.Dim+lo
			s.table.SumRowsMul(kernel.At(part, 0), kernel.At(op.A, at), kernel.At(op.B, at), 4*op.Dim, min(sumChain, op.Rows-r), hi-lo)
			addTo(&acc, part[:hi-lo])
		}
	} else {
		for r := range op.Rows {
			b := op.B[r*op.Dim+lo : r*op.Dim+hi]
			for j, v := range op.A[r*op.Dim+lo : r*op.Dim+hi] {
				acc[j] += float64(v) * float64(b[j])
			}
		}
	}
	for j := range op.Y[lo:hi] {
		op.Y[lo+j] = T(acc[j])
	}
}
