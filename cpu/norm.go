package cpu

import (
	"math"
	"sort"
	"unsafe"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// GlobalNorm is Y[0] = the root of the sum of the squares of all elements of X, in float64.
type GlobalNorm[T Float] struct {
	Y []T // one number
	X [][]T

	sums   [][8]float64 // of the pieces, in several chains; kept from run to run
	pieces []int        // the first piece of each of X, and their number
	table  *kernel.Table
}

// Check reports fields that contradict one another.
func (op *GlobalNorm[T]) Check() error {
	c := checking("GlobalNorm")
	c.length("Y", len(op.Y), 1)
	return c.err
}

// Run computes Y.
func (op *GlobalNorm[T]) Run(p *Pool) {
	if op.pieces == nil {
		op.pieces = []int{0}
		for i, x := range op.X {
			op.pieces = append(op.pieces, op.pieces[i]+pool.Blocks(len(x), pool.Grain))
		}
		op.sums = make([][8]float64, op.pieces[len(op.X)])
	}
	op.table = tableFor[T](p)
	p.Run(len(op.sums), op)
	sum := 0.0
	for _, s := range op.sums {
		for _, part := range s {
			sum += part
		}
	}
	op.Y[0] = T(math.Sqrt(sum))
}

// Do adds up one piece.
func (op *GlobalNorm[T]) Do(_, i int) {
	at := sort.SearchInts(op.pieces, i+1) - 1
	x := op.X[at]
	lo, hi := pool.Span(i-op.pieces[at], pool.Grain, len(x))
	x = x[lo:hi]
	s := &op.sums[i]
	*s = [8]float64{}
	if k := op.table; k != nil && k.Squares != nil {
		whole := len(x) / 32 * 32
		k.Squares(unsafe.Pointer(s), kernel.At(x, 0), whole)
		x = x[whole:]
	}
	for j, v := range x {
		s[j%8] += float64(v) * float64(v)
	}
}

// ClipFactor is Y[0] = min(1, Most/(Norm[0] + 1e-6)), as torch.nn.utils.clip_grad_norm_
// clips gradients of a norm. It is NaN where the norm is not finite: then AdamW and SGD write
// nothing.
type ClipFactor[T Float] struct {
	Y, Norm []T // one number each
	Most    float64
}

// Check reports fields that contradict one another.
func (op *ClipFactor[T]) Check() error {
	c := checking("ClipFactor")
	c.length("Y", len(op.Y), 1)
	c.length("Norm", len(op.Norm), 1)
	return c.err
}

// Run computes Y.
func (op *ClipFactor[T]) Run(*Pool) {
	const least = 1e-6 // PyTorch's: no division by zero
	norm := float64(op.Norm[0])
	if norm-norm != 0 {
		op.Y[0] = T(math.NaN())
		return
	}
	op.Y[0] = T(min(1, op.Most/(norm+least)))
}
