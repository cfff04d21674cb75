package cuda_test

import (
	"context"
	"testing"

	"cradio/cuda"
	"cradio/cuda/internal/emulated"
	"cradio/graph"

	"github.com/stretchr/testify/require"
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

// Weights that are trained are on the first of several GPUs, and stay there.
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

// GPUs of two kinds are refused, and closed.
func TestTogetherOfTwoKinds(t *testing.T) {
	other := emulated.New(1 << 24)
	other.Architecture = 90
	_, err := cuda.Together([]*cuda.Device{open(t, emulated.New(1<<24), cuda.Options{}), open(t, other, cuda.Options{})})
	require.EqualError(t, err, "GPU 0 is emulator, compute capability 8.0, 4 multiprocessors, and GPU 1 is emulator, compute capability 9.0, 4 multiprocessors: several compute together if they are of one kind: choose one, such as cuda:0")
	_, err = cuda.Together(nil)
	require.ErrorContains(t, err, "there is no GPU")
}
