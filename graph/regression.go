package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// SmoothL1 is ½d²/beta where |d| < beta and |d| - ½beta elsewhere, d = pred - target, the mean. valid
// is 0 for elements that do not count; it may be nil. See torch.nn.SmoothL1Loss.
func (b *Builder) SmoothL1(pred, target, valid *Node, beta float64) *Node {
	return b.regression(Regression{Beta: beta, Masked: valid != nil}, pred, target, valid)
}

// L1 is the mean of |pred - target|, with a mask as in SmoothL1.
func (b *Builder) L1(pred, target, valid *Node) *Node {
	return b.regression(Regression{Masked: valid != nil}, pred, target, valid)
}

// MSE is the mean of (pred - target)², with a mask as in SmoothL1.
func (b *Builder) MSE(pred, target, valid *Node) *Node {
	return b.regression(Regression{Square: true, Masked: valid != nil}, pred, target, valid)
}

func (b *Builder) regression(k Regression, pred, target, valid *Node) *Node {
	return b.Apply(k, append([]*Node{pred, target}, given(valid)...)...)
}

// Regression is the operation of Builder.SmoothL1, L1 and MSE.
type Regression struct {
	loss
	Square bool    // the square of the difference
	Beta   float64 // else, below this the square
	Masked bool    // whether there is a mask
}

func (k Regression) String() string {
	name := fmt.Sprintf("SmoothL1{beta=%v", k.Beta)
	switch {
	case k.Square:
		name = "MSE{"
	case k.Beta == 0:
		name = "L1{"
	}
	return fmt.Sprintf("%s,masked=%t}", name, k.Masked)
}

func (k Regression) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if !(k.Beta >= 0) {
		return nil, fmt.Errorf("beta must be at least 0")
	}
	return tensor.Shape{1}, targets(in, k.Masked, 0)
}

func (k Regression) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	return lossGrads(g, k, in, dy)
}
