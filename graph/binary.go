package graph

import (
	"fmt"

	"cradio/cpu"

	"gorgonia.org/tensor"
)

// Add is x + y. As in Sub and Mul, y has the shape of x, or of its last axes:
// (D) or (1, T, D) is repeated over an x of (B, T, D).
func (b *Builder) Add(x, y *Node) *Node { return b.Apply(binary{op: cpu.Add}, x, y) }

// Sub is x - y.
func (b *Builder) Sub(x, y *Node) *Node { return b.Apply(binary{op: cpu.Sub}, x, y) }

// Mul is x · y, element by element.
func (b *Builder) Mul(x, y *Node) *Node { return b.Apply(binary{op: cpu.Mul}, x, y) }

// Scale is factor · x.
func (b *Builder) Scale(x *Node, factor float64) *Node { return b.Apply(scale{factor: factor}, x) }

type binary struct {
	allDiff
	op cpu.BinaryOp
}

func (k binary) String() string {
	switch k.op {
	case cpu.Add:
		return "Add"
	case cpu.Sub:
		return "Sub"
	default:
		return "Mul"
	}
}

func (k binary) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 0, 0); err != nil {
		return nil, err
	}
	if !suffix(in[0], in[1]) {
		return nil, fmt.Errorf("%v with %v: the second is neither of the first's shape nor of its last axes", in[0], in[1])
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

func (k binary) Bind(a *Args) (Runner, error) {
	return typed(k, a, bindBinary[float32], bindBinary[float64])
}

func bindBinary[T cpu.Float](k binary, a *Args) Runner {
	return &cpu.Binary[T]{Y: out[T](a), A: in[T](a, 0), B: in[T](a, 1), Op: k.op}
}

func (k binary) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	x, y := in[0], in[1]
	switch k.op {
	case cpu.Add:
		return []*Node{dy, g.sumTo(dy, y)}
	case cpu.Sub:
		return []*Node{dy, g.Scale(g.sumTo(dy, y), -1)}
	default:
		return []*Node{g.Mul(dy, y), g.Apply(sumRowsMul{to: y.Shape()}, dy, x)}
	}
}

type scale struct {
	allDiff
	unary
	factor float64
}

func (k scale) String() string { return fmt.Sprintf("Scale{%v}", k.factor) }

func (k scale) Bind(a *Args) (Runner, error) {
	return typed(k, a, bindScale[float32], bindScale[float64])
}

func bindScale[T cpu.Float](k scale, a *Args) Runner {
	return &cpu.Scale[T]{Y: out[T](a), X: in[T](a, 0), Factor: k.factor}
}

func (k scale) Grad(g *Builder, _ []*Node, _, dy *Node) []*Node {
	return []*Node{g.Scale(dy, k.factor)}
}

// sumTo adds up dy over the leading axes along which y was repeated.
func (b *Builder) sumTo(dy, y *Node) *Node {
	if b.err != nil || dy.Shape().Eq(y.Shape()) {
		return dy
	}
	return b.Apply(sumRows{to: y.Shape()}, dy)
}

// sumRows sums x over its leading axes: x is rows of the size of to.
type sumRows struct {
	noDiff
	to tensor.Shape
}

func (k sumRows) String() string { return fmt.Sprintf("SumRows{%v}", k.to) }

func (k sumRows) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 0); err != nil {
		return nil, err
	}
	if in[0].TotalSize()%k.to.TotalSize() != 0 {
		return nil, fmt.Errorf("%v is not whole rows of %v", in[0], k.to)
	}
	return k.to.Clone(), nil
}

func (k sumRows) Bind(a *Args) (Runner, error) {
	return typed(k, a, bindSumRows[float32], bindSumRows[float64])
}

func bindSumRows[T cpu.Float](k sumRows, a *Args) Runner {
	n := k.to.TotalSize()
	return &cpu.SumRows[T]{Y: out[T](a), X: in[T](a, 0), Rows: a.In[0].Shape().TotalSize() / n, Dim: n}
}

// sumRowsMul is sumRows of the product of two tensors.
type sumRowsMul struct {
	noDiff
	to tensor.Shape
}

func (k sumRowsMul) String() string { return fmt.Sprintf("SumRowsMul{%v}", k.to) }

func (k sumRowsMul) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if len(in) != 2 || !in[0].Eq(in[1]) {
		return nil, fmt.Errorf("inputs are %v, want two of one shape", in)
	}
	return sumRows{to: k.to}.Shape(in[:1])
}

func (k sumRowsMul) Bind(a *Args) (Runner, error) {
	return typed(k, a, bindSumRowsMul[float32], bindSumRowsMul[float64])
}

func bindSumRowsMul[T cpu.Float](k sumRowsMul, a *Args) Runner {
	n := k.to.TotalSize()
	return &cpu.SumRowsMul[T]{
		Y: out[T](a), A: in[T](a, 0), B: in[T](a, 1), Rows: a.In[0].Shape().TotalSize() / n, Dim: n,
	}
}
