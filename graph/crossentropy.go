package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// CrossEntropy is the cross entropy of logits (…, K) with labels, one for each row, or with
// probabilities (…, K). weight (K) weighs the classes; it may be nil. See torch.nn.CrossEntropyLoss.
func (b *Builder) CrossEntropy(logits, labels, weight *Node, k CrossEntropy) *Node {
	k.Weighted = weight != nil
	return b.Apply(k, append([]*Node{logits, labels}, given(weight)...)...)
}

// CrossEntropy is the operation of Builder.CrossEntropy, with its options. The zero value is the mean
// over all labels that are not negative.
type CrossEntropy struct {
	loss
	// Smoothing is the part of each label that all classes share, in [0, 1].
	Smoothing float64
	// Ignore is the label of rows that do not count, 0 for none. Negative labels never count.
	Ignore int
	// OverAll divides by the number of all rows, ignored ones too, and not by the weight of the labels
	// that count.
	OverAll bool
	// Soft says that labels are probabilities of the classes. Then every row counts.
	Soft bool
	// Weighted says that there are weights of classes. The Builder sets it.
	Weighted bool
}

func (k CrossEntropy) String() string {
	return fmt.Sprintf("CrossEntropy{smoothing=%v,ignore=%d,all=%t,soft=%t,weighted=%t}", k.Smoothing, k.Ignore, k.OverAll, k.Soft, k.Weighted)
}

func (k CrossEntropy) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := count(in, 2+one(k.Weighted)); err != nil {
		return nil, err
	}
	if len(in[0]) < 2 {
		return nil, fmt.Errorf("logits are %v, want (…, K)", in[0])
	}
	n := rows(in[0])
	if k.Soft {
		n = in[0].TotalSize()
	}
	if err := sizes(in, 1, n, "labels"); err != nil {
		return nil, err
	}
	return tensor.Shape{1}, k.classes(in, last(in[0]))
}

// classes checks the options, and the weights of the classes.
func (k CrossEntropy) classes(in []tensor.Shape, classes int) error {
	if !(k.Smoothing >= 0 && k.Smoothing <= 1) {
		return fmt.Errorf("smoothing is %v, want 0 to 1", k.Smoothing)
	}
	if k.Weighted {
		return sizes(in, 2, classes, "weights of classes")
	}
	return nil
}

func (k CrossEntropy) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	return lossGrads(g, k, in, dy)
}
