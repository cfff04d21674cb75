package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// LayerNorm normalises each row of x (…, D) to mean 0 and variance 1, then
// multiplies by weight (D) and adds bias (D).
func (b *Builder) LayerNorm(x, weight, bias *Node, eps float64) *Node {
	return b.Apply(LayerNorm{Eps: eps, Gain: 1}, x, weight, bias)
}

// LayerNorm is the operation of Builder.LayerNorm.
type LayerNorm struct {
	allDiff
	noProducts
	Eps  float64
	Gain float64 // multiplies weight and bias; 1 unless a Scale was fused
}

func (k LayerNorm) String() string {
	if k.Gain != 1 {
		return fmt.Sprintf("LayerNorm+Scale{eps=%g,%v}", k.Eps, k.Gain)
	}
	return fmt.Sprintf("LayerNorm{eps=%g}", k.Eps)
}

func (LayerNorm) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 0, 1, 1); err != nil {
		return nil, err
	}
	if d := last(in[0]); in[1][0] != d || in[2][0] != d {
		return nil, fmt.Errorf("input is %v, weight %v and bias %v: the last axes differ", in[0], in[1], in[2])
	}
	return in[0].Clone(), nil
}

func (k LayerNorm) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	return []*Node{
		g.Apply(LayerNormGrad{Eps: k.Eps}, in[0], in[1], dy),
		g.Apply(LayerNormGradWeight{Eps: k.Eps}, in[0], dy),
		g.sumTo(dy, in[2]),
	}
}

// LayerNormGrad is dx from x, weight and dy.
type LayerNormGrad struct {
	noDiff
	noProducts
	Eps float64
}

func (k LayerNormGrad) String() string { return fmt.Sprintf("LayerNormGrad{eps=%g}", k.Eps) }

func (LayerNormGrad) Shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), ranks(in, 0, 1, 0)
}

// LayerNormGradWeight is dweight (D) from x and dy.
type LayerNormGradWeight struct {
	noDiff
	noProducts
	Eps float64
}

func (k LayerNormGradWeight) String() string {
	return fmt.Sprintf("LayerNormGradWeight{eps=%g}", k.Eps)
}

func (LayerNormGradWeight) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 0, 0); err != nil {
		return nil, err
	}
	return tensor.Shape{last(in[0])}, nil
}
