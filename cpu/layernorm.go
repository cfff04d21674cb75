package cpu

import (
	"cradio/cpu/internal/form"
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// LayerNorm is y = (x - mean) / √(variance + ε) · weight + bias over each row,
// with the biased variance. Statistics and the affine map are float64, rounded
// once.
type LayerNorm[T Float] struct {
	Y, X         []T // (Rows, Dim)
	Weight, Bias []T // (Dim)
	Rows, Dim    int
	Tokens       int // rows of one image; 0: all belong to one image
	Small        int // the limit of small operations, see SmallDefault; 0: none
	Eps          float64

	LowY *Activations // (Rows, Dim), instead of Y; only if T is float32

	pool  *pool.Pool
	table *kernel.Table
}

// Check reports fields that contradict one another.
func (op *LayerNorm[T]) Check() error {
	c := checking("LayerNorm")
	c.length("X", len(op.X), op.Rows, op.Dim)
	if op.LowY != nil {
		if _, single := any(op).(*LayerNorm[float32]); !single {
			c.fail("LowY is given, want Y: only float32 is rounded")
		}
		c.activations("LowY", op.LowY, op.Rows, op.Dim, BFloat16, Int8)
		c.least("widest - Dim", widest-op.Dim, 0)
	} else {
		c.length("Y", len(op.Y), op.Rows, op.Dim)
	}
	c.length("Weight", len(op.Weight), op.Dim)
	c.length("Bias", len(op.Bias), op.Dim)
	return c.err
}

// Run computes Y.
func (op *LayerNorm[T]) Run(p *Pool) {
	op.pool, op.table = p.threads, tableFor[T](p)
	p.Run(pool.Blocks(op.Rows, pool.PerTask(op.Dim)), op)
}

// Do computes some rows.
func (op *LayerNorm[T]) Do(worker, i int) {
	lo, hi := pool.Span(i, pool.PerTask(op.Dim), op.Rows)
	if op.LowY != nil {
		y := op.pool.Memory(worker)[:op.Dim]
		for r := lo; r < hi; r++ {
			op.normalise(any(y).([]T), r)
			form.SetRow(op.pool.Table(), op.LowY, r, y)
		}
		return
	}
	for r := lo; r < hi; r++ {
		op.normalise(op.Y[r*op.Dim:(r+1)*op.Dim], r)
	}
}

// normalise computes row r into y.
func (op *LayerNorm[T]) normalise(y []T, r int) {
	if k := op.table; k != nil && op.Dim > 0 && !small(op.Small, ofImage(op.Rows, op.Tokens), op.Dim, normCost) {
		k.LayerNorm(kernel.At(y, 0), kernel.At(op.X, r*op.Dim), kernel.At(op.Weight, 0), kernel.At(op.Bias, 0), op.Dim, op.Eps)
		return
	}
	kernel.LayerNorm(y, op.X[r*op.Dim:(r+1)*op.Dim], op.Weight, op.Bias, op.Eps)
}
