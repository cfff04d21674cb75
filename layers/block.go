package layers

import "cradio/graph"

// Block is a pre-norm transformer block:
//
//	x += ls1·Attention(norm1(x))
//	x += ls2·MLP(norm2(x))
type Block struct {
	Norm1, Norm2 *LayerNorm
	Attn         *Attention
	MLP          *MLP
	LS1, LS2     *LayerScale // nil in models without LayerScale
}

// BlockConfig are the sizes of a Block.
type BlockConfig struct {
	Dim, Heads, Hidden int
	NoQKVBias          bool    // true is timm's default; RADIO's backbones have the bias
	LayerScale         string  // the parameter's name, or "" for none
	Gain               float64 // of both norms, see LayerNorm; 0 means 1
}

// blockEps is timm's LayerNorm epsilon in vision transformers.
const blockEps = 1e-6

// NewBlock loads the block's weights.
func NewBlock(w *Weights, c BlockConfig) *Block {
	b := &Block{
		Norm1: NewLayerNorm(w.At("norm1"), c.Dim, blockEps),
		Attn:  NewAttention(w.At("attn"), c.Dim, c.Heads, !c.NoQKVBias),
		Norm2: NewLayerNorm(w.At("norm2"), c.Dim, blockEps),
		MLP:   NewMLP(w.At("mlp"), c.Dim, c.Hidden),
	}
	if c.Gain != 0 {
		b.Norm1.Gain, b.Norm2.Gain = c.Gain, c.Gain
	}
	if c.LayerScale != "" {
		b.LS1 = NewLayerScale(w.At("ls1"), c.LayerScale, c.Dim)
		b.LS2 = NewLayerScale(w.At("ls2"), c.LayerScale, c.Dim)
	}
	return b
}

// Forward maps x (B, T, D) to (B, T, D).
func (b *Block) Forward(g *graph.Builder, x *graph.Node) *graph.Node { return b.Train(g, x, nil) }

// Train is Forward with drop path. A nil path drops nothing.
func (b *Block) Train(g *graph.Builder, x *graph.Node, path *DropPath) *graph.Node {
	y := b.Norm1.Forward(g.At("norm1"), x)
	y = b.Attn.Forward(g.At("attn"), y)
	y = b.LS1.Forward(g.At("ls1"), y)
	x = g.At("mid").Add(x, path.attn(g, y))

	y = b.Norm2.Forward(g.At("norm2"), x)
	y = b.MLP.Forward(g.At("mlp"), y)
	y = b.LS2.Forward(g.At("ls2"), y)
	return g.Add(x, path.mlp(g, y))
}
