package graph_test

import (
	"context"
	"sync/atomic"
	"testing"

	"cradio/cpu/machine"
	"cradio/graph"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// shelf is a Store that counts.
type shelf struct {
	value           *tensor.Dense
	loads, releases atomic.Int32
}

func (s *shelf) Load([]float32) (*tensor.Dense, error) {
	s.loads.Add(1)
	return s.value, nil
}

func (s *shelf) Release() { s.releases.Add(1) }

func ramp(shape ...int) *tensor.Dense {
	d := tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(shape...))
	for i := range d.Float32s() {
		d.Float32s()[i] = float32(i%17) / 8
	}
	return d
}

// A position table is resized once, and the table is let go: it is not loaded for a
// second Machine, nor for the outputs of another run.
func TestTableIsResizedOnce(t *testing.T) {
	table := &shelf{value: ramp(1, 16, 4)}
	matrix := &shelf{value: ramp(4, 4)}
	pos := graph.DeferWeight("pos", tensor.Float32, tensor.Shape{1, 16, 4}, table)
	w := graph.DeferWeight("w", tensor.Float32, tensor.Shape{4, 4}, matrix)
	build := func(target graph.Target) (p *graph.Program, run func() []float32) {
		g := graph.New(tensor.Float32).Lazy()
		x := g.Input("x", 2, 4, 4)
		small := g.At("pos").ResizeTable(g.Weight(pos), graph.Table{Grid: 4, Square: 2, H: 2, W: 2})
		y := g.At("y").Add(g.At("fc").Linear(x, g.Weight(w), nil), small)
		p, err := g.Compile(target, y)
		require.NoError(t, err)
		return p, func() []float32 {
			m, err := graph.NewMachine(p)
			require.NoError(t, err)
			require.NoError(t, m.Set(x, ramp(2, 4, 4)))
			require.NoError(t, m.Run(context.Background()))
			require.NoError(t, m.Run(context.Background()))
			out, err := m.Value(y)
			require.NoError(t, err)
			return out.Float32s()
		}
	}
	plain, run := build(graph.Target{NoFusion: true})
	want := run()
	require.Len(t, plain.Instructions(), 3)
	pos.Release()
	w.Release()
	table.loads.Store(0)

	packs := machine.NewPackedWeights()
	p, run := build(graph.Target{Device: on(machine.Options{Packed: packs})})
	require.EqualValues(t, 0, table.loads.Load(), "compiling reads no weight")
	require.Len(t, p.Instructions(), 2)
	require.Contains(t, p.String(), "once")
	releases := table.releases.Load()
	require.Equal(t, want, run())
	require.Equal(t, want, run())
	require.EqualValues(t, 1, table.loads.Load())
	require.EqualValues(t, releases+1, table.releases.Load())
	if packs.Bytes() > 0 {
		require.EqualValues(t, 2, matrix.loads.Load(), "once for each target")
	}
}

// A large table is resized in each run, in the arena, and let go in between.
func TestLargeTableIsNotKept(t *testing.T) {
	const grid, dim = 128, 256 // 16 MiB
	table := &shelf{value: ramp(1, grid*grid, dim)}
	pos := graph.DeferWeight("pos", tensor.Float32, tensor.Shape{1, grid * grid, dim}, table)
	for _, c := range []struct{ crop, instructions int }{{grid, 2}, {grid - 1, 1}} {
		g := graph.New(tensor.Float32).Lazy()
		x := g.Input("x", 1, c.crop*grid, dim)
		y := g.Add(x, g.ResizeTable(g.Weight(pos), graph.Table{Grid: grid, Square: grid, H: c.crop, W: grid}))
		p, err := g.Compile(graph.Target{Device: frozen()}, y)
		require.NoError(t, err)
		require.Len(t, p.Instructions(), c.instructions)
		table.releases.Store(0)
		m, err := graph.NewMachine(p)
		require.NoError(t, err)
		for range 3 {
			require.NoError(t, m.Run(context.Background()))
			out, err := m.Value(y)
			require.NoError(t, err)
			require.Equal(t, table.value.Float32s()[:c.crop*grid*dim], out.Float32s())
		}
		want := 1 // when it was folded
		if c.instructions == 2 {
			want = 3
		}
		require.EqualValues(t, want, table.releases.Load())
	}
}

// The memory of inputs that are consumed serves for what comes after them.
func TestConsumedInputs(t *testing.T) {
	compile := func(consume bool) (*graph.Program, func() []float32) {
		g := graph.New(tensor.Float32).Lazy()
		x := g.Input("x", 1, 64, 64)
		y := x
		for range 3 {
			y = g.GELU(g.Add(g.Reorder(y, reversed(64)), g.Reorder(y, reversed(64))))
		}
		p, err := g.Compile(graph.Target{Device: frozen(), Consume: consume}, y)
		require.NoError(t, err)
		require.Equal(t, []*graph.Node{x}, p.Inputs())
		m, err := graph.NewMachine(p)
		require.NoError(t, err)
		return p, func() []float32 {
			require.NoError(t, m.Set(x, ramp(1, 64, 64)))
			require.NoError(t, m.Run(context.Background()))
			out, err := m.Value(y)
			require.NoError(t, err)
			return out.Float32s()
		}
	}
	kept, run := compile(false)
	want := run()
	consumed, run := compile(true)
	require.Equal(t, want, run())
	require.Equal(t, want, run())
	require.Less(t, consumed.ArenaBytes(), kept.ArenaBytes())
}

func reversed(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = n - 1 - i
	}
	return order
}

// What is an output is not folded, and neither is a weight that may change.
func TestOutputsAndTrainedTablesAreNotFolded(t *testing.T) {
	pos := graph.NewWeight("pos", ramp(1, 16, 4))
	for _, target := range []graph.Target{{Device: frozen()}, {}} {
		g := graph.New(tensor.Float32)
		small := g.At("pos").ResizeTable(g.Weight(pos), graph.Table{Grid: 4, Square: 2, H: 2, W: 2})
		y := g.At("y").Add(g.Input("x", 1, 4, 4), small)
		outputs := []*graph.Node{y}
		if target.Device != nil {
			outputs = append(outputs, small)
		}
		p, err := g.Compile(target, outputs...)
		require.NoError(t, err)
		require.Len(t, p.Instructions(), 2)
	}
}
