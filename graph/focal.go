package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// SoftmaxFocal is the focal loss of logits (…, K) with labels, one for each row: -(1 - p)^gamma · log p
// of the label's class, the mean over labels that count. Negative labels never count, nor does `ignore`
// if it is not 0.
func (b *Builder) SoftmaxFocal(logits, labels *Node, gamma float64, ignore int) *Node {
	return b.Apply(SoftmaxFocal{Gamma: gamma, Ignore: ignore}, logits, labels)
}

// SoftmaxFocal is the operation of Builder.SoftmaxFocal.
type SoftmaxFocal struct {
	loss
	Gamma  float64
	Ignore int
}

func (k SoftmaxFocal) String() string {
	return fmt.Sprintf("SoftmaxFocal{gamma=%v,ignore=%d}", k.Gamma, k.Ignore)
}

func (k SoftmaxFocal) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if !(k.Gamma >= 0) {
		return nil, fmt.Errorf("gamma must be at least 0")
	}
	return CrossEntropy{}.Shape(in)
}

func (k SoftmaxFocal) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	return lossGrads(g, k, in, dy)
}
