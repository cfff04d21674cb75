package text

import (
	"cradio/graph"
	"cradio/layers"
)

// network is a text tower: a transformer over the tokens of a text.
type network struct {
	*Config
	Tokens     *graph.Weight // (V, D)
	Positions  *graph.Weight // (T, D)
	Blocks     []*block
	Norm       *layers.LayerNorm
	Projection *layers.Linear // to (E)

	Scale, Bias *graph.Weight // of logits, or nil: a text model alone has none, CLIP no bias
}

// newNetwork asks for every weight, by the names of open_clip. scaled says that there are the
// numbers of logits.
func newNetwork(w *layers.Weights, c *Config, scaled bool) *network {
	n := &network{
		Config:     c,
		Tokens:     w.At("token_embedding").Tensor("weight", c.Vocabulary, c.Width),
		Positions:  w.Tensor("positional_embedding", c.Context, c.Width),
		Norm:       norm(w.At("ln_final"), c),
		Projection: &layers.Linear{Weight: w.At("text_projection").Tensor("weight", c.Embed, c.Width)},
	}
	if c.ProjectionBias {
		n.Projection.Bias = w.At("text_projection").Tensor("bias", c.Embed)
	}
	if scaled {
		n.Scale = w.Tensor("logit_scale")
	}
	if scaled && c.ProjectionBias {
		n.Bias = w.Tensor("logit_bias")
	}
	for i := range c.Depth {
		n.Blocks = append(n.Blocks, newBlock(w.At("transformer.resblocks", i), c))
	}
	return n
}

func norm(w *layers.Weights, c *Config) *layers.LayerNorm {
	return layers.NewLayerNorm(w, c.Width, c.Eps)
}

// forward maps ids (B, T), their positions 0 to T-1 (T), and the row of ids at which each
// text is read, ends (B), counted through the batch, to features (B, E). They are not
// normalised.
func (n *network) forward(g *graph.Builder, ids, positions, ends *graph.Node) *graph.Node {
	return n.embedded(g, g.At("embedding").Lookup(g.Weight(n.Tokens), ids), positions, ends)
}

// embedded is forward from the rows of Tokens that the ids stand for, x (B, T, D).
func (n *network) embedded(g *graph.Builder, x, positions, ends *graph.Node) *graph.Node {
	p := g.At("positions").Lookup(g.Weight(n.Positions), positions) // (T, D)
	x = g.At("tokens").Add(x, p)                                    // (B, T, D)
	for i, b := range n.Blocks {
		x = b.forward(g.At("block", i), x)
	}
	x = n.Norm.Forward(g.At("final"), x)
	x = g.At("pooled").Lookup(x, ends) // (B, D)
	return n.Projection.Forward(g.At("features"), x)
}

// block is a pre-norm block:
//
//	x += attention(norm1(x))
//	x += mlp(norm2(x))
type block struct {
	*Config
	Norm1, Norm2 *layers.LayerNorm
	QKV, Proj    *layers.Linear
	FC1, FC2     *layers.Linear
}

func newBlock(w *layers.Weights, c *Config) *block {
	attn, d := w.At("attn"), c.Width
	return &block{
		Config: c,
		Norm1:  norm(w.At("ln_1"), c),
		QKV:    &layers.Linear{Weight: attn.Tensor("in_proj_weight", 3*d, d), Bias: attn.Tensor("in_proj_bias", 3*d)},
		Proj:   layers.NewLinear(attn.At("out_proj"), d, d),
		Norm2:  norm(w.At("ln_2"), c),
		FC1:    layers.NewLinear(w.At("mlp.c_fc"), d, c.Hidden),
		FC2:    layers.NewLinear(w.At("mlp.c_proj"), c.Hidden, d),
	}
}

// forward maps x (B, T, D) to (B, T, D).
func (b *block) forward(g *graph.Builder, x *graph.Node) *graph.Node {
	y := b.Norm1.Forward(g.At("norm1"), x)
	y = b.QKV.Forward(g.At("qkv"), y) // (B, T, 3D)
	y = b.attend(g.At("context"), y)
	y = b.Proj.Forward(g.At("proj"), y)
	x = g.At("mid").Add(x, y)

	y = b.Norm2.Forward(g.At("norm2"), x)
	y = b.FC1.Forward(g.At("fc1"), y) // (B, T, Hidden)
	y = b.activate(g.At("act"), y)
	y = b.FC2.Forward(g.At("fc2"), y)
	return g.Add(x, y)
}

// attend maps qkv (B, T, 3D) to (B, T, D).
func (b *block) attend(g *graph.Builder, qkv *graph.Node) *graph.Node {
	if b.Causal {
		return g.CausalAttention(qkv, b.Heads)
	}
	return g.Attention(qkv, b.Heads)
}

// activate is the MLP's activation.
func (b *block) activate(g *graph.Builder, x *graph.Node) *graph.Node {
	switch b.Activation {
	case QuickGELU:
		return g.QuickGELU(x)
	case TanhGELU:
		return g.TanhGELU(x)
	default:
		return g.GELU(x)
	}
}
