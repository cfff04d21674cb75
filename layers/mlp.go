package layers

import "cradio/graph"

// MLP is the feed-forward half of a block: fc1, exact GELU, fc2.
type MLP struct {
	FC1, FC2 *Linear
}

// NewMLP loads fc1 (hidden, D) and fc2 (D, hidden).
func NewMLP(w *Weights, dim, hidden int) *MLP {
	return &MLP{FC1: NewLinear(w.At("fc1"), dim, hidden), FC2: NewLinear(w.At("fc2"), hidden, dim)}
}

// Forward maps x (B, T, D) to (B, T, D).
func (m *MLP) Forward(g *graph.Builder, x *graph.Node) *graph.Node {
	y := m.FC1.Forward(g.At("fc1"), x) // (B, T, hidden)
	y = g.At("gelu").GELU(y)
	return m.FC2.Forward(g.At("fc2"), y)
}
