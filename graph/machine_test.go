package graph_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"cradio/cpu"
	"cradio/cpu/machine"
	"cradio/graph"
	"cradio/graph/graphtest"

	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Each operation alone gives the same bits on Gorgonia's TapeMachine.
func TestMachineEqualsTapeMachine(t *testing.T) {
	for _, c := range graphtest.Cases {
		for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			b := c.Build(t, dt, false)
			m := b.Machine(t, graph.Target{NoFusion: true}, b.Out)
			require.NoError(t, m.Run(context.Background()), c.Name)
			got, err := m.Value(b.Out)
			require.NoError(t, err)

			for i, n := range b.In {
				require.NoError(t, G.Let(n, b.Values[i]))
			}
			tape := G.NewTapeMachine(b.Graph.Graph())
			require.NoError(t, tape.RunAll(), c.Name)
			require.Equal(t, b.Out.Value().Data(), got.Data(), c.Name)
			require.NoError(t, tape.Close())
		}
	}
}

// mlp is x + ls·fc2(gelu(fc1(norm(x)))), the shape of half a block.
type mlp struct {
	g    *graph.Builder
	x, y *graph.Node
}

func newMLP(t testing.TB, tokens int) mlp {
	const dim, hidden = 24, 56
	rng := rand.New(rand.NewPCG(1, 2))
	weight := func(name string, shape ...int) *graph.Weight {
		d := make([]float32, tensor.Shape(shape).TotalSize())
		for i := range d {
			d[i] = float32(rng.NormFloat64()) / 4
		}
		return graph.NewWeight(name, tensor.New(tensor.WithShape(shape...), tensor.WithBacking(d)))
	}
	g := graph.New(tensor.Float32)
	x := g.Input("x", 2, tokens, dim)
	y := g.At("norm").LayerNorm(x, g.Weight(weight("norm.weight", dim)), g.Weight(weight("norm.bias", dim)), 1e-6)
	y = g.At("fc1").Linear(y, g.Weight(weight("fc1.weight", hidden, dim)), g.Weight(weight("fc1.bias", hidden)))
	y = g.At("gelu").GELU(y)
	y = g.At("fc2").Linear(y, g.Weight(weight("fc2.weight", dim, hidden)), g.Weight(weight("fc2.bias", dim)))
	y = g.At("ls").Mul(y, g.Weight(weight("ls.gamma", dim)))
	y = g.At("sum").Add(x, y)
	y = g.At("out").Scale(y, 2)
	require.NoError(t, g.Err())
	return mlp{g, x, y}
}

func (m mlp) run(t testing.TB, target graph.Target, outputs ...*graph.Node) (*graph.Program, []float32) {
	p, err := m.g.Compile(target, append(outputs, m.y)...)
	require.NoError(t, err)
	machine, err := graph.NewMachine(p)
	require.NoError(t, err)
	x := machine.Input(m.x).Float32s()
	for i := range x {
		x[i] = float32(math.Sin(float64(i)))
	}
	require.NoError(t, machine.Run(context.Background()))
	v, err := machine.Value(m.y)
	require.NoError(t, err)
	return p, v.Float32s()
}

func TestFusionKeepsResultsAndTaps(t *testing.T) {
	m := newMLP(t, 9)
	plain, want := m.run(t, graph.Target{NoFusion: true})
	fused, got := m.run(t, graph.Target{Device: frozen()})
	require.Len(t, plain.Instructions(), 7)
	require.Len(t, fused.Instructions(), 4, "%v", fused)
	require.Contains(t, fused.String(), "Linear+GELU")
	require.Contains(t, fused.String(), "Linear+Mul+Add")
	require.Less(t, fused.ArenaBytes(), plain.ArenaBytes())
	require.InDeltaSlice(t, want, got, 1e-5)

	fc1, err := m.g.Node("fc1")
	require.NoError(t, err)
	tapped, got := m.run(t, graph.Target{}, fc1)
	require.NotContains(t, tapped.String(), "Linear+GELU", "a tapped value is not fused away")
	require.Len(t, tapped.Instructions(), 5)
	require.InDeltaSlice(t, want, got, 1e-5)
}

// The cut into patches takes the conditioning of their image, and the tokens before
// them the sum with their positions, with the same bits.
func TestFusionOfPatches(t *testing.T) {
	g := graph.New(tensor.Float32)
	weight := func(path string, shape ...int) *graph.Node {
		d := make([]float32, tensor.Shape(shape).TotalSize())
		for i := range d {
			d[i] = 1.5 + float32(math.Cos(float64(i)))
		}
		return g.Weight(graph.NewWeight(path, tensor.New(tensor.WithShape(shape...), tensor.WithBacking(d))))
	}
	x := g.Input("x", 2, 3, 8, 12)
	conditioned := g.At("conditioned").Normalize(x, weight("mean", 3), weight("std", 3))
	y := g.At("embed").Linear(g.At("cut").Patches(conditioned, 4), weight("embed.weight", 32, 48), nil)
	table := g.At("table").ResizeTable(weight("table", 1, 25, 32), graph.Table{Grid: 5, Square: 3, H: 2, W: 3})
	sum := g.At("sum").Add(y, table)
	m := mlp{g, x, g.At("out").Prefix(weight("class", 2, 32), sum)}
	require.NoError(t, g.Err())

	plain, want := m.run(t, graph.Target{Device: frozen(), NoFusion: true})
	require.Len(t, plain.Instructions(), 6)
	fused, got := m.run(t, graph.Target{Device: frozen()})
	require.Len(t, fused.Instructions(), 3, "%v", fused)
	require.Contains(t, fused.String(), "Normalize+Patches{4}")
	require.Contains(t, fused.String(), "Add+Prefix")
	require.Equal(t, want, got)
	tapped, got := m.run(t, graph.Target{Device: frozen()}, conditioned, sum)
	require.Len(t, tapped.Instructions(), 5, "%v", tapped)
	require.Equal(t, want, got)
	checked, got := m.run(t, graph.Target{Device: frozen(), Check: true})
	require.Len(t, checked.Instructions(), 4, "a pixel that is not finite is named: %v", checked)
	require.Equal(t, want, got)
}

// A LayerNorm takes the factor of a Scale, where its weights are frozen and nothing
// else needs what it makes.
func TestNormTakesItsFactor(t *testing.T) {
	weight := func(name string, values ...float32) *graph.Weight {
		return graph.NewWeight(name, tensor.New(tensor.WithShape(len(values)), tensor.WithBacking(values)))
	}
	g := graph.New(tensor.Float32)
	x := g.Input("x", 2, 3)
	norm := g.At("norm").LayerNorm(x, g.Weight(weight("w", 1, 2, -3)), g.Weight(weight("b", 0.5, 0, 1)), 1e-6)
	y := g.At("norm").Scale(norm, 0.25)
	run := func(target graph.Target, outputs ...*graph.Node) (*graph.Program, []float32) {
		p, err := g.Compile(target, append(outputs, y)...)
		require.NoError(t, err)
		m, err := graph.NewMachine(p)
		require.NoError(t, err)
		copy(m.Input(x).Float32s(), []float32{1, 5, -2, 0, 0.5, 0.25})
		require.NoError(t, m.Run(context.Background()))
		v, err := m.Value(y)
		require.NoError(t, err)
		return p, v.Float32s()
	}
	plain, want := run(graph.Target{})
	require.Len(t, plain.Instructions(), 2, "weights that may change")
	fused, got := run(graph.Target{Device: frozen()})
	require.Len(t, fused.Instructions(), 1)
	require.Contains(t, fused.String(), "LayerNorm+Scale{eps=1e-06,0.25}")
	require.Equal(t, want, got, "a power of two")
	tapped, got := run(graph.Target{Device: frozen()}, norm)
	require.Len(t, tapped.Instructions(), 2)
	require.Equal(t, want, got)
}

func TestRunAllocatesNothing(t *testing.T) {
	m := newMLP(t, 64)
	p, err := m.g.Compile(graph.Target{Device: on(machine.Options{Pool: cpu.NewPool(2), Packed: machine.NewPackedWeights()})}, m.y)
	require.NoError(t, err)
	machine, err := graph.NewMachine(p)
	require.NoError(t, err)
	ctx := context.Background()
	require.NoError(t, machine.Run(ctx))
	require.Zero(t, testing.AllocsPerRun(20, func() {
		if err := machine.Run(ctx); err != nil {
			t.Error(err)
		}
	}))
}

func TestRunStopsWhenCancelled(t *testing.T) {
	m := newMLP(t, 4)
	p, err := m.g.Compile(graph.Target{}, m.y)
	require.NoError(t, err)
	machine, err := graph.NewMachine(p)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err = machine.Run(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "stopped before norm")
	require.NoError(t, machine.Run(context.Background()), "it runs again afterwards")
}

func TestCheckNamesTheFirstNaN(t *testing.T) {
	m := newMLP(t, 4)
	p, err := m.g.Compile(graph.Target{Check: true, NoFusion: true}, m.y)
	require.NoError(t, err)
	machine, err := graph.NewMachine(p)
	require.NoError(t, err)
	require.NoError(t, machine.Run(context.Background()))
	machine.Input(m.x).Float32s()[2*24+5] = float32(math.NaN())
	var found *graph.NotFinite
	require.ErrorAs(t, machine.Run(context.Background()), &found)
	require.Equal(t, "norm", found.Path)
	require.Equal(t, []int{0, 2, 0}, found.Index)
	require.ErrorContains(t, found, "norm: LayerNorm{eps=1e-06} gave NaN at [0 2 0]")
}

// As a gorgonia.VM: inputs and outputs are the nodes' values, and Gorgonia's
// own operations run among ours.
func TestMachineIsAVM(t *testing.T) {
	g := graph.New(tensor.Float32)
	x := g.Input("x", 2, 3)
	y := g.At("gelu").GELU(x)
	loss, err := G.Sum(G.Must(G.Square(y)))
	require.NoError(t, err)
	grads, err := G.Grad(loss, x)
	require.NoError(t, err)
	p, err := g.Compile(graph.Target{}, loss, grads[0])
	require.NoError(t, err)
	m, err := graph.NewMachine(p)
	require.NoError(t, err)
	var vm G.VM = graph.VM{Machine: m}
	for _, values := range [][]float32{{1, 2, 3, -1, -2, -3}, {0, 0, 1, 0, 0, 0}} {
		require.NoError(t, G.Let(x, tensor.New(tensor.WithShape(2, 3), tensor.WithBacking(values))))
		require.NoError(t, vm.RunAll())
		got, grad := loss.Value().Data(), append([]float32{}, grads[0].Value().Data().([]float32)...)
		tape := G.NewTapeMachine(g.Graph())
		require.NoError(t, tape.RunAll())
		require.Equal(t, loss.Value().Data(), got)
		require.InDeltaSlice(t, grads[0].Value().Data(), grad, 1e-6)
		require.NoError(t, tape.Close())
		vm.Reset()
	}
	require.NoError(t, vm.Close())
}

func TestErrorsNameTheirPlace(t *testing.T) {
	weight := func(shape ...int) *graph.Weight {
		return graph.NewWeight("w", tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(shape...)))
	}
	for _, c := range []struct {
		name, want string
		build      func(g *graph.Builder, x *graph.Node)
	}{
		{"shape", "blocks.3.attn.qkv: Linear{bias=false} input is (1, 4, 6) and weight (5, 7): the last axes differ", func(g *graph.Builder, x *graph.Node) {
			g.At("blocks", 3).At("attn", "qkv").Linear(x, g.Weight(weight(5, 7)), nil)
		}},
		{"heads", "a: Attention{heads=4} qkv is (1, 4, 6): its last axis cannot be split into 3 × 4 heads", func(g *graph.Builder, x *graph.Node) {
			g.At("a").Attention(x, 4)
		}},
		{"missing weight", "b: weight is missing", func(g *graph.Builder, x *graph.Node) {
			g.At("b").Linear(x, g.At("b").Weight(nil), nil)
		}},
		{"first of two", "c: tokens 3 to 9 of (1, 4, 6) do not exist", func(g *graph.Builder, x *graph.Node) {
			y := g.At("c").Slice(x, 3, 9)
			g.At("d").Attention(y, 99)
		}},
		{"dtype", "weight v is float64, the graph is float32", func(g *graph.Builder, x *graph.Node) {
			g.Weight(graph.NewWeight("v", tensor.New(tensor.Of(tensor.Float64), tensor.WithShape(3))))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := graph.New(tensor.Float32)
			x := g.Input("x", 1, 4, 6)
			c.build(g, x)
			require.EqualError(t, g.Err(), c.want)
			_, err := g.Compile(graph.Target{}, x)
			require.EqualError(t, err, c.want)
		})
	}
}

func TestSetChecksItsTensor(t *testing.T) {
	m := newMLP(t, 4)
	p, err := m.g.Compile(graph.Target{}, m.y)
	require.NoError(t, err)
	machine, err := graph.NewMachine(p)
	require.NoError(t, err)
	require.ErrorContains(t, machine.Set(m.x, tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(2, 3, 24))), "want (2, 4, 24)")
	require.ErrorContains(t, machine.Set(m.y, tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(2, 4, 24))), "is not an input")
	norm, err := m.g.Node("norm")
	require.NoError(t, err)
	_, err = machine.Value(norm)
	require.ErrorContains(t, err, "is not an output")
	_, err = m.g.Node("blocks.1.norm")
	require.ErrorContains(t, err, `no tensor at path "blocks.1.norm"; there are 7, such as norm`)
}

// Two values never share memory while both are needed.
func TestArenaHasNoOverlaps(t *testing.T) {
	m := newMLP(t, 17)
	fc1, err := m.g.Node("fc1")
	require.NoError(t, err)
	for _, outputs := range [][]*graph.Node{{m.y}, {fc1, m.y}} {
		for _, noFusion := range []bool{false, true} {
			p, err := m.g.Compile(graph.Target{NoFusion: noFusion}, outputs...)
			require.NoError(t, err)
			require.Empty(t, graph.Overlaps(p), "%v", p)
		}
	}
}

// Trace sees the instructions of the program, in order.
func TestTrace(t *testing.T) {
	m := newMLP(t, 9)
	p, err := m.g.Compile(graph.Target{}, m.y)
	require.NoError(t, err)
	machine, err := graph.NewMachine(p)
	require.NoError(t, err)
	var paths, operations []string
	machine.Trace(func(i *graph.Instruction, took time.Duration) {
		require.GreaterOrEqual(t, took, time.Duration(0))
		paths = append(paths, i.Path())
		operations = append(operations, i.String())
	})
	require.NoError(t, machine.Run(context.Background()))
	require.Equal(t, []string{"norm", "gelu", "sum", "out"}, paths)
	require.Equal(t, "Linear+GELU", operations[1])
	require.Len(t, operations, len(p.Instructions()))
}
