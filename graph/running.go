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
	Rows     int     // of the batch, which the moments are of
}

// Running moves the running statistics of a BatchNorm, mean (C) and variance (C), towards
// the moments (2, C) of a batch: its mean, and its variance as the mean of squares. The
// variance that enters is the unbiased one, which is Rows/(Rows-1) times as large, as in
// PyTorch. The result is the new mean.
func (b *Builder) Running(mean, variance, moments *Node, k Running) *Node {
	return b.update(k, mean, variance, moments)
}

func (k Running) String() string { return fmt.Sprintf("Running{%g rows=%d}", k.Momentum, k.Rows) }

// Writes implements Update: both statistics.
func (Running) Writes() int { return 2 }

func (k Running) Shape(in []tensor.Shape) (tensor.Shape, error) {
	s, err := alike(in, 3, "mean", "variance")
	if err != nil {
		return nil, err
	}
	if want := append(tensor.Shape{2}, s...); !in[2].Eq(want) {
		return nil, fmt.Errorf("moments are %v, want %v", in[2], want)
	}
	if k.Rows < 2 {
		return nil, fmt.Errorf("has %d rows: the variance of a batch needs at least 2", k.Rows)
	}
	if !(k.Momentum >= 0 && k.Momentum <= 1) {
		return nil, fmt.Errorf("has a Momentum of %v, want 0 to 1", k.Momentum)
	}
	return s, nil
}
