package cpu

import (
	"math"

	"cradio/cpu/internal/pool"
)

// DepthWeights says how the scores of depths become their weights.
type DepthWeights int

// The weights, each divided by the sum of all.
const (
	LinearWeights  DepthWeights = iota // relu(x) + 0.1
	SigmoidWeights                     // 1 / (1 + exp(-x))
	SoftmaxWeights                     // exp(x - largest x)
)

// Depth is the mean of depths, weighted by their scores: Y = Σ w·depth / Σ w, in float64. With
// one score it is max(x, 0) + Depths[0].
type Depth[T Float] struct {
	Y, X    []T       // (Rows), (Rows, len(Depths))
	Depths  []float64 // of the scores
	Rows    int
	Weights DepthWeights
}

// Depths returns n depths from low to high, spaced evenly, or with log evenly in their
// logarithm.
func Depths(n int, low, high float64, log bool) []float64 {
	if n == 1 {
		return []float64{low}
	}
	d := make([]float64, n)
	for i := range d {
		t := float64(i) / float64(n-1)
		if log {
			d[i] = math.Exp(math.Log(low)*(1-t) + math.Log(high)*t)
		} else {
			d[i] = low + (high-low)*t
		}
	}
	return d
}

// Check reports fields that contradict one another.
func (op *Depth[T]) Check() error {
	c := checking("Depth")
	c.least("Depths", len(op.Depths), 1)
	c.length("X", len(op.X), op.Rows, len(op.Depths))
	c.length("Y", len(op.Y), op.Rows)
	return c.err
}

// depthCost is about the time of a score, in elements of simple operations.
const depthCost = 8

// Run computes Y.
func (op *Depth[T]) Run(p *Pool) { p.Run(pool.Blocks(op.Rows, op.perTask()), op) }

func (op *Depth[T]) perTask() int { return pool.PerTask(depthCost * len(op.Depths)) }

// Do computes some rows.
func (op *Depth[T]) Do(_, i int) {
	lo, hi := pool.Span(i, op.perTask(), op.Rows)
	n := len(op.Depths)
	for r := lo; r < hi; r++ {
		x := op.X[r*n:][:n]
		if n == 1 {
			op.Y[r] = T(max(float64(x[0]), 0) + op.Depths[0])
			continue
		}
		_, sum, moment := op.sums(x)
		op.Y[r] = T(moment / sum)
	}
}

// sums returns the largest score, Σ w and Σ w·depth.
func (op *Depth[T]) sums(x []T) (top, sum, moment float64) {
	if op.Weights == SoftmaxWeights {
		top = math.Inf(-1)
		for _, v := range x {
			top = max(top, float64(v))
		}
	}
	for i, v := range x {
		w := op.weight(float64(v), top)
		sum += w
		moment += w * op.Depths[i]
	}
	return top, sum, moment
}

// weight is that of a score x, before the division.
func (op *Depth[T]) weight(x, top float64) float64 {
	switch op.Weights {
	case LinearWeights:
		return max(x, 0) + 0.1
	case SigmoidWeights:
		return 1 / (1 + math.Exp(-x))
	}
	return math.Exp(x - top)
}

// slope is the derivative of weight, given the weight.
func (op *Depth[T]) slope(x, w float64) float64 {
	switch op.Weights {
	case LinearWeights:
		if x > 0 {
			return 1
		}
		return 0
	case SigmoidWeights:
		return w / (1 + math.Exp(x)) // w·(1 - w), without cancellation
	}
	return w
}

// DepthGrad is the derivative of Depth with respect to X:
//
//	dx = dy·w'(x)·(depth - y) / Σ w
type DepthGrad[T Float] struct {
	Depth[T]     // but for Y
	DX, DY   []T // as X; (Rows)
}

// Check reports fields that contradict one another.
func (op *DepthGrad[T]) Check() error {
	c := checking("DepthGrad")
	c.least("Depths", len(op.Depths), 1)
	c.length("X", len(op.X), op.Rows, len(op.Depths))
	c.length("DX", len(op.DX), op.Rows, len(op.Depths))
	c.length("DY", len(op.DY), op.Rows)
	return c.err
}

// Run computes DX.
func (op *DepthGrad[T]) Run(p *Pool) { p.Run(pool.Blocks(op.Rows, op.perTask()), op) }

// Do computes some rows.
func (op *DepthGrad[T]) Do(_, i int) {
	lo, hi := pool.Span(i, op.perTask(), op.Rows)
	n := len(op.Depths)
	for r := lo; r < hi; r++ {
		x, dx, dy := op.X[r*n:][:n], op.DX[r*n:][:n], float64(op.DY[r])
		if n == 1 {
			dx[0] = 0
			if x[0] > 0 || x[0] != x[0] {
				dx[0] = T(dy)
			}
			continue
		}
		top, sum, moment := op.sums(x)
		y := moment / sum
		for j, v := range x {
			w := op.weight(float64(v), top)
			dx[j] = T(dy * op.slope(float64(v), w) * (op.Depths[j] - y) / sum)
		}
	}
}
