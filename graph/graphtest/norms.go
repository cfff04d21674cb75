package graphtest

import "cradio/graph"

// norms are what training puts between products: batch normalisation, resizing and dropout.
var norms = []Case{
	{Name: "BatchNorm", In: [][]int{{2, 3, 13}, {13}, {13}}, Weights: []int{1, 2}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.BatchNorm(in[0], in[1], in[2], 1e-5)
	}},
	{Name: "BatchNorm of many columns", In: [][]int{{7, 133}, {133}, {133}}, Weights: []int{1, 2}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.BatchNorm(in[0], in[1], in[2], 1e-5)
	}},
	{Name: "BatchNorm without affine map", In: [][]int{{5, 3}}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.BatchNorm(in[0], nil, nil, 1e-6)
	}},
	{Name: "BatchNormInference", In: [][]int{{2, 3, 5}, {5}, {5}, {5}, {5}}, Weights: []int{1, 2, 3, 4}, Buffers: []int{1, 2}, Positive: []int{2},
		Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
			return g.BatchNormInference(in[0], in[1], in[2], in[3], in[4], 1e-5)
		}},
	{Name: "BatchNormInference without affine map", In: [][]int{{3, 5}, {5}, {5}}, Weights: []int{1, 2}, Buffers: []int{1, 2}, Positive: []int{2},
		Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
			return g.BatchNormInference(in[0], in[1], in[2], nil, nil, 1e-5)
		}},
	resizeCase("up", graph.Resize{FromH: 2, FromW: 3, H: 7, W: 5}),
	resizeCase("down", graph.Resize{FromH: 6, FromW: 5, H: 2, W: 3}),
	resizeCase("to the same", graph.Resize{FromH: 2, FromW: 3, H: 2, W: 3}),
	resizeCase("of one pixel", graph.Resize{FromH: 1, FromW: 1, H: 3, W: 2}),
	dropoutCase("Dropout", []int{2, 3, 5}),
	dropoutCase("Dropout of channels", []int{2, 1, 5}),
	dropoutCase("Drop path", []int{2, 1, 1}),
	{Name: "FromNCHW", In: [][]int{{2, 3, 2, 5}}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node { return g.FromNCHW(in[0]) }},
}

func resizeCase(name string, r graph.Resize) Case {
	return Case{
		Name: "Resize " + name, In: [][]int{{2, r.FromH * r.FromW, 5}},
		Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node { return g.Resize(in[0], r) },
	}
}

func dropoutCase(name string, mask []int) Case {
	return Case{
		Name: name, In: [][]int{{2, 3, 5}, mask}, Masks: []int{1}, Buffers: []int{1},
		Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node { return g.Dropout(in[0], in[1], 0.25) },
	}
}
