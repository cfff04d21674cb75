package cpu

import "math"

// RegressionLoss is the mean of a function of X - Target: the square, or ½d²/Beta below Beta and
// |d| - ½Beta above; or its gradient DX = DY · dY/dX, where DX is given. It computes in float64.
type RegressionLoss[T Float] struct {
	Y         []T // (1)
	DX, DY    []T // (N), (1)
	X, Target []T // (N)
	Valid     []T // (N), 0 for what does not count; or nil
	Square    bool
	Beta      float64

	elements elementLoss[T]
}

// Check reports fields that contradict one another.
func (op *RegressionLoss[T]) Check() error {
	c := checking("RegressionLoss")
	n := len(op.X)
	lossLengths(c, op.Y, op.DX, op.DY, n)
	c.length("Target", len(op.Target), n)
	if op.Valid != nil {
		c.length("Valid", len(op.Valid), n)
	}
	return c.err
}

// Run computes Y or DX.
func (op *RegressionLoss[T]) Run(p *Pool) { op.elements.run(p, op, len(op.X), op.Y, op.DX, op.DY) }

func (op *RegressionLoss[T]) counts(j int) bool { return masked(op.Valid, j) }

func (op *RegressionLoss[T]) at(j int) (value, slope float64) {
	d := float64(op.X[j]) - float64(op.Target[j])
	a := math.Abs(d)
	switch {
	case op.Square:
		return d * d, 2 * d
	case a < op.Beta:
		return d * d / (2 * op.Beta), d / op.Beta
	case d == 0:
		return 0, 0
	}
	return a - op.Beta/2, d / a
}
