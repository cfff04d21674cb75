package layers

import "cradio/graph"

// InputConditioner normalises pixels in [0, 1] by a mean and a deviation per channel.
type InputConditioner struct {
	Mean, Std *graph.Weight // (3, 1, 1)
}

// NewInputConditioner loads norm_mean and norm_std.
func NewInputConditioner(w *Weights) *InputConditioner {
	return &InputConditioner{Mean: w.Tensor("norm_mean", 3, 1, 1), Std: w.Tensor("norm_std", 3, 1, 1)}
}

// Forward maps x (B, 3, H, W) to the same shape. A nil conditioner returns x.
func (c *InputConditioner) Forward(g *graph.Builder, x *graph.Node) *graph.Node {
	if c == nil {
		return x
	}
	return g.Normalize(x, g.Weight(c.Mean), g.Weight(c.Std))
}
