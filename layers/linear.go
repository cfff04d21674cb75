package layers

import "cradio/graph"

// Linear computes x·Wᵀ + b.
type Linear struct {
	Weight *graph.Weight // (Out, In)
	Bias   *graph.Weight // (Out), or nil
}

// NewLinear loads weight (Out, In) and bias (Out).
func NewLinear(w *Weights, in, out int) *Linear {
	return &Linear{Weight: w.Tensor("weight", out, in), Bias: w.Tensor("bias", out)}
}

// Forward maps x (…, In) to (…, Out).
func (l *Linear) Forward(g *graph.Builder, x *graph.Node) *graph.Node {
	if l.Bias == nil {
		return g.Linear(x, g.Weight(l.Weight), nil)
	}
	return g.Linear(x, g.Weight(l.Weight), g.Weight(l.Bias))
}
