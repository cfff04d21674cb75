package layers

import "cradio/graph"

// AttentionPool pools tokens to one: a learned query attends to them, and an MLP with a residual
// follows. It is timm's AttentionPoolLatent with one latent, as in SigLIP and CAPI.
type AttentionPool struct {
	Latent      *graph.Weight // (1, 1, D)
	Q, KV, Proj *Linear
	Norm        *LayerNorm
	MLP         *MLP
	Heads       int
}

// NewAttentionPool loads latent, q, kv (2D, D), the keys before the values, proj, norm and mlp.
func NewAttentionPool(w *Weights, dim, heads, hidden int, eps float64) *AttentionPool {
	return &AttentionPool{
		Latent: w.Tensor("latent", 1, 1, dim),
		Q:      NewLinear(w.At("q"), dim, dim),
		KV:     NewLinear(w.At("kv"), dim, 2*dim),
		Proj:   NewLinear(w.At("proj"), dim, dim),
		Norm:   NewLayerNorm(w.At("norm"), dim, eps),
		MLP:    NewMLP(w.At("mlp"), dim, hidden),
		Heads:  heads,
	}
}

// Forward maps tokens x (B, N, D) to (B, D).
func (p *AttentionPool) Forward(g *graph.Builder, x *graph.Node) *graph.Node {
	q := p.Q.Forward(g.At("q"), g.Weight(p.Latent))     // (1, 1, D)
	kv := p.KV.Forward(g.At("kv"), x)                   // (B, N, 2D)
	y := g.At("context").CrossAttention(q, kv, p.Heads) // (B, 1, D)
	y = p.Proj.Forward(g.At("proj"), y)                 // (B, 1, D)
	z := p.MLP.Forward(g.At("mlp"), p.Norm.Forward(g.At("norm"), y))
	return g.Select(g.At("sum").Add(y, z), []int{0})
}
