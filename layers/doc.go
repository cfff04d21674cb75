// Package layers holds the parts of the model, each a page: a struct whose
// fields are its parameters and sub-layers, a constructor that asks for the
// weights by path and shape at the line that uses them, and a Forward that adds
// the layer to a graph.
//
// A constructor takes a [Weights] cursor; a missing or mis-shaped tensor is
// recorded there, and reported once for the whole model by [Weights.Err].
// Forward takes a graph.Builder, whose scope path names the layer's tensors:
// "blocks.3.attn.qkv" is the output of the Linear of that name.
//
// Shapes: B batch, H W pixels, h w patches, T tokens (prefix + h·w), D width.
//
// Start with [Block], which is the paper's Figure 1, then [PatchEmbed].
package layers
