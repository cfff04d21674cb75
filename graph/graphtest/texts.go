package graphtest

import "cradio/graph"

// texts are the operations of text towers.
var texts = []Case{
	{Name: "Lookup", In: [][]int{{7, 5}, {2, 4}}, Below: map[int]int{1: 7}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Lookup(in[0], in[1])
	}},
	{Name: "Lookup of one token of each text", In: [][]int{{3, 6, 67}, {3}}, Below: map[int]int{1: 18}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Lookup(in[0], in[1])
	}},
	{Name: "CausalAttention", In: [][]int{{2, 5, 3 * 6}}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.CausalAttention(in[0], 2)
	}},
	{Name: "CausalAttention over blocks", In: [][]int{{2, 77, 3 * 48}}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.CausalAttention(in[0], 3)
	}},
	{Name: "CausalAttention over blocks of keys", In: [][]int{{1, 541, 3 * 16}}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.CausalAttention(in[0], 1)
	}},
	{Name: "QuickGELU", In: [][]int{{3, 7}}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node { return g.QuickGELU(in[0]) }},
	{Name: "TanhGELU", In: [][]int{{3, 7}}, Apply: func(g *graph.Builder, in []*graph.Node) *graph.Node { return g.TanhGELU(in[0]) }},
}
