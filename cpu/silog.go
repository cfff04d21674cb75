package cpu

import (
	"math"

	"cradio/cpu/internal/pool"
)

// SILog is √(var(g) + Lambda·mean(g)²) over valid elements, g = log(X + Eps) - log(Target + Eps), var the
// unbiased variance; or its gradient DX = DY · dY/dX, where DX is given. Of one element the variance is
// 0, and without any the loss is.
type SILog[T Float] struct {
	Y           []T // (1)
	DX, DY      []T // (N), (1)
	X, Target   []T // (N)
	Valid       []T // (N), 0 for what does not count; or nil
	Lambda, Eps float64

	sums              lossSums
	pass              silogPass
	mean, slope, same float64 // the gradient of g is slope·(g - mean) + same
}

type silogPass int

const (
	silogMean silogPass = iota
	silogSquares
	silogGradient
)

// Check reports fields that contradict one another.
func (op *SILog[T]) Check() error {
	c := checking("SILog")
	n := len(op.X)
	lossLengths(c, op.Y, op.DX, op.DY, n)
	c.length("Target", len(op.Target), n)
	if op.Valid != nil {
		c.length("Valid", len(op.Valid), n)
	}
	return c.err
}

// Run computes Y or DX.
func (op *SILog[T]) Run(p *Pool) {
	sum, n := op.sum(p, silogMean)
	op.mean = ratio(sum, n)
	squares, _ := op.sum(p, silogSquares)
	variance := ratio(squares, max(n-1, 0))
	loss := math.Sqrt(variance + op.Lambda*op.mean*op.mean)
	if op.DX == nil {
		op.Y[0] = T(loss)
		return
	}
	scale := ratio(float64(op.DY[0]), loss)
	op.slope, op.same = ratio(scale, max(n-1, 0)), ratio(scale*op.Lambda*op.mean, n)
	op.pass = silogGradient
	p.Run(len(op.sums.pieces), op)
}

func (op *SILog[T]) sum(p *Pool, pass silogPass) (sum, n float64) {
	op.pass = pass
	op.sums.begin(pool.Blocks(len(op.X), elementGrain))
	p.Run(len(op.sums.pieces), op)
	return op.sums.total()
}

// Do computes some elements.
func (op *SILog[T]) Do(_, i int) {
	lo, hi := pool.Span(i, elementGrain, len(op.X))
	var sum, n float64
	for j := lo; j < hi; j++ {
		if !masked(op.Valid, j) {
			if op.pass == silogGradient {
				op.DX[j] = 0
			}
			continue
		}
		x := float64(op.X[j]) + op.Eps
		g := math.Log(x) - math.Log(float64(op.Target[j])+op.Eps)
		switch op.pass {
		case silogMean:
			sum += g
			n++
		case silogSquares:
			sum += (g - op.mean) * (g - op.mean)
		default:
			op.DX[j] = T((op.slope*(g-op.mean) + op.same) / x)
		}
	}
	if op.pass != silogGradient {
		op.sums.pieces[i] = [2]float64{sum, n}
	}
}
