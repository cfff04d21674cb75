package layers

import "cradio/graph"

// Attention is multi-head self-attention over packed queries, keys and values.
type Attention struct {
	QKV, Proj *Linear
	Heads     int
}

// NewAttention loads qkv (3D, D), with the rows of queries, keys and values in
// that order and an optional bias, and proj (D, D).
func NewAttention(w *Weights, dim, heads int, qkvBias bool) *Attention {
	qkv := &Linear{Weight: w.At("qkv").Tensor("weight", 3*dim, dim)}
	if qkvBias {
		qkv.Bias = w.At("qkv").Tensor("bias", 3*dim)
	}
	return &Attention{QKV: qkv, Proj: NewLinear(w.At("proj"), dim, dim), Heads: heads}
}

// Forward maps x (B, T, D) to (B, T, D).
func (a *Attention) Forward(g *graph.Builder, x *graph.Node) *graph.Node {
	qkv := a.QKV.Forward(g.At("qkv"), x)         // (B, T, 3D)
	y := g.At("context").Attention(qkv, a.Heads) // (B, T, D)
	return a.Proj.Forward(g.At("proj"), y)
}
