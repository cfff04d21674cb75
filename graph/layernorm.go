package graph

import (
	"fmt"

	"cradio/cpu"

	"gorgonia.org/tensor"
)

// LayerNorm normalises each row of x (…, D) to mean 0 and variance 1, then
// multiplies by weight (D) and adds bias (D).
func (b *Builder) LayerNorm(x, weight, bias *Node, eps float64) *Node {
	return b.Apply(layerNorm{eps: eps, gain: 1}, x, weight, bias)
}

type layerNorm struct {
	allDiff
	eps  float64
	gain float64 // of weight and bias; 1 until fuse finds a Scale
}

func (k layerNorm) String() string {
	if k.gain != 1 {
		return fmt.Sprintf("LayerNorm+Scale{eps=%g,%v}", k.eps, k.gain)
	}
	return fmt.Sprintf("LayerNorm{eps=%g}", k.eps)
}

func (layerNorm) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 0, 1, 1); err != nil {
		return nil, err
	}
	if d := last(in[0]); in[1][0] != d || in[2][0] != d {
		return nil, fmt.Errorf("input is %v, weight %v and bias %v: the last axes differ", in[0], in[1], in[2])
	}
	return in[0].Clone(), nil
}

func (k layerNorm) Bind(a *Args) (Runner, error) {
	return typed(k, a, bindLayerNorm[float32], bindLayerNorm[float64])
}

func bindLayerNorm[T cpu.Float](k layerNorm, a *Args) Runner {
	s := a.In[0].Shape()
	return &cpu.LayerNorm[T]{
		Y: out[T](a), X: in[T](a, 0), Weight: times(in[T](a, 1), k.gain), Bias: times(in[T](a, 2), k.gain),
		Rows: rows(s), Dim: last(s), Tokens: tokens(s), Eps: k.eps,
	}
}

// times is x, or a copy of it times a factor.
func times[T cpu.Float](x []T, factor float64) []T {
	if factor == 1 {
		return x
	}
	y := make([]T, len(x))
	for i, v := range x {
		y[i] = T(float64(v) * factor)
	}
	return y
}

func (k layerNorm) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	return []*Node{
		g.Apply(layerNormGrad{eps: k.eps}, in[0], in[1], dy),
		g.Apply(layerNormGradWeight{eps: k.eps}, in[0], dy),
		g.sumTo(dy, in[2]),
	}
}

// layerNormGrad is dx from x, weight and dy.
type layerNormGrad struct {
	noDiff
	eps float64
}

func (k layerNormGrad) String() string { return fmt.Sprintf("LayerNormGrad{eps=%g}", k.eps) }

func (layerNormGrad) Shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), ranks(in, 0, 1, 0)
}

func (k layerNormGrad) Bind(a *Args) (Runner, error) {
	return typed(k, a, bindLayerNormGrad[float32], bindLayerNormGrad[float64])
}

func bindLayerNormGrad[T cpu.Float](k layerNormGrad, a *Args) Runner {
	s := a.In[0].Shape()
	return &cpu.LayerNormGrad[T]{
		DX: out[T](a), X: in[T](a, 0), Weight: in[T](a, 1), DY: in[T](a, 2),
		Rows: rows(s), Dim: last(s), Eps: k.eps,
	}
}

// layerNormGradWeight is dweight (D) from x and dy.
type layerNormGradWeight struct {
	noDiff
	eps float64
}

func (k layerNormGradWeight) String() string {
	return fmt.Sprintf("LayerNormGradWeight{eps=%g}", k.eps)
}

func (layerNormGradWeight) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 0, 0); err != nil {
		return nil, err
	}
	return tensor.Shape{last(in[0])}, nil
}

func (k layerNormGradWeight) Bind(a *Args) (Runner, error) {
	return typed(k, a, bindLayerNormGradWeight[float32], bindLayerNormGradWeight[float64])
}

func bindLayerNormGradWeight[T cpu.Float](k layerNormGradWeight, a *Args) Runner {
	s := a.In[0].Shape()
	return &cpu.LayerNormGradWeight[T]{
		DW: out[T](a), X: in[T](a, 0), DY: in[T](a, 1),
		Rows: rows(s), Dim: last(s), Eps: k.eps,
	}
}
