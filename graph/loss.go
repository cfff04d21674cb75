package graph

import (
	"fmt"
	"slices"

	"gorgonia.org/tensor"
)

// A loss is an operation whose output is one number, (1). It is differentiable in its first input,
// the prediction; the others are labels, masks and weights, without a gradient.

// loss is embedded by losses.
type loss struct{ noProducts }

func (loss) Diff(n int) []bool {
	d := make([]bool, n)
	d[0] = true
	return d
}

// LossGrad is the gradient of the loss Of with respect to its first input. Its inputs are those of
// the loss, and the gradient of what comes after it, (1).
type LossGrad[L Operation] struct {
	noDiff
	noProducts
	Of L
}

func (k LossGrad[L]) String() string { return "Grad of " + k.Of.String() }

func (k LossGrad[L]) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if len(in) < 2 {
		return nil, fmt.Errorf("has %d inputs, want those of the loss and a gradient", len(in))
	}
	if _, err := k.Of.Shape(in[:len(in)-1]); err != nil {
		return nil, err
	}
	if dy := in[len(in)-1]; !dy.Eq(tensor.Shape{1}) {
		return nil, fmt.Errorf("gradient is %v, want (1)", dy)
	}
	return in[0].Clone(), nil
}

// Elements is that of the loss.
func (k LossGrad[L]) Elements(in []tensor.Shape) int {
	if c, ok := any(k.Of).(Counted); ok {
		return c.Elements(in[:len(in)-1])
	}
	return in[0].TotalSize()
}

// Counted is implemented by operations whose work is not that of writing their output.
type Counted interface {
	// Elements is how many elements an operation without products computes, for inputs of
	// these shapes.
	Elements(in []tensor.Shape) int
}

// Elements is the size of the prediction.
func (loss) Elements(in []tensor.Shape) int { return in[0].TotalSize() }

// lossGrads are the gradients of the inputs of the loss k.
func lossGrads[L Operation](g *Builder, k L, in []*Node, dy *Node) []*Node {
	grads := make([]*Node, len(in))
	grads[0] = g.Apply(LossGrad[L]{Of: k}, append(slices.Clone(in), dy)...)
	return grads
}

// given are the nodes that are not nil.
func given(nodes ...*Node) []*Node {
	return slices.DeleteFunc(nodes, func(n *Node) bool { return n == nil })
}

// count checks the number of inputs.
func count(in []tensor.Shape, want int) error {
	if len(in) != want {
		return fmt.Errorf("has %d inputs, want %d", len(in), want)
	}
	return nil
}

// sizes checks that input i has n elements.
func sizes(in []tensor.Shape, i, n int, what string) error {
	if in[i].TotalSize() != n {
		return fmt.Errorf("%s are %v for an input of %v, want %d elements", what, in[i], in[0], n)
	}
	return nil
}

// one counts what is given.
func one(given bool) int {
	if given {
		return 1
	}
	return 0
}
