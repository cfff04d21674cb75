package cpu

import "cradio/cpu/internal/pool"

// Dropout is y = x · mask · Factor, in float64 and rounded once. The mask has the axes of x, each of x's size or of 1.
type Dropout[T Float] struct {
	Y, X, Mask    []T
	Shape, Masked []int // of X, and of Mask
	Factor        float64
}

// Check reports fields that contradict one another.
func (op *Dropout[T]) Check() error {
	c := checking("Dropout")
	c.least("the number of axes", len(op.Shape), 1)
	c.length("X", len(op.X), op.Shape...)
	c.length("Y", len(op.Y), op.Shape...)
	c.length("Mask", len(op.Mask), op.Masked...)
	if len(op.Shape) != len(op.Masked) {
		c.fail("Shape is %v and Masked %v, want as many axes", op.Shape, op.Masked)
		return c.err
	}
	for i, d := range op.Masked {
		if d != 1 && d != op.Shape[i] {
			c.fail("Shape is %v and Masked %v: axis %d differs, and is not 1", op.Shape, op.Masked, i)
		}
	}
	return c.err
}

// Run computes Y.
func (op *Dropout[T]) Run(p *Pool) { p.Run(pool.Blocks(op.rows(), op.perTask()), op) }

func (op *Dropout[T]) dim() int     { return op.Shape[len(op.Shape)-1] }
func (op *Dropout[T]) rows() int    { return len(op.X) / max(op.dim(), 1) }
func (op *Dropout[T]) perTask() int { return pool.PerTask(op.dim()) }

// Do computes some rows.
func (op *Dropout[T]) Do(_, i int) {
	lo, hi := pool.Span(i, op.perTask(), op.rows())
	dim, width := op.dim(), op.Masked[len(op.Masked)-1]
	for r := lo; r < hi; r++ {
		x, y := op.X[r*dim:(r+1)*dim], op.Y[r*dim:(r+1)*dim]
		mask := op.Mask[op.maskRow(r)*width:][:width]
		if width == 1 {
			m := float64(mask[0]) * op.Factor
			for j, v := range x {
				y[j] = T(float64(v) * m)
			}
			continue
		}
		for j, v := range x {
			y[j] = T(float64(v) * (float64(mask[j]) * op.Factor))
		}
	}
}

// maskRow is the row of the mask for row r of x.
func (op *Dropout[T]) maskRow(r int) (row int) {
	step := 1
	for i := len(op.Shape) - 2; i >= 0; i-- {
		if op.Masked[i] > 1 {
			row += r % op.Shape[i] * step
			step *= op.Masked[i]
		}
		r /= op.Shape[i]
	}
	return row
}
