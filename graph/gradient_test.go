package graph_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"cradio/graph"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// opCase is an operation with the shapes of its inputs.
type opCase struct {
	name  string
	in    [][]int
	fixed []int // inputs without a gradient
	apply func(g *graph.Builder, in []*graph.Node) *graph.Node
}

// opCases has every differentiable operation, on odd shapes.
var opCases = []opCase{
	{"Linear", [][]int{{2, 3, 5}, {7, 5}, {7}}, nil, func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Linear(in[0], in[1], in[2])
	}},
	{"Linear without bias", [][]int{{3, 5}, {1, 5}}, nil, func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Linear(in[0], in[1], nil)
	}},
	{"LayerNorm", [][]int{{2, 3, 13}, {13}, {13}}, nil, func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.LayerNorm(in[0], in[1], in[2], 1e-6)
	}},
	{"Attention", [][]int{{2, 5, 3 * 6}}, nil, func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Attention(in[0], 2)
	}},
	{"Attention of one head", [][]int{{1, 33, 3 * 7}}, nil, func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Attention(in[0], 1)
	}},
	{"GELU", [][]int{{3, 7}}, nil, func(g *graph.Builder, in []*graph.Node) *graph.Node { return g.GELU(in[0]) }},
	{"ReLU", [][]int{{3, 7}}, nil, func(g *graph.Builder, in []*graph.Node) *graph.Node { return g.ReLU(in[0]) }},
	{"Add", [][]int{{2, 3, 5}, {2, 3, 5}}, nil, func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Add(in[0], in[1])
	}},
	{"Add of itself", [][]int{{2, 3}}, nil, func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Add(in[0], in[0])
	}},
	{"Add over the batch", [][]int{{2, 3, 5}, {1, 3, 5}}, nil, func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Add(in[0], in[1])
	}},
	{"Sub of a row", [][]int{{2, 3, 5}, {5}}, nil, func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Sub(in[0], in[1])
	}},
	{"Mul by a row", [][]int{{2, 3, 5}, {5}}, nil, func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Mul(in[0], in[1])
	}},
	{"Scale", [][]int{{3, 5}}, nil, func(g *graph.Builder, in []*graph.Node) *graph.Node { return g.Scale(in[0], -0.3) }},
	{"Normalize", [][]int{{2, 3, 4, 5}, {3, 1, 1}, {3, 1, 1}}, []int{1, 2}, func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Normalize(in[0], in[1], in[2])
	}},
	{"Patches", [][]int{{2, 3, 4, 6}}, nil, func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Patches(in[0], 2)
	}},
	{"ToNCHW", [][]int{{2, 6, 5}}, nil, func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.ToNCHW(in[0], 2, 3)
	}},
	{"Prefix", [][]int{{2, 5}, {3, 4, 5}}, nil, func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Prefix(in[0], in[1])
	}},
	{"Concat", [][]int{{2, 1, 5}, {2, 4, 5}}, nil, func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Concat(in[0], in[1])
	}},
	{"Concat of groups", [][]int{{2, 1, 5}, {6, 4, 5}}, nil, func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Concat(in[0], in[1])
	}},
	{"Slice", [][]int{{2, 7, 3}}, nil, func(g *graph.Builder, in []*graph.Node) *graph.Node { return g.Slice(in[0], 2, 5) }},
	{"Select", [][]int{{2, 7, 3}}, nil, func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Select(in[0], []int{4, 0, 4})
	}},
	{"Reorder", [][]int{{2, 4, 3}}, nil, func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.Reorder(in[0], []int{3, 1, 0, 2})
	}},
	{"Groups", [][]int{{2, 7, 3}}, nil, func(g *graph.Builder, in []*graph.Node) *graph.Node { return g.Groups(in[0], 1, 2) }},
	{"PixelShuffle", [][]int{{2, 6, 12}}, nil, func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.PixelShuffle(in[0], 2, 3, 2)
	}},
	{"ResizeTable down", [][]int{{1, 25, 3}}, nil, func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.ResizeTable(in[0], graph.Table{Grid: 5, Square: 3, H: 3, W: 2, AlignCorners: true})
	}},
	{"ResizeTable up", [][]int{{1, 9, 3}}, nil, func(g *graph.Builder, in []*graph.Node) *graph.Node {
		return g.ResizeTable(in[0], graph.Table{Grid: 3, Square: 7, H: 5, W: 7})
	}},
}

// built is a case as a graph, with values for its inputs.
type built struct {
	g      *graph.Builder
	in     []*graph.Node
	values []*tensor.Dense
	out    *graph.Node
}

func build(t testing.TB, c opCase, dt tensor.Dtype) built {
	rng := rand.New(rand.NewPCG(7, 11))
	b := built{g: graph.New(dt)}
	for i, s := range c.in {
		b.in = append(b.in, b.g.Input(string(rune('a'+i)), s...))
		d := tensor.New(tensor.Of(dt), tensor.WithShape(s...))
		for j := range d.DataSize() {
			v := rng.NormFloat64()
			if c.name == "Normalize" && i == 2 {
				v = 0.5 + rng.Float64()
			}
			if dt == tensor.Float64 {
				d.Float64s()[j] = v
			} else {
				d.Float32s()[j] = float32(v)
			}
		}
		b.values = append(b.values, d)
	}
	b.out = c.apply(b.g.At("op"), b.in)
	require.NoError(t, b.g.Err())
	return b
}

func (b built) machine(t testing.TB, target graph.Target, outputs ...*graph.Node) *graph.Machine {
	p, err := b.g.Compile(target, outputs...)
	require.NoError(t, err)
	m, err := graph.NewMachine(p)
	require.NoError(t, err)
	for i, n := range b.in {
		if m.Input(n) != nil { // a gradient may not need it
			require.NoError(t, m.Set(n, b.values[i]))
		}
	}
	return m
}

// Every operation's gradient, for each input, against central differences of
// Σ output·seed in float64.
func TestGradientsMatchFiniteDifferences(t *testing.T) {
	for _, c := range opCases {
		t.Run(c.name, func(t *testing.T) {
			b := build(t, c, tensor.Float64)
			seed := tensor.New(tensor.Of(tensor.Float64), tensor.WithShape(b.out.Shape()...))
			rng := rand.New(rand.NewPCG(3, 5))
			for i := range seed.Float64s() {
				seed.Float64s()[i] = rng.NormFloat64()
			}
			var wrt []*graph.Node
			var of []int
			for i, n := range b.in {
				if !contains(c.fixed, i) {
					wrt, of = append(wrt, n), append(of, i)
				}
			}
			s := b.g.Input("seed", b.out.Shape()...)
			grads, err := b.g.Backpropagate([]*graph.Node{b.out}, []*graph.Node{s}, wrt)
			require.NoError(t, err)

			forward := b.machine(t, graph.Target{}, b.out)
			loss := func() float64 {
				require.NoError(t, forward.Run(context.Background()))
				y, err := forward.Value(b.out)
				require.NoError(t, err)
				var sum float64
				for i, v := range y.Float64s() {
					sum += v * seed.Float64s()[i]
				}
				return sum
			}
			backward := b.machine(t, graph.Target{}, grads...)
			require.NoError(t, backward.Set(s, seed))
			require.NoError(t, backward.Run(context.Background()))

			const h = 1e-5
			worst := 0.0
			for k, grad := range grads {
				got, err := backward.Value(grad)
				require.NoError(t, err)
				require.True(t, got.Shape().Eq(b.in[of[k]].Shape()), "gradient of input %d is %v", of[k], got.Shape())
				x := forward.Input(b.in[of[k]]).Float64s()
				for i, x0 := range x {
					x[i] = x0 + h
					up := loss()
					x[i] = x0 - h
					down := loss()
					x[i] = x0
					want := (up - down) / (2 * h)
					worst = max(worst, abs(want-got.Float64s()[i]))
					require.InDelta(t, want, got.Float64s()[i], 1e-7*(1+abs(want))*10, "input %d, element %d", of[k], i)
				}
			}
			t.Logf("largest difference %.1e", worst)
		})
	}
}

func contains(list []int, v int) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}

func abs(x float64) float64 { return max(x, -x) }
