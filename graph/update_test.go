package graph_test

import (
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"cradio/cpu/machine"
	"cradio/graph"
	"cradio/graph/graphtest"

	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// waves are values for a weight.
func waves(shape ...int) *tensor.Dense {
	d := make([]float32, tensor.Shape(shape).TotalSize())
	for i := range d {
		d[i] = float32(math.Sin(float64(3*i + 1)))
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(d))
}

// trainable is a weight that programs may write.
func trainable(name string, shape ...int) *graph.Weight {
	w := graph.NewWeight(name, waves(shape...))
	w.Trainable = true
	return w
}

// regression is a linear layer with its gradient for a given dy, and the step of SGD.
type regression struct {
	g            *graph.Builder
	w            *graph.Weight
	x, dy, hyper *graph.Node
	y, grad      *graph.Node
	step         *graph.Node
}

func newRegression(t testing.TB, w *graph.Weight) *regression {
	g := graph.New(tensor.Float32)
	r := &regression{g: g, w: w, x: g.Input("x", 5, w.Shape()[1]), dy: g.Input("dy", 5, w.Shape()[0])}
	weight := g.Weight(w)
	r.y = g.At("fc").Linear(r.x, weight, nil)
	grads, err := g.Backpropagate([]*graph.Node{r.y}, []*graph.Node{r.dy}, []*graph.Node{weight})
	require.NoError(t, err)
	r.hyper, r.grad = g.Hyper("hyper"), grads[0]
	r.step = g.At("step").SGD(weight, r.grad, nil, r.hyper, nil, graph.SGD{})
	require.NoError(t, g.Err())
	return r
}

func (r *regression) machine(t testing.TB, outputs ...*graph.Node) graph.Machine {
	p, err := r.g.Compile(graph.Target{Device: frozen()}, outputs...)
	require.NoError(t, err)
	m, err := graph.NewMachine(p)
	require.NoError(t, err)
	require.NoError(t, m.Set(r.x, waves(r.x.Shape()...)))
	if m.Input(r.dy) != nil {
		require.NoError(t, m.Set(r.dy, waves(r.dy.Shape()...)))
		require.NoError(t, graph.Hyper{Rate: 0.5, Step: 1}.Set(m, r.hyper))
	}
	return m
}

// An update runs after all that reads the old value, wherever it stands among the outputs.
func TestUpdateComesAfterItsReaders(t *testing.T) {
	want := func() []float32 {
		r := newRegression(t, trainable("w", 4, 3))
		return slices.Clone(graphtest.Outputs(t, r.machine(t, r.y), r.y)[0].Float32s())
	}()
	for _, first := range []bool{true, false} {
		r := newRegression(t, trainable("w", 4, 3))
		outputs := []*graph.Node{r.y, r.step}
		if first {
			slices.Reverse(outputs)
		}
		m := r.machine(t, outputs...)
		require.Equal(t, want, graphtest.Outputs(t, m, r.y)[0].Float32s())
		require.NotEqual(t, want, graphtest.Outputs(t, m, r.y)[0].Float32s(), "the next step reads the new value")
		require.Equal(t, 2, r.w.Version())
		require.Equal(t, []*graph.Weight{r.w}, m.Program().Updates())
	}
}

// Another update reads the new value, through the output of the first; nothing else may
// read the old one after that.
func TestUpdateOfTheNewValue(t *testing.T) {
	r := newRegression(t, trainable("w", 4, 3))
	mean := graph.NewState("mean", tensor.Float32, 4, 3)
	ema := r.g.At("ema").Average(r.g.Weight(mean), r.step, r.hyper)
	m := r.machine(t, ema)
	require.NoError(t, graph.Hyper{Rate: 0.5, Step: 1, Average: 1}.Set(m, r.hyper))
	got := graphtest.Outputs(t, m, ema)[0]
	now, err := r.w.Value()
	require.NoError(t, err)
	require.Equal(t, now.Data(), got.Data())

	late := r.g.At("late").Add(r.step, r.g.Weight(r.w))
	_, err = r.g.Compile(graph.Target{}, late)
	require.EqualError(t, err, "late: Add needs what comes after step, but reads the old value of what that writes: read the output of step instead")
}

// On Gorgonia's TapeMachine an update gives the new value, with the same bits, and keeps
// nothing.
func TestUpdateEqualsTapeMachine(t *testing.T) {
	r := newRegression(t, trainable("w", 4, 3))
	hyper := tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(graph.HyperSize))
	require.NoError(t, graph.Hyper{Rate: 0.5, Step: 1}.Fill(hyper))
	for n, v := range map[*graph.Node]*tensor.Dense{r.x: waves(5, 3), r.dy: waves(5, 4), r.hyper: hyper} {
		require.NoError(t, G.Let(n, v))
	}
	tape := G.NewTapeMachine(r.g.Graph())
	require.NoError(t, tape.RunAll())
	require.NoError(t, tape.Close())
	want := r.step.Value().(*tensor.Dense).Clone().(*tensor.Dense)
	now, err := r.w.Value()
	require.NoError(t, err)
	require.Equal(t, waves(4, 3).Data(), now.Data())

	p, err := r.g.Compile(graph.Target{NoFusion: true}, r.step)
	require.NoError(t, err)
	m, err := graph.NewMachine(p)
	require.NoError(t, err)
	require.NoError(t, graph.VM{Machine: m}.RunAll())
	require.Equal(t, want.Data(), now.Data())
}

func TestUpdatesRefuseNonsense(t *testing.T) {
	adam := graph.AdamW{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8}
	for _, c := range []struct {
		name, want string
		build      func(g *graph.Builder, w, m, grad, hyper *graph.Node)
	}{
		{"frozen", "AdamW{0.9,0.999 eps=1e-08 decay=0 rate=1 clipped=false} writes stays, which is not trainable: set its Trainable before it is used", func(g *graph.Builder, w, m, grad, hyper *graph.Node) {
			g.AdamW(w, grad, m, g.Weight(graph.NewWeight("stays", waves(4, 3))), hyper, nil, adam)
		}},
		{"input", "Average writes input 0, grad: want a weight of this graph", func(g *graph.Builder, w, m, grad, hyper *graph.Node) {
			g.Average(grad, w, hyper)
		}},
		{"twice", "AdamW{0.9,0.999 eps=1e-08 decay=0 rate=1 clipped=false} writes m twice: each of its weights and states is one of its own", func(g *graph.Builder, w, m, grad, hyper *graph.Node) {
			g.AdamW(w, grad, m, m, hyper, nil, adam)
		}},
		{"missing", "SGD{momentum=0.9 nesterov=false decay=0 rate=1 clipped=false}: input 1 is missing", func(g *graph.Builder, w, m, grad, hyper *graph.Node) {
			g.SGD(w, grad, nil, hyper, nil, graph.SGD{Momentum: 0.9})
		}},
		{"shapes", "Accumulate sum is (4, 3) and gradient (2, 9): the shapes differ", func(g *graph.Builder, w, m, grad, hyper *graph.Node) {
			g.Accumulate(w, g.Input("other", 2, 9), hyper)
		}},
		{"hyper", "Average hyper is (4, 3), want (6), the input of Builder.Hyper", func(g *graph.Builder, w, m, grad, hyper *graph.Node) {
			g.Average(w, grad, grad)
		}},
		{"zero options", "AdamW{0,0 eps=0 decay=0 rate=1 clipped=false} has an Eps of 0, want more than 0, such as 1e-8", func(g *graph.Builder, w, m, grad, hyper *graph.Node) {
			g.AdamW(w, grad, m, g.Weight(graph.NewState("v", tensor.Float32, 4, 3)), hyper, nil, graph.AdamW{})
		}},
		{"one row", "Running{0.1} has 1 rows: the variance of a batch needs at least 2", func(g *graph.Builder, w, m, grad, hyper *graph.Node) {
			mean, variance := g.Weight(graph.NewState("mean", tensor.Float32, 3)), g.Weight(graph.NewState("variance", tensor.Float32, 3))
			g.Running(mean, variance, g.Input("x", 1, 3), graph.Running{Momentum: 0.1})
		}},
		{"norm of nothing", "GlobalNorm has no inputs: give at least one gradient", func(g *graph.Builder, w, m, grad, hyper *graph.Node) {
			g.GlobalNorm()
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := graph.New(tensor.Float32)
			c.build(g, g.Weight(trainable("w", 4, 3)), g.Weight(trainable("m", 4, 3)), g.Input("grad", 4, 3), g.Hyper("hyper"))
			require.EqualError(t, g.Err(), c.want)
		})
	}
	r := newRegression(t, trainable("w", 4, 3))
	again := r.g.At("again").SGD(r.g.Weight(r.w), r.g.Input("grad", 4, 3), nil, r.hyper, nil, graph.SGD{})
	_, err := r.g.Compile(graph.Target{}, r.step, again)
	require.EqualError(t, err, "step and again both write w: a program updates a weight once")
}

// An update that is taken apart can be done in another graph, on values that the first one has computed.
func TestUpdated(t *testing.T) {
	g := graph.New(tensor.Float32)
	mean, variance := trainable("mean", 3), trainable("variance", 3)
	x := g.Input("x", 4, 3)
	n := g.At("running").Running(g.Weight(mean), g.Weight(variance), x, graph.Running{Momentum: 0.1})
	k, weights, in := g.Updated(n)
	require.Equal(t, graph.Running{Momentum: 0.1}, k)
	require.Equal(t, []*graph.Weight{mean, variance}, weights)
	require.Equal(t, []*graph.Node{x}, in)
	other := graph.New(tensor.Float32)
	again := other.At("running").Apply(k, other.Weight(weights[0]), other.Weight(weights[1]), other.Input("x", 4, 3))
	require.NoError(t, other.Err())
	_, err := other.Compile(graph.Target{}, again)
	require.NoError(t, err)
	for _, node := range []*graph.Node{x, g.At("gelu").GELU(x)} {
		k, _, _ = g.Updated(node)
		require.Nil(t, k)
	}
}

// A cancelled run ends before its first update or after its last.
func TestUpdatesAreNotCancelledHalfway(t *testing.T) {
	g := graph.New(tensor.Float32)
	weights := []*graph.Weight{trainable("a", 3), trainable("b", 3), trainable("c", 3)}
	hyper, grad := g.Hyper("hyper"), g.Input("grad", 3)
	var outputs []*graph.Node
	for _, w := range weights {
		outputs = append(outputs, g.At(w.Name).SGD(g.Weight(w), grad, nil, hyper, nil, graph.SGD{}))
	}
	p, err := g.Compile(graph.Target{}, outputs...)
	require.NoError(t, err)
	m, err := graph.NewMachine(p)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	m.Trace(func(*graph.Instruction, time.Duration) { cancel() })
	require.NoError(t, m.Run(ctx))
	require.ErrorIs(t, m.Run(ctx), context.Canceled)
	for _, w := range weights {
		require.Equal(t, 1, w.Version())
	}
}

// What a device has made of weights is made anew after they have changed: packed forms, and
// what is computed once.
func TestChangedWeightsAreRenewed(t *testing.T) {
	for _, precision := range []graph.Precision{graph.Full, graph.BFloat16, graph.Int8} {
		packs := machine.NewPackedWeights()
		device := on(machine.Options{Packed: packs, Precision: precision})
		g := graph.New(tensor.Float32)
		w, table := graph.NewWeight("w", waves(64, 48)), graph.NewWeight("table", waves(1, 9, 48))
		x := g.Input("x", 1, 4, 48)
		resized := g.At("table").ResizeTable(g.Weight(table), graph.Table{Grid: 3, Square: 2, H: 2, W: 2})
		y := g.At("fc").Linear(g.At("sum").Add(x, resized), g.Weight(w), nil)
		p, err := g.Compile(graph.Target{Device: device}, y)
		require.NoError(t, err)
		require.Len(t, p.Once(), 1)
		load := func() graph.Machine {
			m, err := graph.NewMachine(p)
			require.NoError(t, err)
			require.NoError(t, m.Set(x, waves(1, 4, 48)))
			return m
		}
		m := load()
		before := graphtest.Outputs(t, m, y)[0]
		bytes := packs.Bytes()
		for _, changed := range []*graph.Weight{w, table} {
			v, err := changed.Value()
			require.NoError(t, err)
			for i := range v.Float32s() {
				v.Float32s()[i] *= 1.5
			}
			changed.Changed()
			after := graphtest.Outputs(t, m, y)[0]
			require.NotEqual(t, before.Data(), after.Data())
			require.Equal(t, after.Data(), graphtest.Outputs(t, load(), y)[0].Data(), "a new machine")
			fresh, err := g.Compile(graph.Target{Device: on(machine.Options{Packed: machine.NewPackedWeights(), Precision: precision})}, y)
			require.NoError(t, err)
			other, err := graph.NewMachine(fresh)
			require.NoError(t, err)
			require.NoError(t, other.Set(x, waves(1, 4, 48)))
			require.Equal(t, after.Data(), graphtest.Outputs(t, other, y)[0].Data(), "a new device")
			before = after
		}
		require.Equal(t, bytes, packs.Bytes(), "the old forms are gone")
	}
}

// readOnly is a Store such as a mapped file.
type readOnly struct {
	values   *tensor.Dense
	released int
}

func (s *readOnly) Load([]float32) (*tensor.Dense, error) { return s.values, nil }
func (s *readOnly) Release()                              { s.released++ }

// A deferred weight is copied before it is trained, and stays trained. The other weights of
// the program stay packed.
func TestTrainingCopiesDeferredWeights(t *testing.T) {
	store := &readOnly{values: waves(4, 3)}
	w := graph.DeferWeight("w", tensor.Float32, tensor.Shape{4, 3}, store)
	before := throughLinear(t, w)

	w.Trainable = true
	g := graph.New(tensor.Float32).Lazy()
	x, dy, hyper := g.Input("x", 5, 3), g.Input("dy", 5, 2), g.Hyper("hyper")
	head := graph.NewWeight("head", waves(2, 4))
	y := g.At("head").Linear(g.At("fc").Linear(x, g.Weight(w), nil), g.Weight(head), nil)
	grads, err := g.Backpropagate([]*graph.Node{y}, []*graph.Node{dy}, []*graph.Node{g.Weight(w)})
	require.NoError(t, err)
	step := g.At("step").SGD(g.Weight(w), grads[0], nil, hyper, nil, graph.SGD{})
	p, err := g.Compile(graph.Target{Device: frozen()}, step)
	require.NoError(t, err)
	require.False(t, p.Value(g.Weight(w)).Frozen())
	require.True(t, p.Value(g.Weight(head)).Frozen())
	m, err := graph.NewMachine(p)
	require.NoError(t, err)
	require.NoError(t, m.Set(x, waves(5, 3)))
	require.NoError(t, m.Set(dy, waves(5, 2)))
	require.NoError(t, graph.Hyper{Rate: 0.1, Step: 1}.Set(m, hyper))
	require.NoError(t, m.Run(context.Background()))

	require.Equal(t, waves(4, 3).Data(), store.values.Data(), "the file is as it was")
	now, err := w.Value()
	require.NoError(t, err)
	require.NotEqual(t, store.values.Data(), now.Data())
	w.Trainable = false
	w.Release()
	after, err := w.Value()
	require.NoError(t, err)
	require.Same(t, now, after, "what was trained is never dropped")
	require.Equal(t, 1, w.Moves())
	require.NotEqual(t, before, throughLinear(t, w), "frozen again, it is packed as it is now")
}

// throughLinear is what a frozen w makes of some rows.
func throughLinear(t testing.TB, w *graph.Weight) any {
	g := graph.New(tensor.Float32).Lazy()
	x := g.Input("x", 5, 3)
	y := g.At("fc").Linear(x, g.Weight(w), nil)
	p, err := g.Compile(graph.Target{Device: frozen()}, y)
	require.NoError(t, err)
	require.True(t, p.Value(g.Weight(w)).Frozen())
	m, err := graph.NewMachine(p)
	require.NoError(t, err)
	require.NoError(t, m.Set(x, waves(5, 3)))
	return graphtest.Outputs(t, m, y)[0].Data()
}

// A machine that was bound to the mapping of a weight reads the copy, once it is trained.
func TestMachinesFollowAWeightThatMoves(t *testing.T) {
	w := graph.DeferWeight("w", tensor.Float32, tensor.Shape{4, 3}, &readOnly{values: waves(4, 3)})
	g := graph.New(tensor.Float32).Lazy()
	x := g.Input("x", 5, 3)
	y := g.At("fc").Linear(x, g.Weight(w), nil)
	for _, device := range []graph.Device{frozen(), on(machine.Options{})} {
		w.Trainable = false
		p, err := g.Compile(graph.Target{Device: device}, y)
		require.NoError(t, err)
		m, err := graph.NewMachine(p)
		require.NoError(t, err)
		require.NoError(t, m.Set(x, waves(5, 3)))
		before := graphtest.Outputs(t, m, y)[0]
		w.Trainable = true
		v, err := w.Value()
		require.NoError(t, err)
		require.Equal(t, before.Data(), graphtest.Outputs(t, m, y)[0].Data())
		v.Float32s()[0]++
		w.Changed()
		require.NotEqual(t, before.Data(), graphtest.Outputs(t, m, y)[0].Data())
	}
}

// An entry of a weight is as trainable as the whole, and writing it changes the whole.
func TestEntriesAreTrainedInPlace(t *testing.T) {
	whole := graph.DeferWeight("w", tensor.Float32, tensor.Shape{2, 4, 3}, &readOnly{values: waves(2, 4, 3)})
	whole.Trainable = true
	entry, err := whole.Index(1)
	require.NoError(t, err)
	r := newRegression(t, entry)
	require.NoError(t, r.machine(t, r.step).Run(context.Background()))
	require.Equal(t, 1, whole.Version())
	v, err := whole.Value()
	require.NoError(t, err)
	require.Equal(t, waves(2, 4, 3).Float32s()[:12], v.Float32s()[:12])
	require.NotEqual(t, waves(2, 4, 3).Float32s()[12:], v.Float32s()[12:])
}

// A step allocates nothing, once it has run.
func TestStepAllocatesNothing(t *testing.T) {
	r := newRegression(t, trainable("w", 64, 48))
	g := r.g
	norm := g.At("norm").GlobalNorm(r.grad)
	state := func(name string) *graph.Node { return g.Weight(graph.NewState(name, tensor.Float32, 64, 48)) }
	step := g.At("adamw").AdamW(g.Weight(r.w), r.grad, state("m"), state("v"), r.hyper, g.At("clip").ClipFactor(norm, 1), graph.AdamW{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8})
	m := r.machine(t, g.At("mean").Average(state("mean"), step, r.hyper))
	ctx := context.Background()
	require.NoError(t, m.Run(ctx))
	require.Zero(t, testing.AllocsPerRun(20, func() {
		if err := m.Run(ctx); err != nil {
			t.Error(err)
		}
	}))
}
