package radio

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"cradio/cpu/machine"
	"cradio/graph"
	"cradio/layers"
	"cradio/loader"

	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// trainable is a network of synthetic weights, all trainable but for the conditioning of pixels, with
// a graph of its forward pass.
type trainable struct {
	g       *graph.Builder
	pixels  *graph.Node
	out     Nodes
	weights []*graph.Weight // those that have a gradient
}

func newTrainable(t testing.TB, g *graph.Builder, name string, batch, size int) *trainable {
	t.Helper()
	data, err := SyntheticConfig(name)
	require.NoError(t, err)
	config, err := ParseConfig(data)
	require.NoError(t, err)
	w := layers.NewWeights(loader.NewSynthetic(""), tensor.Float32)
	n := NewNetwork(w, config, ViTDet{})
	for _, x := range w.All() {
		x.Trainable = !strings.Contains(x.Name, "input_conditioner")
	}
	tr := &trainable{g: g, pixels: g.Input("pixels", batch, 3, size, size)}
	tr.out = n.Forward(g, tr.pixels, size, size, Request{})
	for _, x := range w.All() {
		if x.Trainable {
			tr.weights = append(tr.weights, x)
		}
	}
	return tr
}

// nodes are the weights in the graph.
func (tr *trainable) nodes() (list []*graph.Node) {
	for _, w := range tr.weights {
		list = append(list, tr.g.Weight(w))
	}
	return list
}

// The memory of all gradients of B at 224 pixels, batch 8, stays below marks: as they are, computed
// with the update of each, and with every block's forward pass computed once more.
func TestGradientMemory(t *testing.T) {
	tr := newTrainable(t, graph.New(tensor.Float32).Lazy(), "B", 8, 224)
	outputs := []*graph.Node{tr.out.Summary, tr.out.Features}
	var seeds, updates []*graph.Node
	for i, n := range outputs {
		seeds = append(seeds, tr.g.Input(fmt.Sprint("seed ", i), n.Shape()...))
	}
	grads, err := tr.g.Backpropagate(outputs, seeds, tr.nodes())
	require.NoError(t, err)
	hyper := tr.g.Hyper("hyper")
	for i, w := range tr.weights {
		updates = append(updates, tr.g.At("step", w.Name).SGD(tr.g.Weight(w), grads[i], nil, hyper, nil, graph.SGD{}))
	}
	var blocks []string
	for i := range 12 {
		blocks = append(blocks, fmt.Sprint("blocks.", i))
	}
	bytes := func(outputs []*graph.Node, recompute []string) int {
		p, err := tr.g.Compile(graph.Target{Recompute: recompute}, outputs...)
		require.NoError(t, err)
		return p.ArenaBytes()
	}
	require.LessOrEqual(t, bytes(grads, nil), 1_030_000_000)
	require.LessOrEqual(t, bytes(grads, blocks), 600_000_000)
	require.LessOrEqual(t, bytes(updates, nil), 1_030_000_000)
	require.LessOrEqual(t, bytes(updates, blocks), 260_000_000)
}

// classifier is a network with a linear head on the summary, its loss and its gradients.
type classifier struct {
	*trainable
	labels, seed, loss *graph.Node
	grads              []*graph.Node
	moments            [2][]*graph.Weight
}

const classes = 5

func newClassifier(t testing.TB) *classifier {
	tr := newTrainable(t, graph.New(tensor.Float32), "nano", 2, 64)
	g := tr.g
	values := make([]float32, classes*tr.out.Summary.Shape()[1])
	for i := range values {
		values[i] = float32(math.Sin(float64(i))) / 8
	}
	head := graph.NewWeight("head", tensor.New(tensor.WithShape(classes, len(values)/classes), tensor.WithBacking(values)))
	head.Trainable = true
	tr.weights = append(tr.weights, head)
	c := &classifier{trainable: tr, labels: g.Input("labels", 2), seed: g.Input("seed", 1)}
	c.loss = g.At("loss").CrossEntropy(g.At("head").Linear(tr.out.Summary, g.Weight(head), nil), c.labels, nil, graph.CrossEntropy{})
	var err error
	c.grads, err = g.Backpropagate([]*graph.Node{c.loss}, []*graph.Node{c.seed}, c.nodes())
	require.NoError(t, err)
	for _, w := range tr.weights {
		for k, name := range []string{".m", ".v"} {
			c.moments[k] = append(c.moments[k], graph.NewState(w.Name+name, tensor.Float32, w.Shape()...))
		}
	}
	return c
}

// step adds clipping and the update of every weight to a graph, given their gradients.
func (c *classifier) step(g *graph.Builder, grads []*graph.Node, hyper *graph.Node) (updates []*graph.Node) {
	clip := g.At("clip").ClipFactor(g.At("norm").GlobalNorm(grads...), 0.5)
	for i, w := range c.weights {
		k := graph.AdamW{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, Decay: 0.05}
		m, v := g.Weight(c.moments[0][i]), g.Weight(c.moments[1][i])
		updates = append(updates, g.At("step", w.Name).AdamW(g.Weight(w), grads[i], m, v, hyper, clip, k))
	}
	return updates
}

// set fills the inputs of a machine of c's graph.
func (c *classifier) set(t testing.TB, m graph.Machine) {
	pixels := m.Input(c.pixels).Float32s()
	for i := range pixels {
		pixels[i] = float32(math.Sin(float64(i)*0.37))/2 + 0.5
	}
	copy(m.Input(c.labels).Float32s(), []float32{1, 3})
	m.Input(c.seed).Float32s()[0] = 1
}

func load(t testing.TB, g *graph.Builder, target graph.Target, outputs ...*graph.Node) graph.Machine {
	t.Helper()
	p, err := g.Compile(target, outputs...)
	require.NoError(t, err)
	m, err := graph.NewMachine(p)
	require.NoError(t, err)
	return m
}

// after are the weights after some steps of one program that does everything, and the losses.
func (c *classifier) after(t testing.TB, target graph.Target, steps int) (losses []float32, weights [][]float32) {
	hyper := c.g.Hyper("hyper")
	m := load(t, c.g, target, append(c.step(c.g, c.grads, hyper), c.loss)...)
	c.set(t, m)
	for i := range steps {
		require.NoError(t, graph.Hyper{Rate: 1e-4, Step: i + 1}.Set(m, hyper))
		require.NoError(t, m.Run(context.Background()))
		loss, err := m.Value(c.loss)
		require.NoError(t, err)
		losses = append(losses, loss.Float32s()[0])
	}
	return losses, c.values(t)
}

// apart are the same of two programs: loss and gradients, and clipping and updates.
func (c *classifier) apart(t testing.TB, target graph.Target, steps int) (losses []float32, weights [][]float32) {
	m := load(t, c.g, target, append(slices.Clone(c.grads), c.loss)...)
	c.set(t, m)
	g := graph.New(tensor.Float32)
	var grads []*graph.Node
	for _, n := range c.grads {
		grads = append(grads, g.Input(fmt.Sprint("gradient ", len(grads)), n.Shape()...))
	}
	hyper := g.Hyper("hyper")
	update := load(t, g, target, c.step(g, grads, hyper)...)
	for i := range steps {
		require.NoError(t, m.Run(context.Background()))
		for j, n := range c.grads {
			d, err := m.Value(n)
			require.NoError(t, err)
			require.NoError(t, update.Set(grads[j], d))
		}
		require.NoError(t, graph.Hyper{Rate: 1e-4, Step: i + 1}.Set(update, hyper))
		require.NoError(t, update.Run(context.Background()))
		loss, err := m.Value(c.loss)
		require.NoError(t, err)
		losses = append(losses, loss.Float32s()[0])
	}
	return losses, c.values(t)
}

func (c *classifier) values(t testing.TB) (list [][]float32) {
	for _, w := range c.weights {
		v, err := w.Value()
		require.NoError(t, err)
		list = append(list, v.Float32s())
	}
	return list
}

// A training step is one program: forward, loss, backward, clipping and AdamW. It has the bits of
// separate programs, for any number of threads, with recomputation too; and the loss falls.
func TestStepIsOneProgram(t *testing.T) {
	const steps = 4
	for _, small := range []int{0, -1} { // small operations in float64, and not
		target := func(threads int) graph.Target {
			d, err := machine.New(machine.Options{Threads: threads, Small: small, Packed: machine.NewPackedWeights()})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, d.Close()) })
			return graph.Target{Device: d}
		}
		wantLosses, want := newClassifier(t).apart(t, target(1), steps)
		require.Less(t, wantLosses[steps-1], wantLosses[0])
		for _, threads := range []int{1, 2} {
			for _, recompute := range [][]string{nil, {"blocks.0", "blocks.1"}} {
				to := target(threads)
				to.Recompute = recompute
				losses, got := newClassifier(t).after(t, to, steps)
				require.Equal(t, wantLosses, losses)
				require.Equal(t, want, got)
			}
		}
	}
}

// On Gorgonia's TapeMachine the step gives new weights with the same bits as unfused, and
// nothing is written.
func TestStepEqualsTapeMachine(t *testing.T) {
	_, want := newClassifier(t).after(t, graph.Target{NoFusion: true}, 1)

	c := newClassifier(t)
	before := make([][]float32, len(c.weights))
	for i, v := range c.values(t) {
		before[i] = slices.Clone(v)
	}
	hyper := c.g.Hyper("hyper")
	updates := c.step(c.g, c.grads, hyper)
	m := load(t, c.g, graph.Target{NoFusion: true}, updates...) // for its inputs
	c.set(t, m)
	require.NoError(t, graph.Hyper{Rate: 1e-4, Step: 1}.Set(m, hyper))
	for _, n := range m.Program().Inputs() {
		require.NoError(t, G.Let(n, m.Input(n)))
	}
	got := make([]G.Value, len(updates))
	for i, n := range updates {
		G.Read(n, &got[i])
	}
	tape := G.NewTapeMachine(c.g.Graph())
	require.NoError(t, tape.RunAll())
	for i, v := range got {
		require.Equal(t, want[i], v.Data(), c.weights[i].Name)
	}
	require.NoError(t, tape.Close())
	require.Equal(t, before, c.values(t))
}
