package cpu

import (
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// elementCost is what a float64 erf or exp costs, in cheap operations on an element.
const elementCost = 8

// GELU is y = x·Φ(x) with the exact Φ(x) = ½·erfc(-x/√2). Y may be X.
type GELU[T Float] struct {
	Y, X  []T
	Image int // elements of one image; 0: all belong to one image
	Small int // the limit of small operations, see SmallDefault; 0: none

	table *kernel.Table
}

// Check reports fields that contradict one another.
func (op *GELU[T]) Check() error {
	c := checking("GELU")
	c.length("Y", len(op.Y), len(op.X))
	return c.err
}

// Run computes Y.
func (op *GELU[T]) Run(p *Pool) {
	op.table = tableFor[T](p)
	p.Run(pool.Blocks(len(op.X), pool.Grain/elementCost), op)
}

// Do computes one piece.
func (op *GELU[T]) Do(_, i int) {
	lo, hi := pool.Span(i, pool.Grain/elementCost, len(op.X))
	if k := op.table; k != nil && !small(op.Small, ofImage(len(op.X), op.Image), geluCost) {
		k.GELU(kernel.At(op.Y, lo), kernel.At(op.X, lo), hi-lo)
		return
	}
	kernel.GELUs(op.Y[lo:hi], op.X[lo:hi])
}

// GELUGrad is dx = dy·(Φ(x) + x·φ(x)), φ being the density of the standard
// normal distribution. DX may be DY or X.
type GELUGrad[T Float] struct {
	DX, X, DY []T
	Image     int // elements of one image; 0: all belong to one image
	Small     int // the limit of small operations, see SmallDefault; 0: none

	table *kernel.Table
}

// Check reports fields that contradict one another.
func (op *GELUGrad[T]) Check() error {
	c := checking("GELUGrad")
	c.length("DX", len(op.DX), len(op.X))
	c.length("DY", len(op.DY), len(op.X))
	return c.err
}

// Run computes DX.
func (op *GELUGrad[T]) Run(p *Pool) {
	op.table = tableFor[T](p)
	p.Run(pool.Blocks(len(op.X), pool.Grain/elementCost), op)
}

// Do computes one piece.
func (op *GELUGrad[T]) Do(_, i int) {
	lo, hi := pool.Span(i, pool.Grain/elementCost, len(op.X))
	if k := op.table; k != nil && !small(op.Small, ofImage(len(op.X), op.Image), geluCost) {
		k.GELUGrad(kernel.At(op.DX, lo), kernel.At(op.X, lo), kernel.At(op.DY, lo), hi-lo)
		return
	}
	kernel.GELUGrads(op.DX[lo:hi], op.X[lo:hi], op.DY[lo:hi])
}
