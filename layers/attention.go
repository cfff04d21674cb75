package layers

import "cradio/graph"

// Attention is multi-head self-attention over packed queries, keys and values.
type Attention struct {
	QKV, Proj *Linear
	Heads     int
}

// NewAttention asks for qkv (3D, D), rows ordered [q; k; v], and proj (D, D).
func NewAttention(w *Weights, dim, heads int) *Attention {
	return &Attention{
		QKV:   NewLinear(w.At("qkv"), dim, 3*dim),
		Proj:  NewLinear(w.At("proj"), dim, dim),
		Heads: heads,
	}
}

// Forward maps x (B, T, D) to (B, T, D).
func (a *Attention) Forward(g *graph.Builder, x *graph.Node) *graph.Node {
	qkv := a.QKV.Forward(g.At("qkv"), x)         // (B, T, 3D)
	y := g.At("context").Attention(qkv, a.Heads) // (B, T, D)
	return a.Proj.Forward(g.At("proj"), y)
}
