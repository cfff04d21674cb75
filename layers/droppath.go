package layers

import "cradio/graph"

// DropPath drops a block's two branches, each for some images of a batch ("stochastic depth"). What
// is kept is divided by 1 - Rate.
type DropPath struct {
	Attn, MLP *graph.Node // masks (B, 1, 1): 1 keeps the branch, 0 drops it
	Rate      float64
}

func (d *DropPath) attn(g *graph.Builder, y *graph.Node) *graph.Node {
	if d == nil {
		return y
	}
	return g.At("drop1").Dropout(y, d.Attn, d.Rate)
}

func (d *DropPath) mlp(g *graph.Builder, y *graph.Node) *graph.Node {
	if d == nil {
		return y
	}
	return g.At("drop2").Dropout(y, d.MLP, d.Rate)
}
