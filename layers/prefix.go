package layers

import "cradio/graph"

// PrefixTokens are the learned class and register tokens before the patches.
// They have no position embedding.
type PrefixTokens struct {
	Token *graph.Weight // (classes + registers, D)
}

// NewPrefixTokens loads the n tokens.
func NewPrefixTokens(w *Weights, n, dim int) *PrefixTokens {
	return &PrefixTokens{Token: w.Tensor("token", n, dim)}
}

// Forward maps x (B, N, D) to (B, n+N, D).
func (p *PrefixTokens) Forward(g *graph.Builder, x *graph.Node) *graph.Node {
	return g.Prefix(g.Weight(p.Token), x)
}
