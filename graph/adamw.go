package graph

import (
	"errors"
	"fmt"

	"gorgonia.org/tensor"
)

// AdamW is the operation of Builder.AdamW: a step of Adam as PyTorch's torch.optim.AdamW
// makes it, or with Coupled torch.optim.Adam. With the rate r of step t, and g times the
// factor of clip:
//
//	m = β1·m + (1-β1)·g        v = β2·v + (1-β2)·g²
//	w = w·(1 - r·Decay) - r/(1-β1ᵗ) · m / (√v/√(1-β2ᵗ) + Eps)
//
// Coupled adds Decay·w to g in place of the factor of w.
type AdamW struct {
	noDiff
	noProducts
	Beta1, Beta2 float64 // PyTorch's are 0.9 and 0.999
	Eps          float64 // PyTorch's is 1e-8
	Decay        float64
	Coupled      bool
	Rate         float64 // the factor of hyper's rate; 0 means 1
	Clipped      bool    // there is a factor of the gradient; the Builder says so
}

// AdamW steps w against its gradient. m and v, of its shape, are its moments: states of
// zeros at the first step. hyper gives rate and step. clip (1), or nil, multiplies the
// gradient: see ClipFactor. The result is the new w.
func (b *Builder) AdamW(w, grad, m, v, hyper, clip *Node, k AdamW) *Node {
	in := []*Node{w, m, v, grad, hyper}
	if k.Clipped = clip != nil; k.Clipped {
		in = append(in, clip)
	}
	return b.update(k, in...)
}

func (k AdamW) String() string {
	name := "AdamW"
	if k.Coupled {
		name = "Adam"
	}
	return fmt.Sprintf("%s{%g,%g eps=%g decay=%g rate=%g clipped=%t}", name, k.Beta1, k.Beta2, k.Eps, k.Decay, k.Factor(), k.Clipped)
}

// Factor is that of hyper's rate.
func (k AdamW) Factor() float64 { return factor(k.Rate) }

func factor(rate float64) float64 {
	if rate == 0 {
		return 1
	}
	return rate
}

// Writes implements Update: the weight and its moments.
func (AdamW) Writes() int { return 3 }

func (k AdamW) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := errors.Join(within("Beta1", k.Beta1, 0, 1), within("Beta2", k.Beta2, 0, 1)); err != nil {
		return nil, err
	}
	if !(k.Eps > 0) {
		return nil, fmt.Errorf("has an Eps of %v, want more than 0, such as 1e-8", k.Eps)
	}
	return stepped(in, k.Clipped, k.Decay, k.Rate, "weight", "m", "v", "gradient")
}

// stepped is the shape of the weight of an optimiser's step: the named inputs, hyper, and
// with clipped a factor.
func stepped(in []tensor.Shape, clipped bool, decay, rate float64, names ...string) (tensor.Shape, error) {
	total := len(names) + 1
	if clipped {
		total++
	}
	s, err := alike(in, total, names...)
	if err != nil {
		return nil, err
	}
	if !(decay >= 0) || !(rate >= 0) {
		return nil, fmt.Errorf("has a Decay of %v and a Rate of %v, want none below 0", decay, rate)
	}
	if clipped && in[total-1].TotalSize() != 1 {
		return nil, fmt.Errorf("clip is %v, want one number", in[total-1])
	}
	return s, isHyper(in[len(names)])
}
