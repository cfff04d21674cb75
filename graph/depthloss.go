package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// SILog is √(var(g) + lambda·mean(g)²) with g = log(pred + eps) - log(target + eps), where valid is not
// 0: the scale-invariant loss of depth. The variance is the unbiased one. valid may be nil. With less
// than two valid elements it is √lambda·|mean(g)|, and 0 with none.
func (b *Builder) SILog(pred, target, valid *Node, lambda, eps float64) *Node {
	k := SILog{Lambda: lambda, Eps: eps, Masked: valid != nil}
	return b.Apply(k, append([]*Node{pred, target}, given(valid)...)...)
}

// GradientLog is MegaDepth's gradient loss of maps (…, h, w) at four scales, as DINOv3 has it: on every
// 1st, 2nd, 4th and 6th pixel of both axes, the sum of |g(y) - g(y+2)| and |g(x) - g(x+2)| where both
// are valid, divided by the number of valid pixels; g is that of SILog. valid may be nil. A scale without
// a valid pixel counts 0.
func (b *Builder) GradientLog(pred, target, valid *Node, h, w int, eps float64) *Node {
	k := GradientLog{H: h, W: w, Eps: eps, Masked: valid != nil}
	return b.Apply(k, append([]*Node{pred, target}, given(valid)...)...)
}

// SILog is the operation of Builder.SILog.
type SILog struct {
	loss
	Lambda, Eps float64
	Masked      bool // whether there is a mask
}

func (k SILog) String() string {
	return fmt.Sprintf("SILog{lambda=%v,eps=%v,masked=%t}", k.Lambda, k.Eps, k.Masked)
}

func (k SILog) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if !(k.Lambda >= 0) || !(k.Eps >= 0) {
		return nil, fmt.Errorf("lambda and eps must be at least 0")
	}
	return tensor.Shape{1}, targets(in, k.Masked, 0)
}

func (k SILog) Grad(g *Builder, in []*Node, _, dy *Node) []*Node { return lossGrads(g, k, in, dy) }

// GradientLog is the operation of Builder.GradientLog.
type GradientLog struct {
	loss
	H, W   int
	Eps    float64
	Masked bool // whether there is a mask
}

func (k GradientLog) String() string {
	return fmt.Sprintf("GradientLog{%dx%d,eps=%v,masked=%t}", k.H, k.W, k.Eps, k.Masked)
}

func (k GradientLog) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if !(k.Eps >= 0) {
		return nil, fmt.Errorf("eps must be at least 0")
	}
	if err := targets(in, k.Masked, 0); err != nil {
		return nil, err
	}
	if k.H < 1 || k.W < 1 || in[0].TotalSize()%(k.H*k.W) != 0 {
		return nil, fmt.Errorf("input is %v, want maps of %d×%d", in[0], k.H, k.W)
	}
	return tensor.Shape{1}, nil
}

func (k GradientLog) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	return lossGrads(g, k, in, dy)
}
