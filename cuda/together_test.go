package cuda_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"cradio/cuda"
	"cradio/cuda/internal/emulated"
	"cradio/graph"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// Several GPUs as one device: machines are spread over them, and each gives the bits of one GPU alone.
func TestTogether(t *testing.T) {
	drivers := []*failing{{emulated.New(1 << 24), 100, 100}, {emulated.New(1 << 24), 100, 100}}
	o := cuda.Options{Precision: graph.BFloat16, Frozen: true}
	one := open(t, emulated.New(1<<24), o)
	m := newModel(t, one, graph.Target{})
	machine, err := graph.NewMachine(m.program)
	require.NoError(t, err)
	x := filled(2, 5, 16)
	want := m.run(t, machine, x)
	require.NoError(t, one.Close())

	d, err := cuda.Together([]*cuda.Device{open(t, drivers[0], o), open(t, drivers[1], o)})
	require.NoError(t, err)
	require.Equal(t, "2 × emulator, compute capability 8.0, 4 multiprocessors", d.String())
	require.Equal(t, 4, d.(graph.ParallelDevice).Parallel())
	m = newModel(t, d, graph.Target{})
	var machines []graph.Machine
	for range 4 {
		machine, err := graph.NewMachine(m.program)
		require.NoError(t, err)
		require.Equal(t, want, m.run(t, machine, x))
		machines = append(machines, machine)
	}
	for _, driver := range drivers {
		require.Equal(t, 2, driver.Launches["attention_32"], "%v", driver.Launches)
	}
	require.NoError(t, machines[1].Close())
	require.NoError(t, machines[1].Close())
	machine, err = graph.NewMachine(m.program) // on the GPU that has the fewest
	require.NoError(t, err)
	drivers[1].launches = 0
	require.ErrorContains(t, machine.Run(context.Background()), "GPU 1: qkv: ")
	drivers[1].allocs = 0
	require.NoError(t, machine.Close())
	_, err = graph.NewMachine(m.program)
	require.ErrorContains(t, err, "GPU 1: the arena, ")
	for _, m := range machines {
		require.NoError(t, m.Close())
	}
	require.NoError(t, d.Close())
	for _, driver := range drivers {
		require.Zero(t, driver.Sim.Allocations())
	}
}

// Weights are updated on the first of several GPUs, and stay there.
func TestTogetherTrains(t *testing.T) {
	drivers := []*emulated.Driver{emulated.New(1 << 24), emulated.New(1 << 24)}
	d, err := cuda.Together([]*cuda.Device{open(t, drivers[0], cuda.Options{}), open(t, drivers[1], cuda.Options{})})
	require.NoError(t, err)
	defer d.Close()
	w := state("w", 3)
	first, second := newLearner(t, d, w, graph.Target{}), newLearner(t, d, w, graph.Target{})
	first.step(t, 1)
	second.step(t, 2)
	require.NotZero(t, drivers[0].Sim.Allocations())
	require.Zero(t, drivers[1].Sim.Allocations())
	require.Equal(t, []float32{-3, -3, -3}, of(t, w))
}

// What only reads weights is on all GPUs, also at once, and each finds there what the first has written.
func TestTogetherReadsTrained(t *testing.T) {
	drivers := []*emulated.Driver{emulated.New(1 << 24), emulated.New(1 << 24), emulated.New(1 << 24)}
	var list []*cuda.Device
	for _, d := range drivers {
		list = append(list, open(t, d, cuda.Options{}))
	}
	d, err := cuda.Together(list)
	require.NoError(t, err)
	require.Equal(t, 3, d.(graph.SeveralDevices).Count())
	w := state("w", 3)
	w.Trainable = true
	first := newLearner(t, d, w, graph.Target{})
	g := graph.New(tensor.Float32)
	x := g.Input("x", 3)
	y := g.At("y").Mul(x, g.Weight(w))
	p, err := g.Compile(graph.Target{Device: d}, y)
	require.NoError(t, err)
	readers := make([]graph.Machine, 3)
	for i := range readers {
		readers[i], err = graph.NewMachine(p)
		require.NoError(t, err)
	}
	for step := range 3 {
		first.step(t, 1)
		var group sync.WaitGroup
		errs := make([]error, len(readers))
		for i, m := range readers {
			require.NoError(t, m.Input(x).Memset(float32(i+1)))
			group.Go(func() { errs[i] = m.Run(context.Background()) })
		}
		group.Wait()
		require.NoError(t, errors.Join(errs...))
		for i, m := range readers {
			v, err := m.Value(y)
			require.NoError(t, err)
			require.Equal(t, -float32((step+1)*(i+1)), v.Float32s()[0])
		}
	}
	for i, driver := range drivers {
		require.Equal(t, 3, driver.Launches["mul_f32"], "GPU %d: %v", i, driver.Launches)
	}
	for _, m := range append(readers, first.machine) {
		require.NoError(t, m.Close())
	}
	require.NoError(t, d.Close())
	for _, driver := range drivers {
		require.Zero(t, driver.Sim.Allocations())
	}
}

// GPUs of two kinds are refused, and closed.
func TestTogetherOfTwoKinds(t *testing.T) {
	other := emulated.New(1 << 24)
	other.Architecture = 90
	_, err := cuda.Together([]*cuda.Device{open(t, emulated.New(1<<24), cuda.Options{}), open(t, other, cuda.Options{})})
	require.EqualError(t, err, "GPU 0 is emulator, compute capability 8.0, 4 multiprocessors, and GPU 1 is emulator, compute capability 9.0, 4 multiprocessors: several compute together if they are of one kind: choose one, such as cuda:0")
	_, err = cuda.Together(nil)
	require.ErrorContains(t, err, "there is no GPU")
}
