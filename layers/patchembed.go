package layers

import "cradio/graph"

// PatchEmbed turns an image into tokens. A linear map embeds each patch, and a
// position embedding is added. The position embedding is a learned table of
// Grid×Grid, resized and cropped to the image ("cropped position embedding", CPE).
type PatchEmbed struct {
	Proj         *Linear       // (D, 3·size·size), no bias
	PosEmbed     *graph.Weight // (1, Grid·Grid, D)
	Size         int           // of a patch, pixels
	Grid         int
	AlignCorners bool // see torch.nn.functional.interpolate
}

// NewPatchEmbed loads embedder.weight and pos_embed.
func NewPatchEmbed(w *Weights, dim, size, grid int, alignCorners bool) *PatchEmbed {
	return &PatchEmbed{
		Proj:     &Linear{Weight: w.At("embedder").Tensor("weight", dim, 3*size*size)},
		PosEmbed: w.Tensor("pos_embed", 1, grid*grid, dim),
		Size:     size, Grid: grid, AlignCorners: alignCorners,
	}
}

// Forward maps an image x (B, 3, h·size, w·size) to (B, h·w, D).
func (p *PatchEmbed) Forward(g *graph.Builder, x *graph.Node, h, w int) *graph.Node {
	y := g.At("cut").Patches(x, p.Size)        // (B, h·w, 3·size·size)
	y = p.Proj.Forward(g.At("patches"), y)     // (B, h·w, D)
	pos := p.Position(g.At("pos_embed"), h, w) // (1, h·w, D)
	return g.Add(y, pos)
}

// Position returns the position embedding (1, h·w, D) of an h×w grid. The table is
// resized to a square of the larger side, and its top left is used.
func (p *PatchEmbed) Position(g *graph.Builder, h, w int) *graph.Node {
	square := max(h, w)
	if h == p.Grid && w == p.Grid {
		square = p.Grid
	}
	return g.ResizeTable(g.Weight(p.PosEmbed), graph.Table{
		Grid: p.Grid, Square: square, H: h, W: w, AlignCorners: p.AlignCorners,
	})
}
