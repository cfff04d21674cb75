package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// GlobalNorm is the operation of Builder.GlobalNorm.
type GlobalNorm struct {
	noDiff
	noProducts
}

// GlobalNorm is the root of the sum of the squares of all elements of some tensors, (1), as
// torch.nn.utils.clip_grad_norm_ returns it.
func (b *Builder) GlobalNorm(grads ...*Node) *Node { return b.Apply(GlobalNorm{}, grads...) }

func (GlobalNorm) String() string { return "GlobalNorm" }

func (GlobalNorm) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if len(in) == 0 {
		return nil, fmt.Errorf("has no inputs: give at least one gradient")
	}
	return tensor.Shape{1}, nil
}

// ClipFactor is the operation of Builder.ClipFactor.
type ClipFactor struct {
	noDiff
	noProducts
	Most float64
}

// ClipFactor is the factor (1) that brings gradients of a norm (1) down to Most, and 1
// where they are no larger: min(1, most/(norm + 1e-6)), as clip_grad_norm_ has it. most may be
// +Inf. The factor of a norm that is not finite is NaN, and updates with it write nothing: a step whose
// gradients overflow leaves weights and moments as they are.
func (b *Builder) ClipFactor(norm *Node, most float64) *Node {
	return b.Apply(ClipFactor{Most: most}, norm)
}

func (k ClipFactor) String() string { return fmt.Sprintf("ClipFactor{%g}", k.Most) }

func (k ClipFactor) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 1); err != nil {
		return nil, err
	}
	if !in[0].Eq(tensor.Shape{1}) {
		return nil, fmt.Errorf("norm is %v, want (1)", in[0])
	}
	if !(k.Most > 0) {
		return nil, fmt.Errorf("has a Most of %v, want more than 0", k.Most)
	}
	return tensor.Shape{1}, nil
}
