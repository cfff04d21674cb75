package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// BatchNorm normalises each channel of x (…, C) over all rows to mean 0 and variance 1, the biased one,
// then multiplies by weight (C) and adds bias (C): batch normalisation in training. weight and bias are
// nil without an affine map. One row alone has no variance: that is an error.
func (b *Builder) BatchNorm(x, weight, bias *Node, eps float64) *Node {
	if (weight == nil) != (bias == nil) {
		b.Fail("BatchNorm has a weight or a bias alone, want both or none")
		return nil
	}
	return b.Apply(BatchNorm{Eps: eps, Affine: weight != nil}, append([]*Node{x}, given(weight, bias)...)...)
}

// BatchNorm is the operation of Builder.BatchNorm.
type BatchNorm struct {
	allDiff
	noProducts
	Eps    float64
	Affine bool // whether there are weight and bias
}

func (k BatchNorm) String() string {
	return fmt.Sprintf("BatchNorm{eps=%g,affine=%t}", k.Eps, k.Affine)
}

func (k BatchNorm) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := batch(in, 2*one(k.Affine)); err != nil {
		return nil, err
	}
	if rows(in[0]) < 2 {
		return nil, fmt.Errorf("input is %v: one row has no variance; train with at least two pictures in each batch", in[0])
	}
	return in[0].Clone(), nil
}

// batch checks x (…, C), and that so many other inputs are (C).
func batch(in []tensor.Shape, others int) error {
	want := make([]int, 1+others)
	if err := ranks(in, want...); err != nil {
		return err
	}
	if len(in[0]) < 2 {
		return fmt.Errorf("input is %v, want (…, C)", in[0])
	}
	for i := range others {
		if !in[i+1].Eq(tensor.Shape{last(in[0])}) {
			return fmt.Errorf("input is %v and operand %d %v, want (%d)", in[0], i+1, in[i+1], last(in[0]))
		}
	}
	return nil
}

func (k BatchNorm) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	if !k.Affine {
		return []*Node{g.Apply(BatchNormGrad{Eps: k.Eps}, in[0], dy)}
	}
	return []*Node{
		g.Apply(BatchNormGrad{Eps: k.Eps, Affine: true}, in[0], dy, in[1]),
		g.Apply(BatchNormGradWeight{Eps: k.Eps}, in[0], dy),
		g.Apply(SumRows{To: in[2].Shape(), Exact: true}, dy),
	}
}

// BatchNormGrad is dx from x, dy and weight, where there is one.
type BatchNormGrad struct {
	noDiff
	noProducts
	Eps    float64
	Affine bool
}

func (k BatchNormGrad) String() string {
	return fmt.Sprintf("BatchNormGrad{eps=%g,affine=%t}", k.Eps, k.Affine)
}

func (k BatchNormGrad) Shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), ranks(in, make([]int, 2+one(k.Affine))...)
}

// BatchNormGradWeight is dweight (C) from x and dy.
type BatchNormGradWeight struct {
	noDiff
	noProducts
	Eps float64
}

func (k BatchNormGradWeight) String() string {
	return fmt.Sprintf("BatchNormGradWeight{eps=%g}", k.Eps)
}

func (BatchNormGradWeight) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 0, 0); err != nil {
		return nil, err
	}
	return tensor.Shape{last(in[0])}, nil
}

// Elements is the size of x.
func (BatchNormGradWeight) Elements(in []tensor.Shape) int { return in[0].TotalSize() }
