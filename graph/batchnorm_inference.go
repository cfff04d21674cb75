package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// BatchNormInference is (x - mean) / √(variance + eps) · weight + bias, channel by channel of x (…, C):
// batch normalisation with running statistics (C), which have no gradient. weight and bias are nil
// without an affine map.
func (b *Builder) BatchNormInference(x, mean, variance, weight, bias *Node, eps float64) *Node {
	if (weight == nil) != (bias == nil) {
		b.Fail("BatchNormInference has a weight or a bias alone, want both or none")
		return nil
	}
	k := BatchNormInference{Eps: eps, Affine: weight != nil}
	return b.Apply(k, append([]*Node{x, mean, variance}, given(weight, bias)...)...)
}

// BatchNormInference is the operation of Builder.BatchNormInference.
type BatchNormInference struct {
	noProducts
	Eps    float64
	Affine bool // whether there are weight and bias
}

func (k BatchNormInference) String() string {
	return fmt.Sprintf("BatchNormInference{eps=%g,affine=%t}", k.Eps, k.Affine)
}

func (k BatchNormInference) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := batch(in, 2+2*one(k.Affine)); err != nil {
		return nil, err
	}
	return in[0].Clone(), nil
}

func (BatchNormInference) Diff(n int) []bool {
	d := make([]bool, n)
	for i := range d {
		d[i] = i != 1 && i != 2
	}
	return d
}

func (k BatchNormInference) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	if !k.Affine {
		return []*Node{g.Apply(BatchNormInferenceGrad{Eps: k.Eps}, dy, in[2]), nil, nil}
	}
	return []*Node{
		g.Apply(BatchNormInferenceGrad{Eps: k.Eps, Affine: true}, dy, in[2], in[3]), nil, nil,
		g.Apply(BatchNormInferenceGradWeight{Eps: k.Eps}, in[0], dy, in[1], in[2]),
		g.Apply(SumRows{To: in[4].Shape(), Exact: true}, dy),
	}
}

// BatchNormInferenceGrad is dx from dy, variance and weight, where there is one.
type BatchNormInferenceGrad struct {
	noDiff
	noProducts
	Eps    float64
	Affine bool
}

func (k BatchNormInferenceGrad) String() string {
	return fmt.Sprintf("BatchNormInferenceGrad{eps=%g,affine=%t}", k.Eps, k.Affine)
}

func (k BatchNormInferenceGrad) Shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), ranks(in, make([]int, 2+one(k.Affine))...)
}

// BatchNormInferenceGradWeight is dweight (C) from x, dy, mean and variance.
type BatchNormInferenceGradWeight struct {
	noDiff
	noProducts
	Eps float64
}

func (k BatchNormInferenceGradWeight) String() string {
	return fmt.Sprintf("BatchNormInferenceGradWeight{eps=%g}", k.Eps)
}

func (BatchNormInferenceGradWeight) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 0, 0, 1, 1); err != nil {
		return nil, err
	}
	return tensor.Shape{last(in[0])}, nil
}

// Elements is the size of x.
func (BatchNormInferenceGradWeight) Elements(in []tensor.Shape) int { return in[0].TotalSize() }
