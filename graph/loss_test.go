package graph_test

import (
	"context"
	"math"
	"testing"

	"cradio/graph"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// gradientProgram compiles a loss of logits and its gradient.
func gradientProgram(t *testing.T, loss func(g *graph.Builder, logits *graph.Node) *graph.Node, logits ...int) (*graph.Program, []*graph.Node) {
	t.Helper()
	g := graph.New(tensor.Float32)
	x := g.Input("logits", logits...)
	y := loss(g, x)
	seed := g.Input("seed", 1)
	grads, err := g.Backpropagate([]*graph.Node{y}, []*graph.Node{seed}, []*graph.Node{x})
	require.NoError(t, err)
	p, err := g.Compile(graph.Target{}, y, grads[0])
	require.NoError(t, err)
	return p, []*graph.Node{y, grads[0]}
}

// At 512 px and 150 classes the large logits would take 157 MB an image. The loss and its gradient need
// less than 8 MB beside the labels, for any number of images.
func TestResizedCrossEntropyMemory(t *testing.T) {
	const classes, grid, size = 150, 32, 512
	for _, batch := range []int{1, 4} {
		p, _ := gradientProgram(t, func(g *graph.Builder, logits *graph.Node) *graph.Node {
			labels := g.Input("labels", batch, size, size)
			return g.ResizedCrossEntropy(logits, labels, nil, graph.CrossEntropy{Ignore: 255}, graph.Resize{FromH: grid, FromW: grid, H: size, W: size})
		}, batch, grid*grid, classes)
		arena := p.ArenaBytes() - 4*batch*size*size
		require.Less(t, arena, 8<<20*batch)
		t.Logf("%d images: %.2f MB each", batch, float64(arena)/float64(batch)/1e6)
	}
}

// A mistake in a loss or norm is an error of the graph that says what is wrong.
func TestLossErrors(t *testing.T) {
	for name, c := range map[string]struct {
		want  string
		build func(g *graph.Builder)
	}{
		"one row": {"op: BatchNorm{eps=1e-05,affine=false} input is (1, 8): one row has no variance; train with at least two pictures in each batch", func(g *graph.Builder) {
			g.At("op").BatchNorm(g.Input("x", 1, 8), nil, nil, 1e-5)
		}},
		"affine": {"op: BatchNorm has a weight or a bias alone, want both or none", func(g *graph.Builder) {
			g.At("op").BatchNorm(g.Input("x", 2, 8), g.Input("w", 8), nil, 1e-5)
		}},
		"labels": {"op: CrossEntropy{smoothing=0,ignore=0,all=false,soft=false,weighted=false} labels are (4) for an input of (3, 5), want 3 elements", func(g *graph.Builder) {
			g.At("op").CrossEntropy(g.Input("x", 3, 5), g.Input("y", 4), nil, graph.CrossEntropy{})
		}},
		"smoothing": {"smoothing is 2, want 0 to 1", func(g *graph.Builder) {
			g.At("op").CrossEntropy(g.Input("x", 3, 5), g.Input("y", 3), nil, graph.CrossEntropy{Smoothing: 2})
		}},
		"map": {"op: Resize{2x3 to 4x6} input is (1, 5, 7), want (B, 2·3, C)", func(g *graph.Builder) {
			g.At("op").Resize(g.Input("x", 1, 5, 7), graph.Resize{FromH: 2, FromW: 3, H: 4, W: 6})
		}},
		"mask": {"input is (2, 3, 5) and mask (2, 1, 4): each axis of the mask must be that of the input, or 1", func(g *graph.Builder) {
			g.At("op").Dropout(g.Input("x", 2, 3, 5), g.Input("m", 2, 1, 4), 0.5)
		}},
		"probability": {"the probability must be at least 0 and below 1", func(g *graph.Builder) {
			g.At("op").Dropout(g.Input("x", 2, 3, 5), g.Input("m", 2, 1, 5), 1)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			g := graph.New(tensor.Float32)
			c.build(g)
			require.ErrorContains(t, g.Err(), c.want)
		})
	}
}

// A label that is no class makes the loss NaN, so that it does not go unseen. A batch in which no label
// counts has loss 0 and gradient 0.
func TestLabelsOutOfRange(t *testing.T) {
	run := func(labels []float32) (loss float32, grad []float32) {
		var y *graph.Node
		p, out := gradientProgram(t, func(g *graph.Builder, logits *graph.Node) *graph.Node {
			y = g.Input("labels", 4)
			return g.ResizedCrossEntropy(logits, y, nil, graph.CrossEntropy{Ignore: 255}, graph.Resize{FromH: 1, FromW: 2, H: 2, W: 2})
		}, 1, 2, 3)
		m, err := graph.NewMachine(p)
		require.NoError(t, err)
		defer m.Close()
		for _, v := range p.Inputs() {
			d := tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(v.Shape()...))
			for i := range d.Float32s() {
				d.Float32s()[i] = float32(i + 1)
			}
			if v.Node() == y {
				copy(d.Float32s(), labels)
			}
			require.NoError(t, m.Set(v.Node(), d))
		}
		require.NoError(t, m.Run(context.Background()))
		l, err := m.Value(out[0])
		require.NoError(t, err)
		d, err := m.Value(out[1])
		require.NoError(t, err)
		return l.Float32s()[0], d.Clone().(*tensor.Dense).Float32s()
	}
	loss, _ := run([]float32{0, 1, 3, 255})
	require.True(t, math.IsNaN(float64(loss)), "class 3 of 3")
	loss, grad := run([]float32{255, 255, -1, 255})
	require.Zero(t, loss)
	require.Equal(t, make([]float32, 6), grad)
	loss, _ = run([]float32{0, 1, 2, 255})
	require.Greater(t, loss, float32(0))
}

// A resized cross entropy and its gradient are one pass where both are wanted, also within a sum of
// losses; the results are those of two.
func TestLossWithGrad(t *testing.T) {
	build := func() (g *graph.Builder, in []*graph.Node, loss, grad *graph.Node) {
		g = graph.New(tensor.Float32)
		x, labels, seed := g.Input("logits", 2, 12, 70), g.Input("labels", 2, 40, 60), g.Input("seed", 1)
		r := graph.Resize{FromH: 3, FromW: 4, H: 40, W: 60}
		loss = g.Add(g.Scale(g.ResizedCrossEntropy(x, labels, nil, graph.CrossEntropy{Smoothing: 0.1}, r), 0.5), g.MSE(x, x, nil))
		grads, err := g.Backpropagate([]*graph.Node{loss}, []*graph.Node{seed}, []*graph.Node{x})
		require.NoError(t, err)
		return g, []*graph.Node{x, labels, seed}, loss, grads[0]
	}
	run := func(wanted func(loss, grad *graph.Node) []*graph.Node) (values [][]float32, program string) {
		g, in, loss, grad := build()
		outputs := wanted(loss, grad)
		p, err := g.Compile(graph.Target{}, outputs...)
		require.NoError(t, err)
		m, err := graph.NewMachine(p)
		require.NoError(t, err)
		defer m.Close()
		for _, n := range in {
			if m.Input(n) == nil {
				continue
			}
			d := tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(n.Shape()...))
			for i := range d.Float32s() {
				d.Float32s()[i] = float32(i * 7 % 70)
			}
			d.Float32s()[0] = 1
			require.NoError(t, m.Set(n, d))
		}
		require.NoError(t, m.Run(context.Background()))
		for _, n := range outputs {
			d, err := m.Value(n)
			require.NoError(t, err)
			values = append(values, d.Clone().(*tensor.Dense).Float32s())
		}
		return values, p.String()
	}
	loss, alone := run(func(loss, _ *graph.Node) []*graph.Node { return []*graph.Node{loss} })
	require.NotContains(t, alone, "with its gradient")
	grad, alone := run(func(_, grad *graph.Node) []*graph.Node { return []*graph.Node{grad} })
	require.NotContains(t, alone, "with its gradient")
	both, program := run(func(loss, grad *graph.Node) []*graph.Node { return []*graph.Node{loss, grad} })
	require.Contains(t, program, "with its gradient")
	require.Equal(t, [][]float32{loss[0], grad[0]}, both)
}
