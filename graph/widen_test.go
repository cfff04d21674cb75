package graph_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"cradio/cpu"
	"cradio/cpu/machine"
	"cradio/graph"
	"cradio/graph/graphtest"

	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// gradients are a case's gradients and its output.
func gradients(t testing.TB, c graphtest.Case, dt tensor.Dtype) (b *graphtest.Built, outputs []*graph.Node) {
	b = c.Build(t, dt, false)
	outputs, _ = b.Gradients(t)
	return b, append(outputs, b.Out)
}

func values(t testing.TB, m graph.Machine, outputs []*graph.Node) (all []*tensor.Dense) {
	require.NoError(t, m.Run(context.Background()))
	for _, n := range outputs {
		d, err := m.Value(n)
		require.NoError(t, err)
		all = append(all, d)
	}
	return all
}

// ulps is how far ours is from the truth, in units of float32's last place there.
func ulps(ours float32, truth float64) float64 {
	x := math.Abs(truth)
	unit := math.Nextafter32(float32(x), math.MaxFloat32) - float32(x)
	return math.Abs(float64(ours)-truth) / float64(unit)
}

// furthest are the largest errors over all gradients and the output of a case: in
// ulps, and beside the largest value of the tensor.
func furthest(t *testing.T, c graphtest.Case, target graph.Target) (places, relative float64) {
	exact, nodes := gradients(t, c, tensor.Float64)
	want := values(t, exact.Machine(t, target, nodes...), nodes)
	b, nodes := gradients(t, c, tensor.Float32)
	for i, got := range values(t, b.Machine(t, target, nodes...), nodes) {
		var largest, off float64
		for j, v := range want[i].Float64s() {
			largest, off = max(largest, math.Abs(v)), max(off, math.Abs(v-float64(got.Float32s()[j])))
			places = max(places, ulps(got.Float32s()[j], v))
		}
		relative = max(relative, off/largest)
	}
	return places, relative
}

// Of a small program, gradients and outputs are what float64 gives, rounded once.
// Otherwise roundings add up.
func TestSmallGradientsAreRoundedOnce(t *testing.T) {
	const once = 0.5 + 1e-6
	for _, c := range graphtest.Cases {
		if c.NoGradient {
			continue
		}
		places, _ := furthest(t, c, graph.Target{})
		require.LessOrEqual(t, places, once, c.Name)
	}
	for _, limit := range []int{-1, 1000} {
		places, relative := furthest(t, graphtest.Block, graph.Target{Device: on(machine.Options{Small: limit})})
		require.Greater(t, places, once)
		require.Less(t, relative, 2e-6)
	}
}

// Nothing else is widened: programs without gradients, without fusion, that are
// large, or asked for in another precision.
func TestOnlySmallGradientsAreWidened(t *testing.T) {
	b, all := gradients(t, graphtest.Block, tensor.Float32)
	for _, c := range []struct {
		name     string
		options  machine.Options
		noFusion bool
		outputs  []*graph.Node
		widened  bool
	}{
		{"gradients", machine.Options{}, false, all, true},
		{"just small enough", machine.Options{Small: 3000}, false, all, true},
		{"too large", machine.Options{Small: 1000}, false, all, false},
		{"switched off", machine.Options{Small: -1}, false, all, false},
		{"no gradient", machine.Options{}, false, []*graph.Node{b.Out}, false},
		{"no fusion", machine.Options{}, true, all, false},
		{"bfloat16", machine.Options{Precision: graph.BFloat16, Packed: machine.NewPackedWeights()}, false, all, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := b.Graph.Compile(graph.Target{Device: on(c.options), NoFusion: c.noFusion}, c.outputs...)
			require.NoError(t, err)
			require.Equal(t, c.widened, strings.Contains(p.String(), "float64"), "%v", p)
			require.Empty(t, graph.Overlaps(p), "%v", p)
		})
	}
}

// The limit of small operations belongs to a device: two programs in one process differ in
// it, in whatever order they are compiled and run.
func TestSmallLimitIsOfTheDevice(t *testing.T) {
	b := graphtest.Block.Build(t, tensor.Float32, true)
	exact := b.Machine(t, graph.Target{Device: on(machine.Options{Packed: machine.NewPackedWeights()})}, b.Out)
	fast := b.Machine(t, graph.Target{Device: on(machine.Options{Packed: machine.NewPackedWeights(), Small: -1})}, b.Out)
	for range 2 {
		small, large := graphtest.Outputs(t, exact, b.Out)[0], graphtest.Outputs(t, fast, b.Out)[0]
		if level, err := cpu.Choose(); err == nil && level > cpu.Plain { // which computes all in float64
			require.NotEqual(t, small.Data(), large.Data())
		}
		require.InDeltaSlice(t, small.Data(), large.Data(), 1e-3)
	}
}

// A widened program runs without allocating, with the same bits on any number of
// threads.
func TestWidenedProgramRuns(t *testing.T) {
	b, nodes := gradients(t, graphtest.Block, tensor.Float32)
	var first []float32
	for _, threads := range []int{1, 3} {
		pool := cpu.NewPool(threads)
		defer pool.Close()
		m := b.Machine(t, graph.Target{Device: on(machine.Options{Pool: pool})}, nodes...)
		got := values(t, m, nodes)[3].Float32s()
		if first == nil {
			first = got
		}
		require.Equal(t, first, got)
		require.Zero(t, testing.AllocsPerRun(20, func() {
			if err := m.Run(context.Background()); err != nil {
				t.Error(err)
			}
		}))
	}
}

// A weight that changes between runs is read anew; a frozen one is converted once,
// also where a norm has taken the factor of a Scale.
func TestWideWeights(t *testing.T) {
	values := []float32{1, 2, -3}
	weight := graph.NewWeight("w", tensor.New(tensor.WithShape(3), tensor.WithBacking(values)))
	g := graph.New(tensor.Float32)
	x := g.Input("x", 2, 3)
	w := g.Weight(weight)
	y := g.At("out").Scale(g.At("norm").LayerNorm(x, w, w, 0), 0.25)
	seed := g.Input("seed", 2, 3)
	grads, err := g.Backpropagate([]*graph.Node{y}, []*graph.Node{seed}, []*graph.Node{x})
	require.NoError(t, err)
	run := func(m graph.Machine) (float32, float32) {
		require.NoError(t, m.Run(context.Background()))
		v, err := m.Value(y)
		require.NoError(t, err)
		dx, err := m.Value(grads[0])
		require.NoError(t, err)
		return v.Float32s()[0], dx.Float32s()[0]
	}
	load := func(target graph.Target) (*graph.Program, graph.Machine) {
		p, err := g.Compile(target, y, grads[0])
		require.NoError(t, err)
		m, err := graph.NewMachine(p)
		require.NoError(t, err)
		copy(m.Input(x).Float32s(), []float32{1, 5, -2, 0, 0.5, 0.25})
		copy(m.Input(seed).Float32s(), []float32{1, 0, 0, 0, 0, 0})
		return p, m
	}
	p, changing := load(graph.Target{})
	require.NotContains(t, p.String(), "once")
	p, packed := load(graph.Target{Device: frozen()})
	require.Contains(t, p.String(), "LayerNorm+Scale")
	require.Regexp(t, `once .*Convert .*float32→float64`, p.String())

	y0, dx0 := run(changing)
	y1, dx1 := run(packed)
	require.Equal(t, y0, y1)
	require.Equal(t, dx0, dx1)
	values[0] *= 2
	y1, dx1 = run(changing)
	require.Equal(t, 2*y0, y1)
	require.Equal(t, 2*dx0, dx1)
}

// Gorgonia's own operations run in the type that they were made for.
func TestForeignOperationsStayFloat32(t *testing.T) {
	b := graphtest.Block.Build(t, tensor.Float32, false)
	loss, err := G.Sum(G.Must(G.Square(b.Out)))
	require.NoError(t, err)
	grads, err := G.Grad(loss, b.In[:3]...)
	require.NoError(t, err)
	outputs := append(grads, loss)
	widened := values(t, b.Machine(t, graph.Target{}, outputs...), outputs)
	plain := values(t, b.Machine(t, graph.Target{NoFusion: true}, outputs...), outputs)
	for i, want := range plain {
		for j, v := range want.Float32s() {
			require.InEpsilon(t, v, widened[i].Float32s()[j], 1e-4)
		}
	}
}
