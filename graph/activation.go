package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// GELU is the exact x·Φ(x), computed with the error function.
func (b *Builder) GELU(x *Node) *Node { return b.Apply(GELU{}, x) }

// ReLU is max(x, 0).
func (b *Builder) ReLU(x *Node) *Node { return b.Apply(ReLU{}, x) }

// unary is embedded by operations from one tensor to one of the same shape.
type unary struct{}

func (unary) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if len(in) != 1 {
		return nil, fmt.Errorf("has %d inputs, want 1", len(in))
	}
	return in[0].Clone(), nil
}

// unaryGrad is embedded by their gradients, from x and dy.
type unaryGrad struct {
	noDiff
	noProducts
}

func (unaryGrad) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if len(in) != 2 || !in[0].Eq(in[1]) {
		return nil, fmt.Errorf("inputs are %v, want two of one shape", in)
	}
	return in[0].Clone(), nil
}

// GELU is the operation of Builder.GELU.
type GELU struct {
	allDiff
	noProducts
	unary
}

func (GELU) String() string { return "GELU" }

func (GELU) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	return []*Node{g.Apply(GELUGrad{}, in[0], dy)}
}

// GELUGrad is dx from x and dy.
type GELUGrad struct{ unaryGrad }

func (GELUGrad) String() string { return "GELUGrad" }

// ReLU is the operation of Builder.ReLU.
type ReLU struct {
	allDiff
	noProducts
	unary
}

func (ReLU) String() string { return "ReLU" }

func (ReLU) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	return []*Node{g.Apply(ReLUGrad{}, in[0], dy)}
}

// ReLUGrad is dx from x and dy.
type ReLUGrad struct{ unaryGrad }

func (ReLUGrad) String() string { return "ReLUGrad" }
