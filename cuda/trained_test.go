package cuda_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"cradio/cpu/machine"
	"cradio/cuda"
	"cradio/cuda/internal/emulated"
	"cradio/graph"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// learner makes steps w -= g, of one weight.
type learner struct {
	weight  *graph.Weight
	machine graph.Machine
	g       *graph.Node
	hyper   *graph.Node
	out     *graph.Node
}

func newLearner(t *testing.T, d graph.Device, w *graph.Weight, target graph.Target) *learner {
	t.Helper()
	g := graph.New(tensor.Float32)
	l := &learner{weight: w, g: g.Input("g", w.Shape()...), hyper: g.Hyper("hyper")}
	l.out = g.At("step").SGD(g.Weight(w), l.g, nil, l.hyper, nil, graph.SGD{})
	target.Device = d
	p, err := g.Compile(target, l.out)
	require.NoError(t, err)
	l.machine, err = graph.NewMachine(p)
	require.NoError(t, err)
	return l
}

func (l *learner) run(t *testing.T, g float32) error {
	t.Helper()
	require.NoError(t, l.machine.Input(l.g).Memset(g))
	require.NoError(t, graph.Hyper{Rate: 1, Step: 1}.Set(l.machine, l.hyper))
	return l.machine.Run(context.Background())
}

func (l *learner) step(t *testing.T, g float32) {
	t.Helper()
	require.NoError(t, l.run(t, g))
}

func of(t *testing.T, w *graph.Weight) []float32 {
	t.Helper()
	v, err := w.Value()
	require.NoError(t, err)
	return v.Float32s()
}

func state(name string, shape ...int) *graph.Weight {
	return graph.NewState(name, tensor.Float32, shape...)
}

// counting is a driver that counts copies.
type counting struct {
	*emulated.Driver
	up, down int
	err      error // of downloads
}

func (c *counting) Upload(to cuda.Pointer, from []byte) error {
	c.up++
	return c.Driver.Upload(to, from)
}

func (c *counting) Send(to cuda.Pointer, from []byte) error { return c.Upload(to, from) }

func (c *counting) Receive(to []byte, from cuda.Pointer, _ cuda.Mark) error {
	return c.Download(to, from)
}

func (c *counting) Download(to []byte, from cuda.Pointer) error {
	c.down++
	if c.err != nil {
		return c.err
	}
	return c.Driver.Download(to, from)
}

// A weight that a program writes stays on the device from run to run, and comes to main memory when it is
// asked for.
func TestTrainedWeights(t *testing.T) {
	driver := &counting{Driver: emulated.New(1 << 24)}
	d := open(t, driver, cuda.Options{Frozen: true})
	w := state("w", 2)
	l := newLearner(t, d, w, graph.Target{})
	for range 3 {
		l.step(t, 1)
	}
	require.Equal(t, 1+3*2, driver.up, "the weight once, the inputs each time")
	require.Zero(t, driver.down)
	require.Equal(t, graph.Holder(d), w.Holder())
	require.Equal(t, []float32{-3, -3}, of(t, w))
	require.Nil(t, w.Holder())
	of(t, w)
	require.Equal(t, 1, driver.down, "once")
	require.Equal(t, 3, w.Version())
	out, err := l.machine.Value(l.out)
	require.NoError(t, err)
	require.Equal(t, []float32{-3, -3}, out.Float32s())

	l.step(t, 1)
	copy(of(t, w), []float32{10, 20})
	w.Changed()
	l.step(t, 1)
	require.Equal(t, []float32{9, 19}, of(t, w), "what was written in main memory counts")

	l.step(t, 1)
	require.NoError(t, l.machine.Close())
	require.Nil(t, w.Holder(), "the last machine brings it home")
	require.Equal(t, []float32{8, 18}, of(t, w))
	require.Zero(t, driver.Sim.Allocations())
}

// Machines share a weight on the device, and so do a weight and its entries.
func TestTrainedWeightsShared(t *testing.T) {
	d := open(t, emulated.New(1<<24), cuda.Options{})
	w := state("w", 3, 2)
	entry, err := w.Index(1)
	require.NoError(t, err)
	whole, part := newLearner(t, d, w, graph.Target{}), newLearner(t, d, entry, graph.Target{})
	whole.step(t, 1)
	part.step(t, 1)
	whole.step(t, 1)
	require.NoError(t, whole.machine.Close())
	part.step(t, 1)
	require.Equal(t, []float32{-4, -4}, of(t, entry))
	require.Equal(t, []float32{-2, -2, -4, -4, -2, -2}, of(t, w))
	part.step(t, 1)
	require.NoError(t, d.Close())
	require.Equal(t, []float32{-2, -2, -5, -5, -2, -2}, of(t, w), "the device brings all home")
}

// A weight goes from one device to another, and to the CPU.
func TestTrainedWeightsOfOthers(t *testing.T) {
	w := state("w", 2)
	own, err := machine.New(machine.Options{})
	require.NoError(t, err)
	var all []*learner
	for _, d := range []graph.Device{open(t, emulated.New(1<<24), cuda.Options{}), open(t, emulated.New(1<<24), cuda.Options{}), own} {
		all = append(all, newLearner(t, d, w, graph.Target{}))
	}
	for range 2 {
		for _, l := range all {
			l.step(t, 1)
		}
	}
	require.Equal(t, []float32{-6, -6}, of(t, w))
}

// A value that cannot be fetched is an error, which names the weight, and not an old value.
func TestTrainedWeightsLost(t *testing.T) {
	driver := &counting{Driver: emulated.New(1 << 24)}
	d := open(t, driver, cuda.Options{})
	w := state("blocks.0.w", 2)
	l := newLearner(t, d, w, graph.Target{})
	l.step(t, 1)
	driver.err = errors.New("the GPU is lost")
	_, err := w.Value()
	require.EqualError(t, err, `weight "blocks.0.w" is on emulator, compute capability 8.0, 4 multiprocessors: the GPU is lost`)
	require.ErrorContains(t, l.machine.Close(), "the GPU is lost")
	driver.err = nil
	_, err = w.Value()
	require.ErrorContains(t, err, "the device has given back its memory")
}

// A run is not stopped between its first update and its last, also where it goes step by step; a factor
// that is NaN writes nothing.
func TestUpdatesAreWhole(t *testing.T) {
	d := open(t, emulated.New(1<<24), cuda.Options{})
	g := graph.New(tensor.Float32)
	a, b := state("a", 2), state("b", 2)
	x, factor, hyper := g.Input("x", 2), g.Input("factor", 1), g.Hyper("hyper")
	out := []*graph.Node{g.SGD(g.Weight(a), x, nil, hyper, factor, graph.SGD{}), g.SGD(g.Weight(b), x, nil, hyper, factor, graph.SGD{})}
	p, err := g.Compile(graph.Target{Device: d}, out...)
	require.NoError(t, err)
	m, err := graph.NewMachine(p)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	m.Trace(func(*graph.Instruction, time.Duration) { cancel() })
	require.NoError(t, m.Input(x).Memset(float32(1)))
	require.NoError(t, m.Input(factor).Memset(float32(1)))
	require.NoError(t, graph.Hyper{Rate: 1, Step: 1}.Set(m, hyper))
	require.NoError(t, m.Run(ctx))
	require.Equal(t, []float32{-1, -1, -1, -1}, append(of(t, a), of(t, b)...))

	m.Trace(nil)
	require.NoError(t, m.Input(factor).Memset(float32(math.NaN())))
	require.NoError(t, m.Run(context.Background()))
	require.Equal(t, []float32{-1, -1, -1, -1}, append(of(t, a), of(t, b)...))
}
