package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// Dice is 1 - (2·Σpt + smooth) / (Σp² + Σt² + smooth) of each picture and class, the mean: p is the
// softmax of logits (B, P, K), t is 1 for the class of the labels (B, P). Pixels of negative labels, or
// of `ignore` if it is not 0, count in no sum. (mmseg counts them in Σp².)
func (b *Builder) Dice(logits, labels *Node, smooth float64, ignore int) *Node {
	return b.Apply(Dice{Smooth: smooth, Ignore: ignore}, logits, labels)
}

// Dice is the operation of Builder.Dice.
type Dice struct {
	loss
	Smooth float64
	Ignore int
}

func (k Dice) String() string { return fmt.Sprintf("Dice{smooth=%v,ignore=%d}", k.Smooth, k.Ignore) }

func (k Dice) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := count(in, 2); err != nil {
		return nil, err
	}
	if len(in[0]) != 3 {
		return nil, fmt.Errorf("logits are %v, want (B, P, K)", in[0])
	}
	if !(k.Smooth > 0) {
		return nil, fmt.Errorf("smooth must be positive: a class may be absent")
	}
	return tensor.Shape{1}, sizes(in, 1, rows(in[0]), "labels")
}

func (k Dice) Grad(g *Builder, in []*Node, _, dy *Node) []*Node { return lossGrads(g, k, in, dy) }
