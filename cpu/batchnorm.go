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

// BatchMoments is the mean and the biased variance of the columns of X.
type BatchMoments[T Float] struct {
	Y         []T // (2, Dim)
	X         []T // (Rows, Dim)
	Rows, Dim int
}

// Check reports fields that contradict one another.
func (op *BatchMoments[T]) Check() error {
	c := checking("BatchMoments")
	c.least("Rows", op.Rows, 2)
	c.length("X", len(op.X), op.Rows, op.Dim)
	c.length("Y", len(op.Y), 2, op.Dim)
	return c.err
}

// Run computes Y.
func (op *BatchMoments[T]) Run(p *Pool) { p.Run(pool.Blocks(op.Dim, strip), op) }

// Do computes a strip of Y.
func (op *BatchMoments[T]) Do(_, i int) {
	lo, hi := pool.Span(i, strip, op.Dim)
	var s columnStats
	columnsOf(&s, op.X, nil, nil, op.Rows, op.Dim, lo, hi, 0)
	for j := range hi - lo {
		op.Y[lo+j], op.Y[op.Dim+lo+j] = T(s.mean[j]), T(s.squares[j]/float64(op.Rows))
	}
}
