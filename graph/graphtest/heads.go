package graphtest

import "cradio/graph"

// heads are the operations of heads on the features.
var heads = []Case{
	{Name: "CrossAttention", In: [][]int{{2, 3, 6}, {2, 5, 12}}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.CrossAttention(in[0], in[1], 2)
	}},
	{Name: "CrossAttention of one query", In: [][]int{{1, 1, 134}, {3, 37, 268}}, Weights: []int{0}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.CrossAttention(in[0], in[1], 2)
	}},
	{Name: "Join", In: [][]int{{2, 3, 5}, {2, 3, 1}, {2, 3, 4}}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Join(in...)
	}},
	{Name: "Columns", In: [][]int{{2, 3, 7}}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Columns(in[0], 2, 5)
	}},
	{Name: "MeanTokens", In: [][]int{{2, 7, 67}}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node { return g.MeanTokens(in[0]) }},
	{Name: "RepeatTokens", In: [][]int{{2, 5}}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.RepeatTokens(in[0], 3)
	}},
	{Name: "Neighbours", In: [][]int{{2, 12, 3}}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Neighbours(in[0], 3, 4)
	}},
	{Name: "Neighbours of one token", In: [][]int{{2, 1, 3}}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Neighbours(in[0], 1, 1)
	}},
	{Name: "FoldNorm", In: [][]int{{4, 3, 7}, {5, 7}, {7}, {7}, {7}, {7}, {5}}, Weights: []int{1, 2, 3, 4, 5, 6}, Positive: []int{3}, NoGradient: true,
		Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
			w, b := g.FoldNorm(in[1], in[6], graph.NormNodes{Mean: in[2], Var: in[3], Weight: in[4], Bias: in[5]}, 1e-5)
			return g.Linear(in[0], w, b)
		}},
	{Name: "FoldNorm without affine and bias", In: [][]int{{4, 7}, {5, 7}, {7}, {7}}, Weights: []int{1, 2, 3}, Positive: []int{3}, NoGradient: true,
		Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
			w, b := g.FoldNorm(in[1], nil, graph.NormNodes{Mean: in[2], Var: in[3]}, 1e-5)
			return g.Linear(in[0], w, b)
		}},
	depthCase("linear", 7, graph.Depth{Low: 0.5, High: 10, Weights: graph.LinearWeights}),
	depthCase("sigmoid", 7, graph.Depth{Low: 0.5, High: 10, Weights: graph.SigmoidWeights}),
	depthCase("softmax of logarithms", 7, graph.Depth{Low: 0.5, High: 10, Log: true, Weights: graph.SoftmaxWeights}),
	depthCase("regression", 1, graph.Depth{Low: 0.5}),
}

func depthCase(name string, scores int, k graph.Depth) Case {
	return Case{Name: "Depth " + name, In: [][]int{{2, 5, scores}}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Depth(in[0], k)
	}}
}
