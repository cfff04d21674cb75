package cpu

import (
	"math"

	"cradio/cpu/internal/pool"
)

// BatchNorm is y = (x - mean) / √(variance + Eps) · weight + bias, column by column of rows. Mean and
// Variance are those that are given, in inference, or else of X over all rows: the biased variance, in
// training. It computes in float64, and rounds once.
type BatchNorm[T Float] struct {
	Y, X           []T // (Rows, Dim)
	Weight, Bias   []T // (Dim), or nil
	Mean, Variance []T // (Dim), or nil
	Rows, Dim      int
	Eps            float64
}

// Check reports fields that contradict one another.
func (op *BatchNorm[T]) Check() error {
	c := checking("BatchNorm")
	c.length("X", len(op.X), op.Rows, op.Dim)
	c.length("Y", len(op.Y), op.Rows, op.Dim)
	c.columns(op.Dim, len(op.Weight), len(op.Bias))
	c.columns(op.Dim, len(op.Mean), len(op.Variance))
	return c.err
}

// columns checks two vectors of dim elements, both of which may be missing.
func (c *checker) columns(dim, a, b int) {
	if a != b || a != 0 && a != dim {
		c.fail("vectors of columns have %d and %d elements, want %d each, or none", a, b, dim)
	}
}

// Run computes Y.
func (op *BatchNorm[T]) Run(p *Pool) { p.Run(pool.Blocks(op.Dim, strip), op) }

// Do computes a strip of Y.
func (op *BatchNorm[T]) Do(_, i int) {
	lo, hi := pool.Span(i, strip, op.Dim)
	var s columnStats
	columnsOf(&s, op.X, op.Mean, op.Variance, op.Rows, op.Dim, lo, hi, op.Eps)
	var weight, bias [strip]float64
	for j := range hi - lo {
		weight[j] = s.inv[j]
		if op.Weight != nil {
			weight[j] *= float64(op.Weight[lo+j])
			bias[j] = float64(op.Bias[lo+j])
		}
	}
	for r := range op.Rows {
		y := op.Y[r*op.Dim+lo : r*op.Dim+hi]
		for j, v := range op.X[r*op.Dim+lo : r*op.Dim+hi] {
			y[j] = T((float64(v)-s.mean[j])*weight[j] + bias[j])
		}
	}
}

// columnStats are those of a strip of columns.
type columnStats struct {
	mean, inv [strip]float64 // inv is 1/√(variance + eps)
	squares   [strip]float64 // of the distances from the mean, added up; of a batch alone
}

// columnsOf computes the statistics of columns lo to hi: those that are given, or of x.
func columnsOf[T Float](s *columnStats, x, mean, variance []T, rows, dim, lo, hi int, eps float64) {
	if mean != nil {
		for j := range hi - lo {
			s.mean[j], s.inv[j] = float64(mean[lo+j]), 1/math.Sqrt(float64(variance[lo+j])+eps)
		}
		return
	}
	for r := range rows {
		for j, v := range x[r*dim+lo : r*dim+hi] {
			s.mean[j] += float64(v)
		}
	}
	for j := range hi - lo {
		s.mean[j] /= float64(rows)
	}
	for r := range rows {
		for j, v := range x[r*dim+lo : r*dim+hi] {
			d := float64(v) - s.mean[j]
			s.squares[j] += d * d
		}
	}
	for j := range hi - lo {
		s.inv[j] = 1 / math.Sqrt(s.squares[j]/float64(rows)+eps)
	}
}

// Running moves the running statistics of a BatchNorm, Mean and Variance (Dim), towards those of X: the
// mean, and the unbiased variance. It computes in float64, and rounds each once.
type Running[T Float] struct {
	Mean, Variance []T // written
	X              []T // (Rows, Dim)
	Rows, Dim      int
	Momentum       float64 // the part of the new
}

// Check reports fields that contradict one another.
func (op *Running[T]) Check() error {
	c := checking("Running")
	c.least("Rows", op.Rows, 2)
	c.length("X", len(op.X), op.Rows, op.Dim)
	c.length("Mean", len(op.Mean), op.Dim)
	c.length("Variance", len(op.Variance), op.Dim)
	if !(op.Momentum >= 0 && op.Momentum <= 1) {
		c.fail("Momentum is %v, want 0 to 1", op.Momentum)
	}
	return c.err
}

// Run moves both.
func (op *Running[T]) Run(p *Pool) { p.Run(pool.Blocks(op.Dim, strip), op) }

// Do moves a strip of columns.
func (op *Running[T]) Do(_, i int) {
	lo, hi := pool.Span(i, strip, op.Dim)
	var s columnStats
	columnsOf(&s, op.X, nil, nil, op.Rows, op.Dim, lo, hi, 0)
	old := 1 - op.Momentum
	for j := range hi - lo {
		variance := s.squares[j] / float64(op.Rows-1)
		op.Mean[lo+j] = T(old*float64(op.Mean[lo+j]) + op.Momentum*s.mean[j])
		op.Variance[lo+j] = T(old*float64(op.Variance[lo+j]) + op.Momentum*variance)
	}
}
