package cpu

import "math"

// GradientLog is the sum over four scales, every 1st, 2nd, 4th and 6th pixel, of |g(y) - g(y+2)| and
// |g(x) - g(x+2)| where both are valid, divided by the valid pixels; g as in SILog. Or its gradient
// DX = DY · dY/dX, where DX is given. A scale without a valid pixel is 0.
type GradientLog[T Float] struct {
	Y          []T // (1)
	DX, DY     []T // (Maps, H, W), (1)
	X, Target  []T // (Maps, H, W)
	Valid      []T // (Maps, H, W), 0 for what does not count; or nil
	Maps, H, W int
	Eps        float64

	logs   []float64 // g
	sums   [len(gradientSteps)]lossSums
	scales [len(gradientSteps)]float64
	pass   gradientPass
}

var gradientSteps = [...]int{1, 2, 4, 6}

type gradientPass int

const (
	gradientLogs gradientPass = iota
	gradientSums
	gradientSlopes
)

// Check reports fields that contradict one another.
func (op *GradientLog[T]) Check() error {
	c := checking("GradientLog")
	c.length("X", len(op.X), op.Maps, op.H, op.W)
	c.length("Target", len(op.Target), len(op.X))
	lossLengths(c, op.Y, op.DX, op.DY, len(op.X))
	if op.Valid != nil {
		c.length("Valid", len(op.Valid), len(op.X))
	}
	return c.err
}

// Run computes Y or DX.
func (op *GradientLog[T]) Run(p *Pool) {
	if cap(op.logs) < len(op.X) {
		op.logs = make([]float64, len(op.X))
	}
	op.logs = op.logs[:len(op.X)]
	rows := op.Maps * op.H
	for s := range op.sums {
		op.sums[s].begin(rows)
	}
	for _, op.pass = range []gradientPass{gradientLogs, gradientSums} {
		p.Run(rows, op)
	}
	var loss float64
	for s := range op.sums {
		sum, n := op.sums[s].total()
		loss += ratio(sum, n)
		if op.DX != nil {
			op.scales[s] = ratio(float64(op.DY[0]), n)
		}
	}
	if op.DX == nil {
		op.Y[0] = T(loss)
		return
	}
	op.pass = gradientSlopes
	p.Run(rows, op)
}

// Do computes one row of a map.
func (op *GradientLog[T]) Do(_, i int) {
	y := i % op.H
	for x := range op.W {
		j := i*op.W + x
		switch {
		case op.pass == gradientLogs:
			if masked(op.Valid, j) {
				op.logs[j] = math.Log(float64(op.X[j])+op.Eps) - math.Log(float64(op.Target[j])+op.Eps)
			}
		case op.pass == gradientSums:
			op.add(i, y, x, j)
		case masked(op.Valid, j):
			op.DX[j] = T(op.slope(y, x, j) / (float64(op.X[j]) + op.Eps))
		default:
			op.DX[j] = 0
		}
	}
}

// add adds the differences from pixel j to the next ones below and to the right.
func (op *GradientLog[T]) add(i, y, x, j int) {
	if !masked(op.Valid, j) {
		return
	}
	for s, step := range gradientSteps {
		if y%step != 0 || x%step != 0 {
			continue
		}
		var sum float64
		if k := j + 2*step*op.W; y+2*step < op.H && masked(op.Valid, k) {
			sum += math.Abs(op.logs[j] - op.logs[k])
		}
		if k := j + 2*step; x+2*step < op.W && masked(op.Valid, k) {
			sum += math.Abs(op.logs[j] - op.logs[k])
		}
		op.sums[s].pieces[i][0] += sum
		op.sums[s].pieces[i][1]++
	}
}

// slope is the derivative with respect to g of the valid pixel j, in up to four differences of each scale.
func (op *GradientLog[T]) slope(y, x, j int) (sum float64) {
	for s, step := range gradientSteps {
		if y%step != 0 || x%step != 0 {
			continue
		}
		far := 2 * step
		var signs float64
		for _, n := range [4]struct {
			inside bool
			at     int
		}{{y+far < op.H, j + far*op.W}, {x+far < op.W, j + far}, {y >= far, j - far*op.W}, {x >= far, j - far}} {
			if n.inside && masked(op.Valid, n.at) {
				signs += sign(op.logs[j] - op.logs[n.at])
			}
		}
		sum += op.scales[s] * signs
	}
	return sum
}

// sign is -1, 0 or 1, NaN of NaN.
func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x
}
