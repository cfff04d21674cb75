package head

import (
	"cradio/graph"
	"cradio/layers"
)

// linear is a Linear on a vector, perhaps behind a norm.
type linear struct {
	norm *norm
	head *layers.Linear
}

func newLinear(w *layers.Weights, s *Spec) module {
	return &linear{newNorm(w.At("norm"), s.Width(), s.Norm), layers.NewLinear(w.At("head"), s.Width(), s.Outputs)}
}

func (l *linear) forward(g *graph.Builder, p *pass, sources []*graph.Node) *graph.Node {
	x := g.At("input").Join(sources...) // (B, D)
	return p.normLinear(g.At("head"), l.norm, l.head, x)
}

// mlp is fc1, GELU, dropout and fc2 on a vector, perhaps behind a norm.
type mlp struct {
	norm     *norm
	fc1, fc2 *layers.Linear
	drop     float64
}

func newMLP(w *layers.Weights, s *Spec) module {
	return &mlp{
		norm: newNorm(w.At("norm"), s.Width(), s.Norm),
		fc1:  layers.NewLinear(w.At("fc1"), s.Width(), s.Hidden[0]),
		fc2:  layers.NewLinear(w.At("fc2"), s.Hidden[0], s.Outputs),
		drop: s.Dropout,
	}
}

func (m *mlp) forward(g *graph.Builder, p *pass, sources []*graph.Node) *graph.Node {
	x := g.At("input").Join(sources...)              // (B, D)
	y := p.normLinear(g.At("fc1"), m.norm, m.fc1, x) // (B, hidden)
	y = g.At("gelu").GELU(y)                         // (B, hidden)
	y = p.dropout(g.At("dropout"), y, m.drop)        // (B, hidden)
	return m.fc2.Forward(g.At("fc2"), y)             // (B, K)
}

// attentive pools tokens by a learned query.
type attentive struct {
	pool *layers.AttentionPool
	head *layers.Linear
}

// attentiveEps is timm's LayerNorm epsilon in vision transformers.
const attentiveEps = 1e-6

func newAttentive(w *layers.Weights, s *Spec) module {
	return &attentive{
		layers.NewAttentionPool(w.At("pool"), s.Width(), s.Heads, s.PoolWidth(), attentiveEps),
		layers.NewLinear(w.At("head"), s.Width(), s.Outputs),
	}
}

func (a *attentive) forward(g *graph.Builder, _ *pass, sources []*graph.Node) *graph.Node {
	x := a.pool.Forward(g.At("pool"), sources[0]) // (B, D)
	return a.head.Forward(g.At("head"), x)        // (B, K)
}
