package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// Running is the operation of Builder.Running.
type Running struct {
	noDiff
	noProducts
	Momentum float64 // how far the statistics go towards those of the batch; PyTorch's is 0.1
}

// Running moves the running statistics of a BatchNorm, mean (C) and variance (C), towards those of
// x (…, C) over all rows. The variance that enters is the unbiased one, as in PyTorch. Sums are in
// float64, and each statistic is rounded once. The result is the new mean.
func (b *Builder) Running(mean, variance, x *Node, k Running) *Node {
	return b.update(k, mean, variance, x)
}

func (k Running) String() string { return fmt.Sprintf("Running{%g}", k.Momentum) }

// Writes implements Update: both statistics.
func (Running) Writes() int { return 2 }

// Elements is the size of x.
func (Running) Elements(in []tensor.Shape) int { return in[2].TotalSize() }

func (k Running) Shape(in []tensor.Shape) (tensor.Shape, error) {
	s, err := alike(in, 3, "mean", "variance")
	if err != nil {
		return nil, err
	}
	if len(s) != 1 || len(in[2]) < 2 || last(in[2]) != s[0] {
		return nil, fmt.Errorf("statistics are %v and x %v, want (C) and (…, C)", s, in[2])
	}
	if n := rows(in[2]); n < 2 {
		return nil, fmt.Errorf("has %d rows: the variance of a batch needs at least 2", n)
	}
	if !(k.Momentum >= 0 && k.Momentum <= 1) {
		return nil, fmt.Errorf("has a Momentum of %v, want 0 to 1", k.Momentum)
	}
	return s, nil
}
