package cpu

import "math"

// elementCost is a float64 erf or exp in units of cheap element work.
const elementCost = 8

// GELU is y = x·Φ(x) with the exact Φ(x) = ½·erfc(-x/√2). Y may be X.
type GELU[T Float] struct {
	Y, X  []T
	Image int // elements of one image; 0: all belong to one image
}

// Check reports fields that contradict one another.
func (op *GELU[T]) Check() error {
	c := checking("GELU")
	c.length("Y", len(op.Y), len(op.X))
	return c.err
}

// Run computes Y.
func (op *GELU[T]) Run(p *Pool) { p.Run(blocks(len(op.X), grain/elementCost), op) }

// Do computes one piece.
func (op *GELU[T]) Do(_, i int) {
	lo, hi := span(i, grain/elementCost, len(op.X))
	if k := kernelsFor[T](); k != nil && !small(ofImage(len(op.X), op.Image), geluCost) {
		k.gelu(at(op.Y, lo), at(op.X, lo), hi-lo)
		return
	}
	y := op.Y[lo:hi]
	for j, v := range op.X[lo:hi] {
		y[j] = T(gelu(float64(v)))
	}
}

func gelu(x float64) float64 { return 0.5 * x * math.Erfc(-x/math.Sqrt2) }

// GELUGrad is dx = dy·(Φ(x) + x·φ(x)), φ being the density of the standard
// normal distribution. DX may be DY or X.
type GELUGrad[T Float] struct{ DX, X, DY []T }

// Check reports fields that contradict one another.
func (op *GELUGrad[T]) Check() error {
	c := checking("GELUGrad")
	c.length("DX", len(op.DX), len(op.X))
	c.length("DY", len(op.DY), len(op.X))
	return c.err
}

// Run computes DX.
func (op *GELUGrad[T]) Run(p *Pool) { p.Run(blocks(len(op.X), grain/elementCost), op) }

// Do computes one piece.
func (op *GELUGrad[T]) Do(_, i int) {
	lo, hi := span(i, grain/elementCost, len(op.X))
	dx, dy := op.DX[lo:hi], op.DY[lo:hi]
	for j, v := range op.X[lo:hi] {
		x := float64(v)
		density := math.Exp(-x*x/2) / math.Sqrt(2*math.Pi)
		dx[j] = T(float64(dy[j]) * (0.5*math.Erfc(-x/math.Sqrt2) + x*density))
	}
}
