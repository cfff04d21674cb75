package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// NormNodes are the parameters and statistics (C) of a BatchNorm at inference. Weight and Bias are
// nil without an affine map.
type NormNodes struct{ Mean, Var, Weight, Bias *Node }

// FoldNorm returns the weight and bias of the Linear that equals a BatchNorm at inference followed
// by a Linear of w (Out, C) and bias (Out) or nil:
//
//	w·diag(s)    bias + w·(n.Bias - n.Mean·s)    s = n.Weight / √(n.Var + eps)
//
// Of weights that never change both are computed once.
func (b *Builder) FoldNorm(w, bias *Node, n NormNodes, eps float64) (weight, folded *Node) {
	affine := n.Weight != nil
	if affine != (n.Bias != nil) {
		b.Fail("a BatchNorm has a weight or a bias alone, want both or none")
		return nil, nil
	}
	in := []*Node{w, n.Var}
	if affine {
		in = append(in, n.Weight)
	}
	weight = b.At("weight").Apply(FoldNormWeight{Eps: eps, Affine: affine}, in...)
	in = []*Node{w, n.Mean, n.Var}
	if affine {
		in = append(in, n.Weight, n.Bias)
	}
	if bias != nil {
		in = append(in, bias)
	}
	folded = b.At("bias").Apply(FoldNormBias{Eps: eps, Affine: affine, Bias: bias != nil}, in...)
	return weight, folded
}

// FoldNormWeight is the weight of Builder.FoldNorm, from w, Var and perhaps Weight.
type FoldNormWeight struct {
	noDiff
	noProducts
	Eps    float64
	Affine bool
}

func (k FoldNormWeight) String() string {
	return fmt.Sprintf("FoldNormWeight{eps=%g,affine=%t}", k.Eps, k.Affine)
}

func (k FoldNormWeight) Shape(in []tensor.Shape) (tensor.Shape, error) {
	want := 1
	if k.Affine {
		want++
	}
	if err := foldable(in, want); err != nil {
		return nil, err
	}
	return in[0].Clone(), nil
}

// foldable checks w (Out, C) and that many other inputs (C).
func foldable(in []tensor.Shape, others int) error {
	if len(in) < 1+others || len(in[0]) != 2 {
		return fmt.Errorf("has inputs %v, want a weight (Out, C) and %d of (C)", in, others)
	}
	for _, s := range in[1 : 1+others] {
		if !s.Eq(tensor.Shape{in[0][1]}) {
			return fmt.Errorf("weight is %v and the norm's %v, want (%d)", in[0], s, in[0][1])
		}
	}
	return nil
}

// FoldNormBias is the bias of Builder.FoldNorm, from w, Mean, Var and perhaps Weight and Bias, and
// perhaps the Linear's own bias.
type FoldNormBias struct {
	noDiff
	noProducts
	Eps          float64
	Affine, Bias bool
}

func (k FoldNormBias) String() string {
	return fmt.Sprintf("FoldNormBias{eps=%g,affine=%t,bias=%t}", k.Eps, k.Affine, k.Bias)
}

func (k FoldNormBias) Shape(in []tensor.Shape) (tensor.Shape, error) {
	want := 2
	if k.Affine {
		want += 2
	}
	if err := foldable(in, want); err != nil {
		return nil, err
	}
	out := tensor.Shape{in[0][0]}
	if k.Bias && (len(in) != 2+want || !in[1+want].Eq(out)) {
		return nil, fmt.Errorf("weight is %v and the inputs %v, want a bias %v at the end", in[0], in, out)
	}
	return out, nil
}
