package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// ResizedCrossEntropy is the cross entropy of logits (B, h·w, K) that are resized to the labels
// (B, H, W): Resize and CrossEntropy in one operation, which never holds the resized logits. weight (K)
// may be nil.
func (b *Builder) ResizedCrossEntropy(logits, labels, weight *Node, k CrossEntropy, r Resize) *Node {
	k.Weighted = weight != nil
	return b.Apply(ResizedCrossEntropy{Of: k, Resize: r}, append([]*Node{logits, labels}, given(weight)...)...)
}

// ResizedCrossEntropy is the operation of Builder.ResizedCrossEntropy.
type ResizedCrossEntropy struct {
	loss
	Of     CrossEntropy
	Resize Resize
}

func (k ResizedCrossEntropy) String() string { return fmt.Sprintf("%v+%v", k.Resize, k.Of) }

func (k ResizedCrossEntropy) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := count(in, 2+one(k.Of.Weighted)); err != nil {
		return nil, err
	}
	large, err := k.Resize.Shape(in[:1])
	if err != nil {
		return nil, err
	}
	if k.Of.Soft {
		return nil, fmt.Errorf("soft labels are not resized: use Resize and CrossEntropy")
	}
	if err := sizes(in, 1, large[0]*large[1], "labels"); err != nil {
		return nil, err
	}
	return tensor.Shape{1}, k.Of.classes(in, large[2])
}

// Elements is the number of resized logits.
func (k ResizedCrossEntropy) Elements(in []tensor.Shape) int { return in[1].TotalSize() * last(in[0]) }

func (k ResizedCrossEntropy) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	return lossGrads(g, k, in, dy)
}
