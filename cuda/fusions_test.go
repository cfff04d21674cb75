package cuda_test

import (
	"context"
	"testing"

	"cradio/cuda"
	"cradio/cuda/internal/emulated"
	"cradio/graph"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// outputs runs a graph on inputs that are filled in a way of their own, and returns its outputs.
func outputs(t *testing.T, d graph.Device, g *graph.Builder, in map[*graph.Node]*tensor.Dense, wanted ...*graph.Node) (values [][]float32) {
	t.Helper()
	p, err := g.Compile(graph.Target{Device: d}, wanted...)
	require.NoError(t, err)
	m, err := graph.NewMachine(p)
	require.NoError(t, err)
	defer m.Close()
	for n, x := range in {
		if m.Input(n) != nil {
			require.NoError(t, m.Set(n, x))
		}
	}
	require.NoError(t, m.Run(context.Background()))
	for _, n := range wanted {
		x, err := m.Value(n)
		require.NoError(t, err)
		values = append(values, x.Clone().(*tensor.Dense).Float32s())
	}
	return values
}

// A loss over resized logits and its gradient are one pass over the pixels, and what they are apart.
func TestLossWithItsGradient(t *testing.T) {
	driver := emulated.New(1 << 24)
	d := open(t, driver, cuda.Options{})
	run := func(loss, grad bool) [][]float32 {
		g := graph.New(tensor.Float32)
		x, labels, seed := g.Input("logits", 2, 12, 7), g.Input("labels", 2, 10, 15), g.Input("seed", 1)
		y := g.ResizedCrossEntropy(x, labels, nil, graph.CrossEntropy{Smoothing: 0.1}, graph.Resize{FromH: 3, FromW: 4, H: 10, W: 15})
		grads, err := g.Backpropagate([]*graph.Node{y}, []*graph.Node{seed}, []*graph.Node{x})
		require.NoError(t, err)
		classes := filled(2, 10, 15)
		for i := range classes.Float32s() {
			classes.Float32s()[i] = float32(i % 7)
		}
		one := filled(1)
		one.Float32s()[0] = 1
		var wanted []*graph.Node
		if loss {
			wanted = append(wanted, y)
		}
		if grad {
			wanted = append(wanted, grads...)
		}
		clear(driver.Launches)
		return outputs(t, d, g, map[*graph.Node]*tensor.Dense{x: filled(2, 12, 7), labels: classes, seed: one}, wanted...)
	}
	loss, grad := run(true, false)[0], run(false, true)[0]
	require.Equal(t, [][]float32{loss, grad}, run(true, true))
	require.Equal(t, 1, driver.Launches["resized_cross_entropy_f32"])
}

// The norm of any number of gradients is two launches.
func TestNormOfMany(t *testing.T) {
	driver := emulated.New(1 << 24)
	d := open(t, driver, cuda.Options{})
	g := graph.New(tensor.Float32)
	in := map[*graph.Node]*tensor.Dense{}
	var all []*graph.Node
	want := 0.0
	for i, n := range []int{1, 5000, 33, 4096, 12289} {
		x := filled(n)
		node := g.Input(string(rune('a'+i)), n)
		in[node], all = x, append(all, node)
		for _, v := range x.Float32s() {
			want += float64(v) * float64(v)
		}
	}
	got := outputs(t, d, g, in, g.GlobalNorm(all...))[0][0]
	require.InEpsilon(t, want, float64(got)*float64(got), 1e-6)
	require.Equal(t, map[string]int{"squares_f32": 1, "norm_f32": 1}, driver.Launches)
}
