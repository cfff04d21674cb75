package cpu

import (
	"cradio/cpu/internal/form"
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// Patches gathers square patches: 'b c (py yy) (px xx) -> b (py px) (c yy xx)'. With Mean
// and Std it first applies Normalize, with the same bits. With Inverse it reads Y and
// writes X, which is also the gradient.
type Patches[T Float] struct {
	Y                           []T // (Batch, H/Size·W/Size, Channels·Size·Size)
	X                           []T // (Batch, Channels, H, W)
	Mean, Std                   []T // (Channels), or nil
	Batch, Channels, H, W, Size int
	Inverse                     bool

	LowY *Activations // (Batch·H/Size·W/Size, Channels·Size·Size), instead of Y; only if T is float32

	pool  *pool.Pool
	table *kernel.Table
}

// Check reports fields that contradict one another.
func (op *Patches[T]) Check() error {
	c := checking("Patches")
	c.least("Size", op.Size, 1)
	if c.err == nil && (op.H%op.Size != 0 || op.W%op.Size != 0) {
		c.fail("the image is %d×%d, want multiples of Size = %d", op.H, op.W, op.Size)
	}
	c.length("X", len(op.X), op.Batch, op.Channels, op.H, op.W)
	if op.Mean != nil || op.Std != nil {
		c.length("Mean", len(op.Mean), op.Channels)
		c.length("Std", len(op.Std), op.Channels)
		if op.Inverse {
			c.fail("Mean is given, want nil with Inverse")
		}
	}
	if op.LowY == nil {
		c.length("Y", len(op.Y), op.Batch, op.Channels, op.H, op.W)
		return c.err
	}
	if _, single := any(op).(*Patches[float32]); !single || op.Inverse {
		c.fail("LowY is given, want Y: only float32 is rounded, and not back")
	}
	if c.err == nil {
		c.activations("LowY", op.LowY, op.Batch*(op.H/op.Size)*(op.W/op.Size), op.dim(), BFloat16, Int8)
		c.least("widest - Channels·Size·Size", widest-op.dim(), 0)
	}
	return c.err
}

// dim is the size of a patch.
func (op *Patches[T]) dim() int { return op.Channels * op.Size * op.Size }

// Run computes Y, or X if Inverse.
func (op *Patches[T]) Run(p *Pool) {
	op.pool, op.table = p.threads, tableFor[T](p)
	p.Run(op.Batch*(op.H/op.Size), op)
}

// Do moves one row of patches.
func (op *Patches[T]) Do(worker, i int) {
	nx, dim := op.W/op.Size, op.dim()
	for px := range nx {
		r := i*nx + px
		if op.LowY == nil {
			op.patch(op.Y[r*dim:(r+1)*dim], i, px)
			continue
		}
		y := op.pool.Memory(worker)[:dim]
		op.patch(any(y).([]T), i, px)
		form.SetRow(op.pool.Table(), op.LowY, r, y)
	}
}

// patch moves the patch at place px of row i of patches to y, or back.
func (op *Patches[T]) patch(y []T, i, px int) {
	s, ny := op.Size, op.H/op.Size
	for c := range op.Channels {
		square := y[c*s*s : (c+1)*s*s]
		x := op.X[((i/ny*op.Channels+c)*op.H+i%ny*s)*op.W+px*s:][:(s-1)*op.W+s]
		switch {
		case op.Inverse:
			copyRows(op.table, x, op.W, square, s, s, s)
		case op.Mean != nil:
			normalizeRows(op.table, square, s, x, op.W, s, s, op.Mean[c], op.Std[c])
		default:
			copyRows(op.table, square, s, x, op.W, s, s)
		}
	}
}

// copyRows copies rows of n elements, ldx apart in x, to rows ldy apart in y, with a
// table's kernel if there is one.
func copyRows[T Float](k *kernel.Table, y []T, ldy int, x []T, ldx, rows, n int) {
	if k != nil && rows*n > 0 {
		k.CopyRows(kernel.At(y, 0), 4*ldy, kernel.At(x, 0), 4*ldx, rows, n)
		return
	}
	for r := range rows {
		copy(y[r*ldy:][:n], x[r*ldx:][:n])
	}
}
