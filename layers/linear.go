package layers

import "cradio/graph"

// Linear computes x·Wᵀ + b, and with an adapter x·Wᵀ + b + Scale·x·Aᵀ·Bᵀ.
type Linear struct {
	Weight *graph.Weight // (Out, In)
	Bias   *graph.Weight // (Out), or nil
	LoRA   *LoRA         // or nil
}

// NewLinear loads weight (Out, In) and bias (Out).
func NewLinear(w *Weights, in, out int) *Linear {
	return &Linear{Weight: w.Tensor("weight", out, in), Bias: w.Tensor("bias", out)}
}

// Forward maps x (…, In) to (…, Out).
func (l *Linear) Forward(g *graph.Builder, x *graph.Node) *graph.Node {
	y := g.Linear(x, g.Weight(l.Weight), l.bias(g))
	if l.LoRA == nil {
		return y
	}
	return g.Add(y, l.LoRA.Forward(g.At("lora"), x))
}

// bias is the node of the bias, nil where there is none.
func (l *Linear) bias(g *graph.Builder) *graph.Node {
	if l.Bias == nil {
		return nil
	}
	return g.Weight(l.Bias)
}

// LoRA is a low-rank adapter of a Linear: Hu et al., "LoRA: Low-Rank Adaptation of Large Language
// Models", 2021.
type LoRA struct {
	A, B  *graph.Weight // (r, In), (Out, r)
	Scale float64
}

// Forward maps x (…, In) to (…, Out), what the adapter adds.
func (l *LoRA) Forward(g *graph.Builder, x *graph.Node) *graph.Node {
	z := g.At("A").Linear(x, g.Weight(l.A), nil) // (…, r)
	if l.Scale != 1 {
		z = g.At("scaled").Scale(z, l.Scale)
	}
	return g.At("B").Linear(z, g.Weight(l.B), nil)
}
