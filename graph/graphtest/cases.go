package graphtest

import (
	"fmt"
	"slices"
	"strings"

	"cradio/graph"
)

// Case is an operation, or some that a device may fuse, with the shapes of its inputs.
type Case struct {
	Name    string
	In      [][]int
	Weights []int // inputs that are parameters in a model
	Buffers []int // inputs without a gradient
	// Positive are inputs that are divisors: their values are 0.5 to 1.5.
	Positive []int
	// Below are inputs that are whole numbers from 0 to below this, such as labels and the
	// numbers of rows. They are buffers.
	Below map[int]int
	// Labels are inputs of class numbers, by how many classes there are.
	Labels map[int]int
	// Masks are inputs of 0 and 1.
	Masks []int
	// NoGradient says that there is no derivative.
	NoGradient bool
	Apply      func(g *graph.Builder, in []*graph.Node) *graph.Node
}

// Cases has every operation of the Builder, on odd shapes.
var Cases = slices.Concat(operations, heads, losses, norms, texts, fusions)

var operations = []Case{
	linearCase([]int{2, 3, 5}, 7),
	linearCase([]int{1, 1}, 1),
	linearCase([]int{2, 33, 65}, 97),
	linearCase([]int{3, 77, 256}, 31),
	{Name: "Linear without bias", In: [][]int{{3, 5}, {1, 5}}, Weights: []int{1}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Linear(in[0], in[1], nil)
	}},
	layerNormCase(2, 3, 13),
	layerNormCase(5, 7, 67),
	attentionCase(2, 5, 6, 2),
	attentionCase(1, 33, 7, 1),
	attentionCase(2, 65, 48, 3),
	{Name: "AttentionWeights", In: [][]int{{2, 5, 3 * 6}}, NoGradient: true, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.AttentionWeights(in[0], 2, []int{4, 0})
	}},
	{Name: "GELU", In: [][]int{{3, 7}}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node { return g.GELU(in[0]) }},
	{Name: "ReLU", In: [][]int{{3, 7}}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node { return g.ReLU(in[0]) }},
	{Name: "Add", In: [][]int{{2, 3, 5}, {2, 3, 5}}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Add(in[0], in[1])
	}},
	{Name: "Add of itself", In: [][]int{{2, 3}}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Add(in[0], in[0])
	}},
	{Name: "Add over the batch", In: [][]int{{2, 3, 5}, {1, 3, 5}}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Add(in[0], in[1])
	}},
	{Name: "Sub of a row", In: [][]int{{2, 3, 5}, {5}}, Weights: []int{1}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Sub(in[0], in[1])
	}},
	{Name: "Mul by a row", In: [][]int{{2, 3, 5}, {5}}, Weights: []int{1}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Mul(in[0], in[1])
	}},
	{Name: "Scale", In: [][]int{{3, 5}}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node { return g.Scale(in[0], -0.3) }},
	{Name: "Normalize", In: [][]int{{2, 3, 4, 5}, {3, 1, 1}, {3, 1, 1}}, Weights: []int{1, 2}, Buffers: []int{1, 2}, Positive: []int{2},
		Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node { return g.Normalize(in[0], in[1], in[2]) }},
	{Name: "Patches", In: [][]int{{2, 3, 4, 6}}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Patches(in[0], 2)
	}},
	{Name: "ToNCHW", In: [][]int{{2, 6, 5}}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.ToNCHW(in[0], 2, 3)
	}},
	{Name: "Prefix", In: [][]int{{2, 5}, {3, 4, 5}}, Weights: []int{0}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Prefix(in[0], in[1])
	}},
	{Name: "Concat", In: [][]int{{2, 1, 5}, {2, 4, 5}}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Concat(in[0], in[1])
	}},
	{Name: "Concat of groups", In: [][]int{{2, 1, 5}, {6, 4, 5}}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Concat(in[0], in[1])
	}},
	{Name: "Slice", In: [][]int{{2, 7, 3}}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node { return g.Slice(in[0], 2, 5) }},
	{Name: "Select", In: [][]int{{2, 7, 3}}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Select(in[0], []int{4, 0, 4})
	}},
	{Name: "Reorder", In: [][]int{{2, 4, 3}}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Reorder(in[0], []int{3, 1, 0, 2})
	}},
	{Name: "Groups", In: [][]int{{2, 7, 3}}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node { return g.Groups(in[0], 1, 2) }},
	{Name: "PixelShuffle", In: [][]int{{2, 6, 12}}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.PixelShuffle(in[0], 2, 3, 2)
	}},
	{Name: "ResizeTable down", In: [][]int{{1, 25, 3}}, Weights: []int{0}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.ResizeTable(in[0], graph.Table{Grid: 5, Square: 3, H: 3, W: 2, AlignCorners: true})
	}},
	{Name: "ResizeTable up", In: [][]int{{1, 9, 3}}, Weights: []int{0}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.ResizeTable(in[0], graph.Table{Grid: 3, Square: 7, H: 5, W: 7})
	}},
}

// linearCase is a Linear of x with so many outputs.
func linearCase(x []int, out int) Case {
	in := x[len(x)-1]
	return Case{
		Name: "Linear " + shape(append(x[:len(x):len(x)], out)), In: [][]int{x, {out, in}, {out}}, Weights: []int{1, 2},
		Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node { return g.Linear(in[0], in[1], in[2]) },
	}
}

func layerNormCase(batch, tokens, dim int) Case {
	return Case{
		Name: "LayerNorm " + shape([]int{batch, tokens, dim}), In: [][]int{{batch, tokens, dim}, {dim}, {dim}}, Weights: []int{1, 2},
		Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node { return g.LayerNorm(in[0], in[1], in[2], 1e-6) },
	}
}

func attentionCase(batch, tokens, dim, heads int) Case {
	return Case{
		Name: "Attention " + shape([]int{batch, tokens, dim, heads}), In: [][]int{{batch, tokens, 3 * dim}},
		Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node { return g.Attention(in[0], heads) },
	}
}

func shape(sizes []int) string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(sizes), "[]"), " ", "x")
}
