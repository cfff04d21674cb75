package layers

import "cradio/graph"

// LayerNorm normalises each token over its channels.
type LayerNorm struct {
	Weight, Bias *graph.Weight // (D)
	Eps          float64
	Gain         float64 // multiplies the output; 1 except in "scaled_ln" models
}

// NewLayerNorm loads weight and bias.
func NewLayerNorm(w *Weights, dim int, eps float64) *LayerNorm {
	return &LayerNorm{Weight: w.Tensor("weight", dim), Bias: w.Tensor("bias", dim), Eps: eps, Gain: 1}
}

// Forward maps x (…, D) to the same shape.
func (l *LayerNorm) Forward(g *graph.Builder, x *graph.Node) *graph.Node {
	y := g.LayerNorm(x, g.Weight(l.Weight), g.Weight(l.Bias), l.Eps)
	if l.Gain != 1 {
		y = g.Scale(y, l.Gain)
	}
	return y
}
