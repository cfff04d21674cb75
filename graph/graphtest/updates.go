package graphtest

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"cradio/graph"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// UpdateCase is an Update with the shapes of its inputs, without hyper: those that are
// written come first.
type UpdateCase struct {
	Name     string
	In       [][]int
	Positive []int // inputs that are 0.5 to 1.5: squares, variances, factors
	Apply    func(g *graph.Builder, in []*graph.Node, hyper *graph.Node) *graph.Node
}

// updateShape is odd, and longer than one piece of a pool.
var updateShape = []int{7, 2503}

// Updates has every Update of the Builder.
var Updates = []UpdateCase{
	adamwCase("AdamW", graph.AdamW{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, Decay: 0.05}, false),
	adamwCase("AdamW of a group, clipped", graph.AdamW{Beta1: 0.8, Beta2: 0.99, Eps: 1e-3, Decay: 0.3, Rate: 0.1}, true),
	adamwCase("Adam", graph.AdamW{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, Decay: 0.3, Coupled: true}, false),
	sgdCase("SGD", graph.SGD{Decay: 0.1}, false),
	sgdCase("SGD with momentum", graph.SGD{Momentum: 0.9, Decay: 0.1, Rate: 3}, true),
	sgdCase("SGD by Nesterov", graph.SGD{Momentum: 0.9, Nesterov: true}, false),
	{Name: "Average", In: [][]int{updateShape, updateShape}, Apply: func(g *graph.Builder, in []*graph.Node, hyper *graph.Node) *graph.Node {
		return g.Average(in[0], in[1], hyper)
	}},
	{Name: "Accumulate", In: [][]int{updateShape, updateShape}, Apply: func(g *graph.Builder, in []*graph.Node, hyper *graph.Node) *graph.Node {
		return g.Accumulate(in[0], in[1], hyper)
	}},
	{Name: "Running", In: [][]int{{9}, {9}, {5, 9}}, Positive: []int{1}, Apply: func(g *graph.Builder, in []*graph.Node, _ *graph.Node) *graph.Node {
		return g.Running(in[0], in[1], in[2], graph.Running{Momentum: 0.1})
	}},
}

func adamwCase(name string, k graph.AdamW, clipped bool) UpdateCase {
	c := UpdateCase{Name: name, In: [][]int{updateShape, updateShape, updateShape, updateShape}, Positive: []int{2, 4}}
	if clipped {
		c.In = append(c.In, []int{1})
	}
	c.Apply = func(g *graph.Builder, in []*graph.Node, hyper *graph.Node) *graph.Node {
		return g.AdamW(in[0], in[3], in[1], in[2], hyper, optional(in, 4), k)
	}
	return c
}

func sgdCase(name string, k graph.SGD, clipped bool) UpdateCase {
	n := 3 // weight, momentum, gradient
	if k.Momentum == 0 {
		n = 2
	}
	c := UpdateCase{Name: name, In: slices.Repeat([][]int{updateShape}, n), Positive: []int{3}}
	if clipped {
		c.In = append(c.In, []int{1})
	}
	c.Apply = func(g *graph.Builder, in []*graph.Node, hyper *graph.Node) *graph.Node {
		var momentum *graph.Node
		if n == 3 {
			momentum = in[1]
		}
		return g.SGD(in[0], in[n-1], momentum, hyper, optional(in, n), k)
	}
	return c
}

// optional is in[i], nil where there is none.
func optional(in []*graph.Node, i int) *graph.Node {
	if i >= len(in) {
		return nil
	}
	return in[i]
}

// builtUpdate is an UpdateCase as a graph.
type builtUpdate struct {
	graph  *graph.Builder
	in     []*graph.Node
	values []*tensor.Dense // those of weights are the weights' own
	states []*graph.Weight
	hyper  *graph.Node
	out    *graph.Node
}

// build builds a case, with the inputs that are written as trainable weights.
func (c UpdateCase) build(t testing.TB, dt tensor.Dtype) *builtUpdate {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, 13))
	b := &builtUpdate{graph: graph.New(dt)}
	writes := c.writes()
	for i, s := range c.In {
		d := normal(rng, dt, s)
		if slices.Contains(c.Positive, i) {
			set(d, func(int, float64) float64 { return 0.5 + rng.Float64() })
		}
		b.values = append(b.values, d)
		name := string(rune('a' + i))
		if i >= writes {
			b.in = append(b.in, b.graph.Input(name, s...))
			continue
		}
		w := graph.NewWeight(name, d)
		w.Trainable = true
		b.states, b.in = append(b.states, w), append(b.in, b.graph.Weight(w))
	}
	b.hyper = b.graph.Hyper("hyper")
	b.out = c.Apply(b.graph.At("update"), b.in, b.hyper)
	require.NoError(t, b.graph.Err())
	return b
}

// writes is how many inputs are written.
func (c UpdateCase) writes() int {
	g := graph.New(tensor.Float64)
	var in []*graph.Node
	for i, s := range c.In {
		w := graph.NewState(string(rune('a'+i)), tensor.Float64, s...)
		in = append(in, g.Weight(w))
	}
	return c.Apply(g, in, g.Hyper("hyper")).Op().(*graph.Op).Operation.(graph.Update).Writes()
}

// hyperAt are the numbers of a step.
func hyperAt(step int) graph.Hyper {
	return graph.Hyper{Rate: 0.01 / float64(step), Step: step, Average: 0.1, Keep: float64(step - 1), Factor: 0.25}
}

// defined makes steps as the Update is defined, and returns what it has written.
func (b *builtUpdate) defined(t testing.TB, steps int) []*tensor.Dense {
	t.Helper()
	op := b.out.Op().(*graph.Op).Operation
	hyper := tensor.New(tensor.Of(b.graph.DType()), tensor.WithShape(graph.HyperSize))
	var in []*tensor.Dense
	for it := b.graph.Graph().From(b.out.ID()); it.Next(); {
		n := it.Node().(*graph.Node)
		if i := slices.Index(b.in, n); i >= 0 {
			in = append(in, b.values[i].Clone().(*tensor.Dense))
		} else {
			in = append(in, hyper)
		}
	}
	out := in[0].Clone().(*tensor.Dense)
	for step := range steps {
		require.NoError(t, hyperAt(step+1).Fill(hyper))
		require.NoError(t, graph.Define(op, out, in))
	}
	return in[:len(b.states)]
}

// run makes steps on a machine, and returns copies of what is written.
func (b *builtUpdate) run(t testing.TB, m graph.Machine, steps int) (all []*tensor.Dense) {
	t.Helper()
	for i, n := range b.in[len(b.states):] {
		if err := m.Set(n, b.values[len(b.states)+i]); err != nil {
			require.NoError(t, err)
		}
	}
	for step := range steps {
		if m.Input(b.hyper) != nil {
			require.NoError(t, hyperAt(step+1).Set(m, b.hyper))
		}
		require.NoError(t, m.Run(context.Background()))
	}
	for _, w := range b.states {
		d, err := w.Value()
		require.NoError(t, err)
		all = append(all, d.Clone().(*tensor.Dense))
	}
	return all
}

// updates compares some steps with the definition in float64, and requires that each run
// counts as a change of all that it writes, and the same bits again.
func (s suite) updates(t *testing.T, c UpdateCase) {
	const steps = 3
	want := c.build(t, tensor.Float64).defined(t, steps)
	for _, dt := range types {
		t.Run(dt.String(), func(t *testing.T) {
			b := c.build(t, dt)
			m := s.loadUpdate(t, b)
			got := b.run(t, m, steps)
			for i, d := range got {
				near(t, d, want[i], marks[graph.Full].of(dt))
				require.Equal(t, steps, b.states[i].Version(), "each run is a change")
			}
			out, err := m.Value(b.out)
			require.NoError(t, err)
			require.Equal(t, got[0].Data(), out.Data(), "the output is the weight")

			again := c.build(t, dt)
			for i, d := range again.run(t, s.loadUpdate(t, again), steps) {
				require.Equal(t, got[i].Data(), d.Data(), "another machine")
			}
		})
	}
}

func (s suite) loadUpdate(t *testing.T, b *builtUpdate) graph.Machine {
	t.Helper()
	return s.machine(t, func() (graph.Machine, error) {
		p, err := b.graph.Compile(s.target, b.out)
		if err != nil {
			return nil, err
		}
		require.Equal(t, b.states, p.Updates())
		return graph.NewMachine(p)
	})
}

// A gradient's norm, and the factor that clips it, by the formulas.
func (s suite) clipping(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 3))
	for _, most := range []float64{1e9, 1} {
		for _, dt := range types {
			g := graph.New(dt)
			shapes := [][]int{{3, 5}, {40001}, {2}}
			var nodes []*graph.Node
			var tensors []*tensor.Dense
			sum := 0.0
			for i, sh := range shapes {
				d := normal(rng, dt, sh)
				for _, v := range values(d) {
					sum += v * v
				}
				nodes, tensors = append(nodes, g.Input(string(rune('a'+i)), sh...)), append(tensors, d)
			}
			norm := g.At("norm").GlobalNorm(nodes...)
			factor := g.At("factor").ClipFactor(norm, most)
			m := s.machine(t, func() (graph.Machine, error) {
				p, err := g.Compile(s.target, norm, factor)
				if err != nil {
					return nil, err
				}
				return graph.NewMachine(p)
			})
			for i, n := range nodes {
				require.NoError(t, m.Set(n, tensors[i]))
			}
			got := Outputs(t, m, norm, factor)
			require.InEpsilon(t, math.Sqrt(sum), values(got[0])[0], marks[graph.Full].of(dt))
			require.InEpsilon(t, min(1, most/(math.Sqrt(sum)+1e-6)), values(got[1])[0], marks[graph.Full].of(dt))
		}
	}
}
