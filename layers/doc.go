// Package layers contains the layers of the model.
//
//	w := layers.NewWeights(source, tensor.Float32)
//	b := layers.NewBlock(w.At("blocks", 0), layers.BlockConfig{Dim: 768, Heads: 12, Hidden: 3072})
//	y := b.Forward(g.At("blocks", 0), x) // x and y are (B, T, 768)
//
// A layer is a struct. Its fields are its parameters and sub-layers. Its
// constructor loads the weights by path and shape. Its Forward adds the layer to
// a graph.
//
// A constructor takes a [Weights] cursor, which records missing tensors and
// tensors of the wrong shape. [Weights.Errs] lists them for the whole model.
// Forward takes a graph.Builder. Its scope path names the layer's tensors:
// "blocks.3.attn.qkv" is the output of the Linear at that path.
//
// Shapes: B batch, H W pixels, h w patches, T tokens (prefix + h·w), D width.
//
// Start with [Block], the transformer block, then [PatchEmbed].
package layers
