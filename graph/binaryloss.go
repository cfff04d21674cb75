package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// BinaryCrossEntropy is the binary cross entropy of logits (…, K) with targets of the same shape, 0 to
// 1, from the logits: the mean. known, of the same shape, is 0 for targets that do not count; positive (K)
// weighs the positive targets of each class. Both may be nil. See torch.nn.BCEWithLogitsLoss.
func (b *Builder) BinaryCrossEntropy(logits, targets, known, positive *Node) *Node {
	k := BinaryCrossEntropy{Known: known != nil, Positive: positive != nil}
	return b.Apply(k, append([]*Node{logits, targets}, given(known, positive)...)...)
}

// SigmoidFocal is RetinaNet's focal loss of logits (…, K) with targets 0 to 1, the mean; known is as in
// BinaryCrossEntropy. alpha weighs positive targets, 1 - alpha negative ones; a negative alpha weighs
// none. See torchvision.ops.sigmoid_focal_loss.
func (b *Builder) SigmoidFocal(logits, targets, known *Node, alpha, gamma float64) *Node {
	k := SigmoidFocal{Alpha: alpha, Gamma: gamma, Known: known != nil}
	return b.Apply(k, append([]*Node{logits, targets}, given(known)...)...)
}

// BinaryCrossEntropy is the operation of Builder.BinaryCrossEntropy.
type BinaryCrossEntropy struct {
	loss
	Known, Positive bool // which operands there are
}

func (k BinaryCrossEntropy) String() string {
	return fmt.Sprintf("BinaryCrossEntropy{known=%t,positive=%t}", k.Known, k.Positive)
}

func (k BinaryCrossEntropy) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := targets(in, k.Known, one(k.Positive)); err != nil {
		return nil, err
	}
	if k.Positive {
		return tensor.Shape{1}, sizes(in, len(in)-1, last(in[0]), "weights of positive targets")
	}
	return tensor.Shape{1}, nil
}

func (k BinaryCrossEntropy) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	return lossGrads(g, k, in, dy)
}

// SigmoidFocal is the operation of Builder.SigmoidFocal.
type SigmoidFocal struct {
	loss
	Alpha, Gamma float64
	Known        bool // whether there is a mask
}

func (k SigmoidFocal) String() string {
	return fmt.Sprintf("SigmoidFocal{alpha=%v,gamma=%v,known=%t}", k.Alpha, k.Gamma, k.Known)
}

func (k SigmoidFocal) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if !(k.Gamma >= 0) || !(k.Alpha <= 1) {
		return nil, fmt.Errorf("alpha and gamma must be at most 1, and at least 0")
	}
	return tensor.Shape{1}, targets(in, k.Known, 0)
}

func (k SigmoidFocal) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	return lossGrads(g, k, in, dy)
}

// targets checks targets, and a mask where there is one: both have as many elements as the first
// input. After them come so many other inputs.
func targets(in []tensor.Shape, masked bool, others int) error {
	if err := count(in, 2+one(masked)+others); err != nil {
		return err
	}
	if err := ranks(in[:1], 0); err != nil {
		return err
	}
	n := in[0].TotalSize()
	if err := sizes(in, 1, n, "targets"); err != nil {
		return err
	}
	if masked {
		return sizes(in, 2, n, "masks")
	}
	return nil
}
