package graph

import "gorgonia.org/tensor"

// Average is the operation of Builder.Average.
type Average struct {
	noDiff
	noProducts
}

// Average moves the state mean towards w, of its shape: mean += (w - mean)·hyper's Average.
// Of the new value of a weight it is the exponential moving average.
func (b *Builder) Average(mean, w, hyper *Node) *Node { return b.update(Average{}, mean, w, hyper) }

func (Average) String() string { return "Average" }

// Writes implements Update: the mean.
func (Average) Writes() int { return 1 }

func (Average) Shape(in []tensor.Shape) (tensor.Shape, error) {
	s, err := alike(in, 3, "mean", "weight")
	if err != nil {
		return nil, err
	}
	return s, isHyper(in[2])
}

// Accumulate is the operation of Builder.Accumulate.
type Accumulate struct {
	noDiff
	noProducts
}

// Accumulate adds a gradient to the state sum, of its shape: sum = hyper's Keep·sum +
// hyper's Factor·grad. With a Keep of 0 the old sum does not count, whatever it is.
func (b *Builder) Accumulate(sum, grad, hyper *Node) *Node {
	return b.update(Accumulate{}, sum, grad, hyper)
}

func (Accumulate) String() string { return "Accumulate" }

// Writes implements Update: the sum.
func (Accumulate) Writes() int { return 1 }

func (Accumulate) Shape(in []tensor.Shape) (tensor.Shape, error) {
	s, err := alike(in, 3, "sum", "gradient")
	if err != nil {
		return nil, err
	}
	return s, isHyper(in[2])
}
