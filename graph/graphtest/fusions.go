package graphtest

import "cradio/graph"

// fusions are operations one after another that a device may do at once, and parts of a
// model in which they stand together.
var fusions = []Case{
	{Name: "Linear, GELU", In: [][]int{{2, 5, 9}, {11, 9}, {11}}, Weights: []int{1, 2}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.At("gelu").GELU(g.At("fc").Linear(in[0], in[1], in[2]))
	}},
	{Name: "Linear, Mul, Add", In: [][]int{{2, 5, 9}, {11, 9}, {11}, {11}, {2, 5, 11}}, Weights: []int{1, 2, 3}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.At("sum").Add(in[4], g.At("ls").Mul(g.At("fc").Linear(in[0], in[1], in[2]), in[3]))
	}},
	{Name: "LayerNorm, Scale", In: [][]int{{2, 5, 9}, {9}, {9}}, Weights: []int{1, 2}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.At("scaled").Scale(g.At("norm").LayerNorm(in[0], in[1], in[2], 1e-6), 0.7)
	}},
	{Name: "Normalize, Patches, Linear", In: [][]int{{2, 3, 8, 12}, {3, 1, 1}, {3, 1, 1}, {10, 48}}, Weights: []int{1, 2, 3}, Buffers: []int{1, 2}, Positive: []int{2},
		Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
			x := g.At("cut").Patches(g.At("conditioned").Normalize(in[0], in[1], in[2]), 4)
			return g.At("embed").Linear(x, in[3], nil)
		}},
	{Name: "ResizeTable, Add, Prefix", In: [][]int{{1, 9, 5}, {2, 6, 5}, {3, 5}}, Weights: []int{0, 2}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		pos := g.At("pos").ResizeTable(in[0], graph.Table{Grid: 3, Square: 4, H: 2, W: 3})
		return g.At("tokens").Prefix(in[2], g.At("sum").Add(in[1], pos))
	}},
	Block,
}

// Block is a transformer block with LayerScale, all of whose parameters are inputs: the
// gradients of the residual stream meet in sums.
var Block = Case{
	Name:    "Block",
	In:      [][]int{{2, 5, 8}, {8}, {8}, {24, 8}, {24}, {8, 8}, {8}, {8}, {12, 8}, {12}, {8, 12}, {8}},
	Weights: []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11},
	Apply:   block(2),
}

func block(heads int) func(g *graph.Builder, in []*graph.Node) *graph.Node {
	return func(g *graph.Builder, in []*graph.Node) *graph.Node {
		y := g.At("norm").LayerNorm(in[0], in[1], in[2], 1e-6)
		y = g.At("context").Attention(g.At("qkv").Linear(y, in[3], in[4]), heads)
		y = g.At("ls").Mul(g.At("proj").Linear(y, in[5], in[6]), in[7])
		x := g.At("mid").Add(in[0], y)
		y = g.At("fc2").Linear(g.At("gelu").GELU(g.At("fc1").Linear(x, in[8], in[9])), in[10], in[11])
		return g.At("out").Add(x, y)
	}
}
