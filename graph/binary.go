package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// Add is x + y. y has the shape of x, or the shape of its last axes: (D) or
// (1, T, D) is repeated over an x of (B, T, D). The same holds for Sub and Mul.
func (b *Builder) Add(x, y *Node) *Node { return b.Apply(Binary{Op: Add}, x, y) }

// Sub is x - y.
func (b *Builder) Sub(x, y *Node) *Node { return b.Apply(Binary{Op: Sub}, x, y) }

// Mul is x · y, element by element.
func (b *Builder) Mul(x, y *Node) *Node { return b.Apply(Binary{Op: Mul}, x, y) }

// Scale is factor · x.
func (b *Builder) Scale(x *Node, factor float64) *Node { return b.Apply(Scale{Factor: factor}, x) }

// BinaryOp is an operation on two numbers.
type BinaryOp int

// The operations of Binary.
const (
	Add BinaryOp = iota
	Sub
	Mul
)

// Binary is the operation of Builder.Add, Sub and Mul.
type Binary struct {
	allDiff
	noProducts
	Op BinaryOp
}

func (k Binary) String() string {
	switch k.Op {
	case Add:
		return "Add"
	case Sub:
		return "Sub"
	default:
		return "Mul"
	}
}

func (k Binary) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 0, 0); err != nil {
		return nil, err
	}
	if !suffix(in[0], in[1]) {
		return nil, fmt.Errorf("%v with %v: the second must have the shape of the first, or of its last axes", in[0], in[1])
	}
	return in[0].Clone(), nil
}

// suffix says whether y, without leading axes of 1, is the end of x.
func suffix(x, y tensor.Shape) bool {
	for len(y) > 1 && y[0] == 1 {
		y = y[1:]
	}
	return len(y) <= len(x) && y.Eq(x[len(x)-len(y):])
}

func (k Binary) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	x, y := in[0], in[1]
	switch k.Op {
	case Add:
		return []*Node{dy, g.sumTo(dy, y)}
	case Sub:
		return []*Node{dy, g.Scale(g.sumTo(dy, y), -1)}
	default:
		return []*Node{g.Mul(dy, y), g.Apply(SumRowsMul{To: y.Shape()}, dy, x)}
	}
}

// Scale is the operation of Builder.Scale.
type Scale struct {
	allDiff
	noProducts
	unary
	Factor float64
}

func (k Scale) String() string { return fmt.Sprintf("Scale{%v}", k.Factor) }

func (k Scale) Grad(g *Builder, _ []*Node, _, dy *Node) []*Node {
	return []*Node{g.Scale(dy, k.Factor)}
}

// sumTo adds up dy over the leading axes along which y was repeated.
func (b *Builder) sumTo(dy, y *Node) *Node {
	if b.err != nil || dy.Shape().Eq(y.Shape()) {
		return dy
	}
	return b.Apply(SumRows{To: y.Shape()}, dy)
}

// SumRows sums x over its leading axes: x consists of rows of the size of To.
type SumRows struct {
	noDiff
	noProducts
	To tensor.Shape
	// Exact adds in float64 from the first row to the last, at any size.
	Exact bool
}

func (k SumRows) String() string {
	if k.Exact {
		return fmt.Sprintf("SumRows{%v,exact}", k.To)
	}
	return fmt.Sprintf("SumRows{%v}", k.To)
}

func (k SumRows) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 0); err != nil {
		return nil, err
	}
	if in[0].TotalSize()%k.To.TotalSize() != 0 {
		return nil, fmt.Errorf("%v does not consist of rows of %v", in[0], k.To)
	}
	return k.To.Clone(), nil
}

// SumRowsMul is SumRows of the product of two tensors.
type SumRowsMul struct {
	noDiff
	noProducts
	To tensor.Shape
}

func (k SumRowsMul) String() string { return fmt.Sprintf("SumRowsMul{%v}", k.To) }

func (k SumRowsMul) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if len(in) != 2 || !in[0].Eq(in[1]) {
		return nil, fmt.Errorf("inputs are %v, want two of one shape", in)
	}
	return SumRows{To: k.To}.Shape(in[:1])
}
