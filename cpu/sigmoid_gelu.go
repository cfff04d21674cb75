package cpu

import (
	"math"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// SigmoidGELU is y = x·σ(Slope·x + Cubic·x³), an approximation of GELU. Y may be X.
type SigmoidGELU[T Float] struct {
	Y, X         []T
	Slope, Cubic float64 // at least 0
	Image        int     // elements of one image; 0: all belong to one image
	Small        int     // the limit of small operations, see SmallDefault; 0: none

	table *kernel.Table
}

// Check reports fields that contradict one another.
func (op *SigmoidGELU[T]) Check() error {
	c := checking("SigmoidGELU")
	c.length("Y", len(op.Y), len(op.X))
	if !(op.Slope >= 0 && op.Cubic >= 0) {
		c.fail("Slope is %g and Cubic %g, want at least 0", op.Slope, op.Cubic)
	}
	return c.err
}

// Run computes Y.
func (op *SigmoidGELU[T]) Run(p *Pool) {
	op.table = tableFor[T](p)
	p.Run(pool.Blocks(len(op.X), pool.Grain/elementCost), op)
}

// Do computes one piece.
func (op *SigmoidGELU[T]) Do(_, i int) {
	lo, hi := pool.Span(i, pool.Grain/elementCost, len(op.X))
	if k := op.table; k != nil && k.SigmoidGELU != nil && !small(op.Small, ofImage(len(op.X), op.Image), geluCost) {
		k.SigmoidGELU(kernel.At(op.Y, lo), kernel.At(op.X, lo), hi-lo, float32(op.Slope), float32(op.Cubic))
		return
	}
	y := op.Y[lo:hi]
	for j, v := range op.X[lo:hi] {
		x := float64(v)
		y[j] = T(x * gate(x, op.Slope, op.Cubic))
	}
}

// gate is σ(slope·x + cubic·x³).
func gate(x, slope, cubic float64) float64 {
	u := slope * x
	if cubic != 0 {
		u += cubic * x * x * x
	}
	return 1 / (1 + math.Exp(-u))
}

// SigmoidGELUGrad is the derivative of SigmoidGELU: with u = Slope·x + Cubic·x³ and s = σ(u)
// it is dx = dy·(s + x·s·(1-s)·u'). DX may be DY or X.
type SigmoidGELUGrad[T Float] struct {
	DX, X, DY    []T
	Slope, Cubic float64
}

// Check reports fields that contradict one another.
func (op *SigmoidGELUGrad[T]) Check() error {
	c := checking("SigmoidGELUGrad")
	c.length("DX", len(op.DX), len(op.X))
	c.length("DY", len(op.DY), len(op.X))
	return c.err
}

// Run computes DX.
func (op *SigmoidGELUGrad[T]) Run(p *Pool) { p.Run(pool.Blocks(len(op.X), pool.Grain/elementCost), op) }

// Do computes one piece.
func (op *SigmoidGELUGrad[T]) Do(_, i int) {
	lo, hi := pool.Span(i, pool.Grain/elementCost, len(op.X))
	dx, dy := op.DX[lo:hi], op.DY[lo:hi]
	for j, v := range op.X[lo:hi] {
		x := float64(v)
		s := gate(x, op.Slope, op.Cubic)
		slope := s // where 1-s is 0, u' may be infinite
		if s < 1 && s > 0 {
			slope += x * s * (1 - s) * (op.Slope + 3*op.Cubic*x*x)
		}
		dx[j] = T(float64(dy[j]) * slope)
	}
}
