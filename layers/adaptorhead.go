package layers

import "cradio/graph"

// AdaptorHead is an adaptor's MLP: it maps a token of the backbone to a teacher's space.
type AdaptorHead interface {
	Forward(g *graph.Builder, x *graph.Node) *graph.Node
}

// AdaptorHeadConfig are the sizes of an AdaptorHead.
type AdaptorHeadConfig struct {
	In, Hidden, Out int
	Inner           int // hidden layers between the first and the last
}

// headEps is PyTorch's default LayerNorm epsilon.
const headEps = 1e-5

// MLP1 is version 1 of a head: fc1, LayerNorm, ReLU, then Inner × (Linear,
// LayerNorm, ReLU), then fc2.
type MLP1 struct {
	FC1, FC2 *Linear
	Norm     *LayerNorm
	Inner    []MLP1Inner
}

// MLP1Inner is one hidden layer of an MLP1.
type MLP1Inner struct {
	FC   *Linear
	Norm *LayerNorm
}

// NewMLP1 loads fc1, norm, inner.3j (Linear), inner.3j+1 (LayerNorm) and fc2.
func NewMLP1(w *Weights, c AdaptorHeadConfig) *MLP1 {
	m := &MLP1{
		FC1:  NewLinear(w.At("fc1"), c.In, c.Hidden),
		Norm: NewLayerNorm(w.At("norm"), c.Hidden, headEps),
	}
	for j := range c.Inner {
		m.Inner = append(m.Inner, MLP1Inner{
			FC:   NewLinear(w.At("inner", 3*j), c.Hidden, c.Hidden),
			Norm: NewLayerNorm(w.At("inner", 3*j+1), c.Hidden, headEps),
		})
	}
	m.FC2 = NewLinear(w.At("fc2"), c.Hidden, c.Out)
	return m
}

// Forward maps x (…, In) to (…, Out).
func (m *MLP1) Forward(g *graph.Builder, x *graph.Node) *graph.Node {
	x = m.FC1.Forward(g.At("fc1"), x)
	x = m.Norm.Forward(g.At("norm"), x)
	x = g.At("relu").ReLU(x)
	for j, in := range m.Inner {
		s := g.At("inner", j)
		x = in.FC.Forward(s.At("fc"), x)
		x = in.Norm.Forward(s.At("norm"), x)
		x = s.At("relu").ReLU(x)
	}
	return m.FC2.Forward(g, x)
}

// MLP2 is version 2 of a head: fc1, then Inner × (x + Linear(GELU(LayerNorm(x)))),
// then LayerNorm, GELU, Linear.
type MLP2 struct {
	FC1   *Linear
	Inner []normLinear
	Final normLinear
}

// normLinear is Linear(GELU(LayerNorm(x))).
type normLinear struct {
	Norm *LayerNorm
	FC   *Linear
}

func newNormLinear(w *Weights, in, out int) normLinear {
	return normLinear{Norm: NewLayerNorm(w.At(0), in, headEps), FC: NewLinear(w.At(2), in, out)}
}

func (l normLinear) forward(g *graph.Builder, x *graph.Node) *graph.Node {
	y := l.Norm.Forward(g.At("norm"), x)
	y = g.At("gelu").GELU(y)
	return l.FC.Forward(g.At("fc"), y)
}

// NewMLP2 loads fc1, blocks.j.{0,2} and final.{0,2}.
func NewMLP2(w *Weights, c AdaptorHeadConfig) *MLP2 {
	m := &MLP2{FC1: NewLinear(w.At("fc1"), c.In, c.Hidden)}
	for j := range c.Inner {
		m.Inner = append(m.Inner, newNormLinear(w.At("blocks", j), c.Hidden, c.Hidden))
	}
	m.Final = newNormLinear(w.At("final"), c.Hidden, c.Out)
	return m
}

// Forward maps x (…, In) to (…, Out).
func (m *MLP2) Forward(g *graph.Builder, x *graph.Node) *graph.Node {
	x = m.FC1.Forward(g.At("fc1"), x)
	for j, in := range m.Inner {
		s := g.At("blocks", j)
		x = s.Add(x, in.forward(s, x))
	}
	return m.Final.forward(g.At("final"), x)
}

// AttentionHead is C-RADIOv4's head for features: two transformer blocks of 16
// heads with LayerScale, then an MLP2 without hidden layers.
type AttentionHead struct {
	Blocks []*Block
	MLP    *MLP2
}

// NewAttentionHead loads blocks.{0,1} and mlp.
func NewAttentionHead(w *Weights, c AdaptorHeadConfig) *AttentionHead {
	const blocks, heads, ratio = 2, 16, 4
	h := &AttentionHead{}
	for i := range blocks {
		h.Blocks = append(h.Blocks, NewBlock(w.At("blocks", i), BlockConfig{
			Dim: c.In, Heads: heads, Hidden: ratio * c.In, NoQKVBias: true, LayerScale: "gamma",
		}))
	}
	c.Inner = 0
	h.MLP = NewMLP2(w.At("mlp"), c)
	return h
}

// Forward maps x (B, N, In) to (B, N, Out).
func (h *AttentionHead) Forward(g *graph.Builder, x *graph.Node) *graph.Node {
	for i, b := range h.Blocks {
		x = b.Forward(g.At("blocks", i), x)
	}
	return h.MLP.Forward(g.At("mlp"), x)
}
