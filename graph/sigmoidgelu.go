package graph

import "fmt"

// QuickGELU is x·σ(1.702·x), the activation of OpenAI's CLIP.
func (b *Builder) QuickGELU(x *Node) *Node { return b.Apply(SigmoidGELU{Slope: 1.702}, x) }

// TanhGELU is ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))), which is
// x·σ(2·√(2/π)·(x + 0.044715·x³)).
func (b *Builder) TanhGELU(x *Node) *Node {
	return b.Apply(SigmoidGELU{Slope: tanhSlope, Cubic: 0.044715 * tanhSlope}, x)
}

// tanhSlope is 2·√(2/π).
const tanhSlope = 1.5957691216057307118

// SigmoidGELU is an approximation of GELU by a logistic function: x·σ(Slope·x + Cubic·x³).
type SigmoidGELU struct {
	allDiff
	noProducts
	unary
	Slope, Cubic float64
}

func (k SigmoidGELU) String() string { return fmt.Sprintf("SigmoidGELU{%g,%g}", k.Slope, k.Cubic) }

func (k SigmoidGELU) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	return []*Node{g.Apply(SigmoidGELUGrad{Slope: k.Slope, Cubic: k.Cubic}, in[0], dy)}
}

// SigmoidGELUGrad is dx from x and dy.
type SigmoidGELUGrad struct {
	unaryGrad
	Slope, Cubic float64
}

func (k SigmoidGELUGrad) String() string {
	return fmt.Sprintf("SigmoidGELUGrad{%g,%g}", k.Slope, k.Cubic)
}
