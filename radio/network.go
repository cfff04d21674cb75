package radio

import (
	"math"

	"cradio/graph"
	"cradio/layers"
)

// Network is the architecture: a vision transformer with several class tokens,
// registers, and a position table that is resized to the image.
type Network struct {
	Config      *Config
	Conditioner *layers.InputConditioner // nil: pixels come normalised
	Embed       *layers.PatchEmbed
	Prefix      *layers.PrefixTokens
	Blocks      []*layers.Block
	Norm        *layers.LayerNorm // nil but for model_norm

	Normalizer      *layers.FeatureNormalizer      // or nil
	InterNormalizer *layers.IntermediateNormalizer // or nil
	Adaptors        []*Adaptor

	windows schedule
}

// Adaptor is a teacher's pair of heads on the backbone.
type Adaptor struct {
	AdaptorConfig
	Summary, Feature layers.AdaptorHead
}

// NewNetwork asks for every weight of the architecture, at the root of a
// Hugging Face checkpoint.
func NewNetwork(w *layers.Weights, c *Config, vitdet ViTDet) *Network {
	w = w.At("radio_model")
	vit := w.At("model")
	n := &Network{
		Config:      c,
		Conditioner: layers.NewInputConditioner(w.At("input_conditioner")),
		Embed:       layers.NewPatchEmbed(vit.At("patch_generator"), c.Width, c.Patch, c.Grid, c.AlignCorners),
		Prefix:      layers.NewPrefixTokens(vit.At("patch_generator.cls_token"), c.Prefix(), c.Width),
		windows:     newSchedule(c, vitdet),
	}
	for i := range c.Depth {
		n.Blocks = append(n.Blocks, layers.NewBlock(vit.At("blocks", i), block(c, i)))
	}
	if c.ModelNorm {
		n.Norm = layers.NewLayerNorm(vit.At("norm"), c.Width, 1e-6)
	}
	if c.FeatureNormalizer > 0 {
		n.Normalizer = layers.NewFeatureNormalizer(w.At("feature_normalizer"), c.Width)
	}
	if in := c.InterNormalizer; in != nil {
		n.InterNormalizer = layers.NewIntermediateNormalizer(
			w.At("inter_feature_normalizer"), in.Blocks, in.Width, c.Prefix(), in.RotationPerBlock)
	}
	for _, a := range c.Adaptors {
		aw := w.At("adaptors", a.Name)
		n.Adaptors = append(n.Adaptors, &Adaptor{
			AdaptorConfig: a, Summary: newHead(aw.At("head_mlp"), a.Summary), Feature: newHead(aw.At("feat_mlp"), a.Feature),
		})
	}
	return n
}

// block is the configuration of block i (from 0).
func block(c *Config, i int) layers.BlockConfig {
	b := layers.BlockConfig{Dim: c.Width, Heads: c.Heads, Hidden: c.Hidden}
	if c.LayerScale {
		b.LayerScale = "grandma"
	}
	if c.ScaledLN {
		b.Gain = 1 / math.Sqrt(float64(i+1))
	}
	return b
}

func newHead(w *layers.Weights, c HeadConfig) layers.AdaptorHead {
	sizes := layers.AdaptorHeadConfig{In: c.In, Hidden: c.Hidden, Out: c.Out, Inner: c.Inner}
	switch c.Version {
	case "v1":
		return layers.NewMLP1(w, sizes)
	case "attn":
		return layers.NewAttentionHead(w, sizes)
	default:
		return layers.NewMLP2(w, sizes)
	}
}

// tokens are the tensors of a forward pass that outputs are made of.
type tokens struct {
	h, w   int           // the patch grid
	blocks []*graph.Node // after each block; in ViTDet mode some are windows
	final  *graph.Node   // (B, T, D), after the last block and the norm
}

// forward maps pixels x (B, 3, H, W) in [0, 1] to tokens. paths are those of the blocks in
// training, or nil.
func (n *Network) forward(g *graph.Builder, x *graph.Node, height, width int, paths []*layers.DropPath) *tokens {
	t := &tokens{h: height / n.Config.Patch, w: width / n.Config.Patch}
	x = g.At("conditioned").Tap(n.Conditioner.Forward(g.At("conditioned"), x))
	x = n.Embed.Forward(g.At("patch_generator"), x, t.h, t.w) // (B, h·w, D)
	x = n.Prefix.Forward(g.At("tokens"), x)                   // (B, T, D)
	x = n.runBlocks(g, x, t, paths)
	if n.Norm != nil {
		x = n.Norm.Forward(g.At("norm"), x)
	}
	t.final = g.At("final").Tap(x)
	return t
}

// summary is the chosen class tokens, flattened: (B, C).
func (n *Network) summary(g *graph.Builder, t *tokens) *graph.Node {
	return g.At("summary").Select(t.final, n.Config.SummaryIdxs)
}

// features are the tokens of the patches, normalised: (B, h·w, D).
func (n *Network) features(g *graph.Builder, t *tokens) *graph.Node {
	s := g.At("features")
	x := s.Slice(t.final, n.Config.Prefix(), n.Config.Prefix()+t.h*t.w)
	return n.Normalizer.Forward(s, x)
}

// adaptor gives a teacher's summary (B, Out) and features, (B, h·w, Out) or, on
// a grid u times as fine, (B, h·u·w·u, Out/u²).
func (n *Network) adaptor(g *graph.Builder, a *Adaptor, t *tokens, features *graph.Node) (summary, feature *graph.Node) {
	s := g.At("adaptor", a.Name)
	summary = n.teacher(g, a, t)
	feature = a.Feature.Forward(s.At("features"), features)
	if u := a.AdaptorConfig.Feature.Upsample; u > 1 {
		feature = s.At("features").PixelShuffle(feature, t.h, t.w, u)
	}
	return summary, s.At("features").Tap(feature)
}

// teacher gives a teacher's summary (B, Out).
func (n *Network) teacher(g *graph.Builder, a *Adaptor, t *tokens) *graph.Node {
	s := g.At("adaptor", a.Name)
	class := s.At("token").Select(t.final, []int{a.ClassToken}) // (B, D)
	return s.At("summary").Tap(a.Summary.Forward(s.At("summary"), class))
}
