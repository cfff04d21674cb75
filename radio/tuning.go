package radio

import (
	"fmt"
	"slices"
	"strings"

	"cradio/graph"
	"cradio/layers"
)

// Tuning says which weights of a backbone training changes. Those of adapters (package radio/lora)
// train in any case. The input conditioner, normalisers of features and adaptors' heads never do.
type Tuning struct {
	// Blocks is how many blocks train, counted from the last; a negative number is all of them. The
	// model's final norm, where it has one, trains with them.
	Blocks int
	// Embeddings says that the patch embedding, the position table and the class tokens train too. It
	// needs all blocks.
	Embeddings bool
	// DropPath is the probability with which the branches of each block are dropped in training; nil
	// drops nothing. See LinearDropPath.
	DropPath []float64
}

// LinearDropPath are rates that grow from 0 in the first block to last in the last one, as in timm.
func LinearDropPath(depth int, last float64) []float64 {
	rates := make([]float64, depth)
	for i := range rates {
		rates[i] = last * float64(i) / float64(max(depth-1, 1))
	}
	return rates
}

// Check refuses what the network cannot do.
func (t Tuning) Check(n *Network) error {
	depth := n.Config.Depth
	switch {
	case t.Blocks > depth:
		return fmt.Errorf("tuning: the last %d blocks of %d do not exist; give a number up to %d, or -1 for all", t.Blocks, depth, depth)
	case t.Embeddings && t.blocks(depth) < depth:
		return fmt.Errorf("tuning: the embeddings train only with all blocks, not with the last %d of %d", t.Blocks, depth)
	case t.DropPath != nil && len(t.DropPath) != depth:
		return fmt.Errorf("tuning: drop path has %d rates, want one for each of the %d blocks", len(t.DropPath), depth)
	case t.DropPath != nil && n.windows.period > 0:
		return fmt.Errorf("tuning: drop path is not available in ViTDet mode, where a batch is of windows; open the model without a window")
	}
	for i, rate := range t.DropPath {
		if !(rate >= 0 && rate < 1) {
			return fmt.Errorf("tuning: drop path of block %d is %v, want 0 up to 1", i, rate)
		}
	}
	return nil
}

// blocks is how many of depth blocks train.
func (t Tuning) blocks(depth int) int {
	if t.Blocks < 0 {
		return depth
	}
	return t.Blocks
}

// TunedWeight is a weight that training changes.
type TunedWeight struct {
	*graph.Weight
	// Layer counts for rates that decay with the depth: 0 is the embeddings, i+1 is block i, and
	// Config.Depth+1 what follows the blocks, as in BEiT, MAE and timm.
	Layer int
}

// Tuned makes the weights that t names trainable, and lists them, with those of adapters. Call it
// before the network is used: a program that was compiled earlier goes on with the old values.
func (n *Network) Tuned(t Tuning) ([]TunedWeight, error) {
	if err := t.Check(n); err != nil {
		return nil, err
	}
	depth := n.Config.Depth
	var list []TunedWeight
	add := func(layer int, weights ...*graph.Weight) {
		for _, w := range weights {
			if w != nil && w.Shape() != nil {
				w.Trainable = true
				list = append(list, TunedWeight{w, layer})
			}
		}
	}
	if t.Embeddings {
		add(0, n.Embed.Proj.Weight, n.Embed.Proj.Bias, n.Embed.PosEmbed, n.Prefix.Token)
	}
	for i, b := range n.Blocks {
		if i >= depth-t.blocks(depth) {
			add(i+1, blockWeights(b)...)
		}
		for _, l := range blockLinears(b) {
			if l.LoRA != nil {
				add(i+1, l.LoRA.A, l.LoRA.B)
			}
		}
	}
	if n.Norm != nil && t.blocks(depth) > 0 {
		add(depth+1, n.Norm.Weight, n.Norm.Bias)
	}
	return list, nil
}

// blockLinears are the four Linears of a block.
func blockLinears(b *layers.Block) []*layers.Linear {
	return []*layers.Linear{b.Attn.QKV, b.Attn.Proj, b.MLP.FC1, b.MLP.FC2}
}

// blockWeights are the weights of a block, without adapters. A bias may be nil.
func blockWeights(b *layers.Block) []*graph.Weight {
	list := []*graph.Weight{b.Norm1.Weight, b.Norm1.Bias, b.Norm2.Weight, b.Norm2.Bias}
	for _, l := range blockLinears(b) {
		list = append(list, l.Weight, l.Bias)
	}
	for _, s := range []*layers.LayerScale{b.LS1, b.LS2} {
		if s != nil {
			list = append(list, s.Gamma)
		}
	}
	return list
}

// Linears are the Linears of the blocks by the name of their module in the Hugging Face model,
// "radio_model.model.blocks.3.attn.qkv": those that adapters may be added to.
func (n *Network) Linears() map[string]*layers.Linear {
	all := map[string]*layers.Linear{}
	for _, b := range n.Blocks {
		for _, l := range blockLinears(b) {
			all[strings.TrimSuffix(l.Weight.Name, ".weight")] = l
		}
	}
	return all
}

// Backbone is a backbone in a training graph.
type Backbone struct {
	Sources    map[Source]*graph.Node // those that were asked for
	Rows, Cols int                    // the patch grid
	// Paths are drop path's masks, inputs of the graph (B, 1, 1) that are to be filled before each run:
	// 1 keeps a branch of a block for a picture, 0 drops it.
	Paths []Path
}

// Path is a mask of drop path.
type Path struct {
	Node  *graph.Node
	Block int
	MLP   bool    // the second branch of the block; else attention
	Drop  float64 // the probability of 0
}

// Train adds the network to a training graph: pixels (B, 3, H, W) in, sources out. Weights that
// Tuned made trainable can be differentiated by g.Weight(w). Everything is as at inference, but for drop
// path.
func (n *Network) Train(g *graph.Builder, pixels *graph.Node, height, width int, t Tuning, sources []Source) *Backbone {
	b := &Backbone{Sources: map[Source]*graph.Node{}, Rows: height / n.Config.Patch, Cols: width / n.Config.Patch}
	for _, err := range []error{t.Check(n), n.checkSources(sources), n.Config.CheckSize(height, width)} {
		if err != nil {
			g.Fail("%w", err)
			return b
		}
	}
	shape := g.Shape(pixels)
	if shape == nil {
		return b
	}
	var paths []*layers.DropPath
	for i, rate := range t.DropPath {
		if rate == 0 {
			paths = append(paths, nil)
			continue
		}
		s := g.At("paths", i)
		p := &layers.DropPath{Attn: s.Input("attn", shape[0], 1, 1), MLP: s.Input("mlp", shape[0], 1, 1), Rate: rate}
		paths = append(paths, p)
		b.Paths = append(b.Paths, Path{p.Attn, i, false, rate}, Path{p.MLP, i, true, rate})
	}
	tokens := n.forward(g, pixels, height, width, paths)
	b.Sources = n.sources(g, slices.Clone(sources), tokens)
	return b
}
