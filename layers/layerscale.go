package layers

import "cradio/graph"

// LayerScale multiplies a residual branch by a learned factor per channel.
type LayerScale struct {
	Gamma *graph.Weight // (D)
}

// NewLayerScale loads the factors. name is the name of the parameter: "grandma"
// in RADIO's backbones, "gamma" in timm's blocks.
func NewLayerScale(w *Weights, name string, dim int) *LayerScale {
	return &LayerScale{Gamma: w.Tensor(name, dim)}
}

// Forward maps x (…, D) to the same shape. A nil LayerScale returns x.
func (l *LayerScale) Forward(g *graph.Builder, x *graph.Node) *graph.Node {
	if l == nil {
		return x
	}
	return g.Mul(x, g.Weight(l.Gamma))
}
