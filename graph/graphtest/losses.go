package graphtest

import "cradio/graph"

// losses are numbers, differentiable in their first input.
var losses = []Case{
	crossEntropyCase("", graph.CrossEntropy{}),
	crossEntropyCase(" with smoothing", graph.CrossEntropy{Smoothing: 0.1, Ignore: 3}),
	crossEntropyCase(" over all rows", graph.CrossEntropy{Smoothing: 0.2, OverAll: true}),
	{Name: "CrossEntropy of probabilities", In: [][]int{{5, 7}, {5, 7}}, Buffers: []int{1}, Positive: []int{1},
		Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
			return g.CrossEntropy(in[0], in[1], nil, graph.CrossEntropy{Soft: true, Smoothing: 0.1})
		}},
	resizedCase("up", graph.Resize{FromH: 2, FromW: 3, H: 7, W: 8}),
	resizedCase("down", graph.Resize{FromH: 5, FromW: 6, H: 2, W: 3}),
	resizedCase("of one pixel", graph.Resize{FromH: 1, FromW: 1, H: 3, W: 5}),
	{Name: "BinaryCrossEntropy", In: [][]int{{5, 3}, {5, 3}}, Masks: []int{1}, Buffers: []int{1},
		Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
			return g.BinaryCrossEntropy(in[0], in[1], nil, nil)
		}},
	{Name: "BinaryCrossEntropy of known targets", In: [][]int{{5, 3}, {5, 3}, {5, 3}, {3}}, Masks: []int{1, 2}, Positive: []int{3}, Buffers: []int{1, 2, 3},
		Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
			return g.BinaryCrossEntropy(in[0], in[1], in[2], in[3])
		}},
	{Name: "SigmoidFocal", In: [][]int{{5, 3}, {5, 3}, {5, 3}}, Masks: []int{1, 2}, Buffers: []int{1, 2},
		Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
			return g.SigmoidFocal(in[0], in[1], in[2], 0.25, 2)
		}},
	{Name: "SoftmaxFocal", In: [][]int{{2, 9, 5}, {2, 9}}, Labels: map[int]int{1: 5}, Buffers: []int{1},
		Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node { return g.SoftmaxFocal(in[0], in[1], 1.5, 2) }},
	{Name: "Dice", In: [][]int{{2, 9, 5}, {2, 9}}, Labels: map[int]int{1: 5}, Buffers: []int{1},
		Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node { return g.Dice(in[0], in[1], 1, 2) }},
	regressionCase("SmoothL1", func(g *graph.Builder, x, y, valid *graph.Node) *graph.Node { return g.SmoothL1(x, y, valid, 0.5) }),
	regressionCase("L1", func(g *graph.Builder, x, y, valid *graph.Node) *graph.Node { return g.L1(x, y, valid) }),
	regressionCase("MSE", func(g *graph.Builder, x, y, valid *graph.Node) *graph.Node { return g.MSE(x, y, valid) }),
	regressionCase("SILog", func(g *graph.Builder, x, y, valid *graph.Node) *graph.Node { return g.SILog(x, y, valid, 0.15, 1e-3) }),
	regressionCase("GradientLog", func(g *graph.Builder, x, y, valid *graph.Node) *graph.Node {
		return g.GradientLog(x, y, valid, 9, 7, 1e-3)
	}),
	{Name: "Sum of losses", In: [][]int{{2, 9, 5}, {2, 9}}, Labels: map[int]int{1: 5}, Buffers: []int{1},
		Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
			return g.Add(g.CrossEntropy(in[0], in[1], nil, graph.CrossEntropy{}), g.Scale(g.Dice(in[0], in[1], 1, 0), 0.5))
		}},
}

// crossEntropyCase has labels and weights of classes.
func crossEntropyCase(name string, k graph.CrossEntropy) Case {
	return Case{
		Name: "CrossEntropy" + name, In: [][]int{{3, 11, 7}, {33}, {7}}, Labels: map[int]int{1: 7}, Positive: []int{2}, Buffers: []int{1, 2},
		Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node { return g.CrossEntropy(in[0], in[1], in[2], k) },
	}
}

// resizedCase resizes logits of 5 classes to labels.
func resizedCase(name string, r graph.Resize) Case {
	return Case{
		Name: "ResizedCrossEntropy " + name, In: [][]int{{2, r.FromH * r.FromW, 5}, {2, r.H, r.W}, {5}},
		Labels: map[int]int{1: 5}, Positive: []int{2}, Buffers: []int{1, 2},
		Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
			return g.ResizedCrossEntropy(in[0], in[1], in[2], graph.CrossEntropy{Smoothing: 0.1}, r)
		},
	}
}

// regressionCase compares two positive maps where a mask is 1.
func regressionCase(name string, loss func(g *graph.Builder, x, y, valid *graph.Node) *graph.Node) Case {
	return Case{
		Name: name, In: [][]int{{2, 9, 7}, {2, 9, 7}, {2, 9, 7}}, Positive: []int{0, 1}, Masks: []int{2}, Buffers: []int{1, 2},
		Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node { return loss(g, in[0], in[1], in[2]) },
	}
}
