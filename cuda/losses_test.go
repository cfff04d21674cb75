package cuda_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"cradio/cpu/machine"
	"cradio/cuda"
	"cradio/cuda/internal/emulated"
	"cradio/graph"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// lossCase is a loss of logits, or of positive maps, with labels of so many classes, or maps.
type lossCase struct {
	name     string
	x, other []int
	classes  int // of other; 0 if it is a map
	loss     func(g *graph.Builder, x, other *graph.Node) *graph.Node
}

// Losses and their gradients on odd sizes: one class, one row, more classes and pixels than a block has
// threads, more elements than pieces have at once.
var lossCases = []lossCase{
	{"CrossEntropy of one class", []int{5, 1}, []int{5}, 1, crossEntropy(0)},
	{"CrossEntropy of one row", []int{1, 33}, []int{1}, 33, crossEntropy(0.1)},
	{"CrossEntropy of 1000 classes", []int{70, 1000}, []int{70}, 1000, crossEntropy(0.1)},
	{"SoftmaxFocal", []int{70, 205}, []int{70}, 205, func(g *graph.Builder, x, y *graph.Node) *graph.Node { return g.SoftmaxFocal(x, y, 2, 0) }},
	{"SoftmaxFocal without focus", []int{9, 5}, []int{9}, 5, func(g *graph.Builder, x, y *graph.Node) *graph.Node { return g.SoftmaxFocal(x, y, 0, 0) }},
	{"Dice of several pieces", []int{2, 1030, 3}, []int{2, 1030}, 3, func(g *graph.Builder, x, y *graph.Node) *graph.Node { return g.Dice(x, y, 1, 1) }},
	{"Dice of 300 classes", []int{1, 40, 300}, []int{1, 40}, 300, func(g *graph.Builder, x, y *graph.Node) *graph.Node { return g.Dice(x, y, 1, 0) }},
	{"ResizedCrossEntropy of 140 classes", []int{2, 15, 140}, []int{2, 13, 18}, 140, resized(3, 5, 13, 18)},
	{"ResizedCrossEntropy down", []int{1, 99, 7}, []int{1, 4, 3}, 7, resized(9, 11, 4, 3)},
	{"BinaryCrossEntropy", []int{33, 70}, []int{33, 70}, 2, func(g *graph.Builder, x, y *graph.Node) *graph.Node { return g.BinaryCrossEntropy(x, y, nil, nil) }},
	{"SigmoidFocal", []int{33, 70}, []int{33, 70}, 2, func(g *graph.Builder, x, y *graph.Node) *graph.Node { return g.SigmoidFocal(x, y, nil, -1, 1.5) }},
	{"SmoothL1", []int{33, 70}, []int{33, 70}, 0, func(g *graph.Builder, x, y *graph.Node) *graph.Node { return g.SmoothL1(x, y, nil, 0.5) }},
	{"SILog", []int{33, 70}, []int{33, 70}, 0, func(g *graph.Builder, x, y *graph.Node) *graph.Node { return g.SILog(x, y, nil, 0.15, 1e-3) }},
	{"SILog of one", []int{1, 1}, []int{1, 1}, 0, func(g *graph.Builder, x, y *graph.Node) *graph.Node { return g.SILog(x, y, nil, 0.15, 1e-3) }},
	{"GradientLog", []int{3, 33, 35}, []int{3, 33, 35}, 0, func(g *graph.Builder, x, y *graph.Node) *graph.Node { return g.GradientLog(x, y, nil, 33, 35, 1e-3) }},
}

func crossEntropy(smoothing float64) func(g *graph.Builder, x, y *graph.Node) *graph.Node {
	return func(g *graph.Builder, x, y *graph.Node) *graph.Node {
		return g.CrossEntropy(x, y, nil, graph.CrossEntropy{Smoothing: smoothing})
	}
}

func resized(fromH, fromW, h, w int) func(g *graph.Builder, x, y *graph.Node) *graph.Node {
	return func(g *graph.Builder, x, y *graph.Node) *graph.Node {
		return g.ResizedCrossEntropy(x, y, nil, graph.CrossEntropy{Smoothing: 0.1}, graph.Resize{FromH: fromH, FromW: fromW, H: h, W: w})
	}
}

// on computes the loss and the gradient of x on a device, with logits of a size.
func (c lossCase) on(t *testing.T, d graph.Device, dt tensor.Dtype, size float64) (values [2][]float64) {
	t.Helper()
	g := graph.New(dt)
	x, other, seed := g.Input("x", c.x...), g.Input("other", c.other...), g.Input("seed", 1)
	loss := c.loss(g, x, other)
	grads, err := g.Backpropagate([]*graph.Node{loss}, []*graph.Node{seed}, []*graph.Node{x})
	require.NoError(t, err)
	p, err := g.Compile(graph.Target{Device: d}, loss, grads[0])
	require.NoError(t, err)
	m, err := graph.NewMachine(p)
	require.NoError(t, err)
	defer m.Close()
	rng := rand.New(rand.NewPCG(4, 9))
	fill := func(n *graph.Node, f func() float64) {
		to := m.Input(n)
		for i := range to.DataSize() {
			v := f()
			if dt == tensor.Float64 {
				to.Float64s()[i] = float64(float32(v))
			} else {
				to.Float32s()[i] = float32(v)
			}
		}
	}
	normal := func() float64 { return size * rng.NormFloat64() }
	label := func() float64 { return float64(rng.IntN(max(c.classes, 1))) }
	if c.classes == 0 {
		normal = func() float64 { return math.Exp(rng.NormFloat64()) }
		label = normal
	}
	fill(x, normal)
	fill(other, label)
	fill(seed, func() float64 { return 0.7 })
	require.NoError(t, m.Run(context.Background()))
	for i, n := range []*graph.Node{loss, grads[0]} {
		v, err := m.Value(n)
		require.NoError(t, err)
		if dt == tensor.Float64 {
			values[i] = append(values[i], v.Float64s()...)
			continue
		}
		for _, f := range v.Float32s() {
			values[i] = append(values[i], float64(f))
		}
	}
	return values
}

// Losses are those of the CPU in float64, rounded once, also where logits are so large that one class has all:
// but for what float64 itself leaves of differences there.
func TestLosses(t *testing.T) {
	own, err := machine.New(machine.Options{})
	require.NoError(t, err)
	d := open(t, emulated.New(1<<26), cuda.Options{})
	for _, c := range lossCases {
		for _, size := range []float64{1, 30} {
			t.Run(fmt.Sprintf("%s/%g", c.name, size), func(t *testing.T) {
				want, got := c.on(t, own, tensor.Float64, size), c.on(t, d, tensor.Float32, size)
				for i, what := range []string{"loss", "gradient"} {
					require.Len(t, got[i], len(want[i]), what)
					most := 0.0
					for _, w := range want[i] {
						most = max(most, math.Abs(w))
					}
					for j, w := range want[i] {
						require.InDelta(t, w, got[i][j], 0x1p-23*math.Abs(w)+1e-14*most+1e-45, "%s, element %d", what, j)
					}
				}
			})
		}
	}
}
