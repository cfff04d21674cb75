package graph

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Node is a tensor of the expression graph.
type Node = G.Node

// Operation says what is computed, as data: a struct whose exported fields are its
// attributes, with a shape rule, a count of its work and a derivative. How it is computed
// is the affair of a Device. Operations are values; nobody changes them.
type Operation interface {
	// String returns the operation and its attributes, "LayerNorm{eps=1e-06}". Two
	// operations with equal strings compute the same function.
	String() string
	// Shape returns the shape of the output, given the shapes of the inputs.
	Shape(in []tensor.Shape) (tensor.Shape, error)
	// FLOPs counts the floating-point operations of matrix products, for inputs of these
	// shapes: a multiplication and an addition are two. As is usual for transformers,
	// everything else (norms, softmax, GELU, sums) counts nothing.
	FLOPs(in []tensor.Shape) float64
	// Diff reports for each of n inputs whether Grad returns a gradient.
	Diff(n int) []bool
	// Grad adds the gradient with respect to each input, and nil where Diff is false.
	// out is the operation's output, dy the gradient with respect to it.
	Grad(g *Builder, in []*Node, out, dy *Node) []*Node
}

// rows is the number of rows of s when its last axis is the row.
func rows(s tensor.Shape) int {
	n := 1
	for _, d := range s[:len(s)-1] {
		n *= d
	}
	return n
}

// last is the width of the last axis.
func last(s tensor.Shape) int { return s[len(s)-1] }

// ranks checks the number of inputs and the number of axes of each.
func ranks(in []tensor.Shape, want ...int) error {
	if len(in) != len(want) {
		return fmt.Errorf("has %d inputs, want %d", len(in), len(want))
	}
	for i, w := range want {
		if w > 0 && len(in[i]) != w {
			return fmt.Errorf("input %d is %v, want %d axes", i, in[i], w)
		}
		if len(in[i]) == 0 {
			return fmt.Errorf("input %d is a scalar, want a tensor", i)
		}
	}
	return nil
}

// noProducts is embedded by operations that have no matrix products.
type noProducts struct{}

func (noProducts) FLOPs([]tensor.Shape) float64 { return 0 }

// allDiff is embedded by operations that are differentiable in every input.
type allDiff struct{}

func (allDiff) Diff(n int) []bool {
	d := make([]bool, n)
	for i := range d {
		d[i] = true
	}
	return d
}

// noDiff is embedded by gradients: there are no second derivatives.
type noDiff struct{}

func (noDiff) Diff(n int) []bool { return make([]bool, n) }

func (noDiff) Grad(g *Builder, _ []*Node, _, _ *Node) []*Node {
	g.Fail("second derivatives are not available")
	return nil
}
