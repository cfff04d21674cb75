package graphtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"cradio/graph"

	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Built is a case as a graph, with values for its inputs: those of float32 in both types.
type Built struct {
	Graph  *graph.Builder
	In     []*graph.Node
	Values []*tensor.Dense
	Out    *graph.Node

	of Case
}

// Build builds a case. With frozen, its weights are weights of the graph, else inputs.
func (c Case) Build(t testing.TB, dt tensor.Dtype, frozen bool) *Built {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, 11))
	b := &Built{Graph: graph.New(dt), of: c}
	for i, s := range c.In {
		d := normal(rng, dt, s)
		if slices.Contains(c.Positive, i) {
			set(d, func(int, float64) float64 { return 0.5 + rng.Float64() })
		}
		if n, ok := c.Below[i]; ok {
			set(d, func(int, float64) float64 { return float64(rng.IntN(n)) })
		}
		if classes := c.Labels[i]; classes > 0 {
			set(d, func(int, float64) float64 { return float64(rng.IntN(classes+1) - 1) }) // -1 is ignored
		}
		if slices.Contains(c.Masks, i) {
			set(d, func(int, float64) float64 { return float64(min(rng.IntN(3), 1)) })
		}
		b.Values = append(b.Values, d)
		name := string(rune('a' + i))
		if frozen && slices.Contains(c.Weights, i) {
			b.In = append(b.In, b.Graph.Weight(graph.NewWeight(name, d)))
		} else {
			b.In = append(b.In, b.Graph.Input(name, s...))
		}
	}
	b.Out = c.Apply(b.Graph.At("op"), b.In)
	require.NoError(t, b.Graph.Err())
	return b
}

// Gradients adds the gradient of Σ output·seed with respect to each input that has one; the
// seed becomes the last input. It returns the gradients, and the inputs that they are of.
func (b *Built) Gradients(t testing.TB) (grads []*graph.Node, of []int) {
	t.Helper()
	var wrt []*graph.Node
	for i, n := range b.In {
		if _, number := b.of.Below[i]; !number && !slices.Contains(b.of.Buffers, i) {
			wrt, of = append(wrt, n), append(of, i)
		}
	}
	seed := b.Graph.Input("seed", b.Out.Shape()...)
	b.In = append(b.In, seed)
	b.Values = append(b.Values, normal(rand.New(rand.NewPCG(3, 5)), b.Graph.DType(), seed.Shape()))
	grads, err := b.Graph.Backpropagate([]*graph.Node{b.Out}, []*graph.Node{seed}, wrt)
	require.NoError(t, err)
	return grads, of
}

// Machine compiles outputs, and sets the inputs that they need.
func (b *Built) Machine(t testing.TB, target graph.Target, outputs ...*graph.Node) graph.Machine {
	t.Helper()
	m, err := b.load(target, outputs)
	require.NoError(t, err)
	return m
}

func (b *Built) load(target graph.Target, outputs []*graph.Node) (graph.Machine, error) {
	p, err := b.Graph.Compile(target, outputs...)
	if err != nil {
		return nil, err
	}
	m, err := graph.NewMachine(p)
	if err != nil {
		return nil, err
	}
	for i, n := range b.In {
		if m.Input(n) == nil { // a weight, or a gradient does not need it
			continue
		}
		if err := m.Set(n, b.Values[i]); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// Outputs runs a machine and returns copies of its outputs.
func Outputs(t testing.TB, m graph.Machine, outputs ...*graph.Node) (all []*tensor.Dense) {
	t.Helper()
	require.NoError(t, m.Run(context.Background()))
	for _, n := range outputs {
		d, err := m.Value(n)
		require.NoError(t, err)
		all = append(all, d.Clone().(*tensor.Dense))
	}
	return all
}

// Defined returns the values of nodes as the operations are defined, one operation after
// another.
func (b *Built) Defined(t testing.TB, nodes ...*graph.Node) (all []*tensor.Dense) {
	t.Helper()
	known := map[*graph.Node]G.Value{}
	for i, n := range b.In {
		known[n] = b.Values[i]
	}
	var value func(n *graph.Node) (G.Value, error)
	value = func(n *graph.Node) (G.Value, error) {
		if v, ok := known[n]; ok {
			return v, nil
		}
		if n.Op() == nil {
			return n.Value(), nil
		}
		var in []G.Value
		for it := b.Graph.Graph().From(n.ID()); it != nil && it.Next(); {
			v, err := value(it.Node().(*graph.Node))
			if err != nil {
				return nil, err
			}
			in = append(in, v)
		}
		v, err := n.Op().Do(in...)
		if err != nil {
			return nil, fmt.Errorf("%v: %w", n, err)
		}
		known[n] = v
		return v, nil
	}
	for _, n := range nodes {
		v, err := value(n)
		require.NoError(t, err)
		all = append(all, v.(*tensor.Dense))
	}
	return all
}

// normal is a tensor of normal values, rounded to float32 in both types.
func normal(rng *rand.Rand, dt tensor.Dtype, shape []int) *tensor.Dense {
	d := tensor.New(tensor.Of(dt), tensor.WithShape(shape...))
	set(d, func(int, float64) float64 { return rng.NormFloat64() })
	return d
}

// set changes each element.
func set(d *tensor.Dense, f func(i int, old float64) float64) {
	for i, v := range values(d) {
		v = float64(float32(f(i, v)))
		if d.Dtype() == tensor.Float64 {
			d.Float64s()[i] = v
		} else {
			d.Float32s()[i] = float32(v)
		}
	}
}

// values are the elements in float64.
func values(d *tensor.Dense) []float64 {
	if d.Dtype() == tensor.Float64 {
		return slices.Clone(d.Float64s())
	}
	list := make([]float64, len(d.Float32s()))
	for i, v := range d.Float32s() {
		list[i] = float64(v)
	}
	return list
}
