package graph

import (
	"fmt"

	"cradio/cpu"

	"gorgonia.org/tensor"
)

// GELU is the exact x·Φ(x), through the error function.
func (b *Builder) GELU(x *Node) *Node { return b.Apply(gelu{}, x) }

// ReLU is max(x, 0).
func (b *Builder) ReLU(x *Node) *Node { return b.Apply(relu{}, x) }

// unary is embedded by kernels from one tensor to one of the same shape.
type unary struct{}

func (unary) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if len(in) != 1 {
		return nil, fmt.Errorf("has %d inputs, want 1", len(in))
	}
	return in[0].Clone(), nil
}

// unaryGrad is embedded by their gradients, from x and dy.
type unaryGrad struct{ noDiff }

func (unaryGrad) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if len(in) != 2 || !in[0].Eq(in[1]) {
		return nil, fmt.Errorf("inputs are %v, want two of one shape", in)
	}
	return in[0].Clone(), nil
}

type gelu struct {
	allDiff
	unary
}

func (gelu) String() string { return "GELU" }

func (k gelu) Bind(a *Args) (Runner, error) { return typed(k, a, bindGELU[float32], bindGELU[float64]) }

func bindGELU[T cpu.Float](_ gelu, a *Args) Runner {
	x := in[T](a, 0)
	op := &cpu.GELU[T]{Y: out[T](a), X: x}
	if s := a.In[0].Shape(); len(s) > 0 {
		op.Image = len(x) / max(1, s[0])
	}
	return op
}

func (gelu) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	return []*Node{g.Apply(geluGrad{}, in[0], dy)}
}

type geluGrad struct{ unaryGrad }

func (geluGrad) String() string { return "GELUGrad" }

func (k geluGrad) Bind(a *Args) (Runner, error) {
	return typed(k, a, bindGELUGrad[float32], bindGELUGrad[float64])
}

func bindGELUGrad[T cpu.Float](_ geluGrad, a *Args) Runner {
	return &cpu.GELUGrad[T]{DX: out[T](a), X: in[T](a, 0), DY: in[T](a, 1)}
}

type relu struct {
	allDiff
	unary
}

func (relu) String() string { return "ReLU" }

func (k relu) Bind(a *Args) (Runner, error) { return typed(k, a, bindReLU[float32], bindReLU[float64]) }

func bindReLU[T cpu.Float](_ relu, a *Args) Runner {
	return &cpu.ReLU[T]{Y: out[T](a), X: in[T](a, 0)}
}

func (relu) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	return []*Node{g.Apply(reluGrad{}, in[0], dy)}
}

type reluGrad struct{ unaryGrad }

func (reluGrad) String() string { return "ReLUGrad" }

func (k reluGrad) Bind(a *Args) (Runner, error) {
	return typed(k, a, bindReLUGrad[float32], bindReLUGrad[float64])
}

func bindReLUGrad[T cpu.Float](_ reluGrad, a *Args) Runner {
	return &cpu.ReLUGrad[T]{DX: out[T](a), X: in[T](a, 0), DY: in[T](a, 1)}
}
