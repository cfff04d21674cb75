package cuda_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	"cradio/cuda"
	"cradio/cuda/internal/emulated"
	"cradio/graph"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// filled is a tensor of small values that differ.
func filled(shape ...int) *tensor.Dense {
	d := tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(shape...))
	for i := range d.Float32s() {
		d.Float32s()[i] = float32(math.Sin(float64(i)))
	}
	return d
}

// model is a graph with a weight, and its input and output.
type model struct {
	graph   *graph.Builder
	weight  *tensor.Dense
	x, y    *graph.Node
	program *graph.Program
}

func newModel(t *testing.T, d graph.Device, target graph.Target) *model {
	t.Helper()
	m := &model{graph: graph.New(tensor.Float32), weight: filled(24, 16)}
	m.x = m.graph.Input("x", 2, 5, 16)
	w := m.graph.Weight(graph.NewWeight("w", m.weight))
	m.y = m.graph.At("attn").Attention(m.graph.At("qkv").Linear(m.x, w, nil), 1)
	target.Device = d
	var err error
	m.program, err = m.graph.Compile(target, m.y)
	require.NoError(t, err)
	return m
}

func open(t *testing.T, driver cuda.Driver, o cuda.Options) *cuda.Device {
	t.Helper()
	o.Driver = driver
	d, err := cuda.New(o)
	require.NoError(t, err)
	return d
}

// run runs a machine on an x, and returns a copy of y.
func (m *model) run(t *testing.T, machine graph.Machine, x *tensor.Dense) []float32 {
	t.Helper()
	require.NoError(t, machine.Set(m.x, x))
	require.NoError(t, machine.Run(context.Background()))
	y, err := machine.Value(m.y)
	require.NoError(t, err)
	return append([]float32(nil), y.Float32s()...)
}

func TestArchitectures(t *testing.T) {
	driver := emulated.New(1 << 20)
	driver.Architecture = 52
	_, err := cuda.New(cuda.Options{Driver: driver})
	require.EqualError(t, err, "emulator has compute capability 5.2, and device cuda needs 6.0: choose device cpu")
	driver.Architecture = 75
	_, err = cuda.New(cuda.Options{Driver: driver, Precision: graph.BFloat16})
	require.ErrorContains(t, err, "has compute capability 7.5, and bfloat16 needs 8.0: choose float32, or device cpu")
	_, err = cuda.New(cuda.Options{Driver: driver, Precision: graph.TF32})
	require.ErrorContains(t, err, "has compute capability 7.5, and tf32 needs 8.0: choose float32, or device cpu")
	d := open(t, driver, cuda.Options{})
	require.Equal(t, "emulator, compute capability 7.5, 4 multiprocessors", d.String())
	_, err = cuda.New(cuda.Options{Driver: driver, Precision: graph.Int8})
	require.ErrorContains(t, err, "device cuda computes in float32, tf32 and bfloat16, not in int8")
}

// What there is no kernel for is refused by name.
// strange is an operation that nobody has.
type strange struct{ graph.Cut }

func TestRefusals(t *testing.T) {
	d := open(t, emulated.New(1<<24), cuda.Options{})
	g := graph.New(tensor.Float32)
	x := g.Input("x", 1, 3, 3*160)
	_, err := g.Compile(graph.Target{Device: d}, g.At("cut").Apply(strange{graph.Cut{Out: tensor.Shape{2}}}, g.Input("scores", 4, 3)))
	var lacks *graph.NotImplemented
	require.ErrorAs(t, err, &lacks)
	require.ErrorContains(t, err, "cut: device cuda does not implement Cut{0:,(2)}")

	p, err := g.Compile(graph.Target{Device: d}, g.At("wide").Attention(x, 1))
	require.NoError(t, err)
	_, err = graph.NewMachine(p)
	require.EqualError(t, err, "wide: Attention{heads=1}: a head is 160 wide, want at most 128 on device cuda")
	_, err = d.Launches(p)
	require.ErrorContains(t, err, "a head is 160 wide")
}

// Close frees everything: of machines, and of the device.
func TestClose(t *testing.T) {
	driver := emulated.New(1 << 24)
	d := open(t, driver, cuda.Options{Precision: graph.BFloat16, Frozen: true})
	m := newModel(t, d, graph.Target{})
	all, missing := d.PackedBytes(m.program)
	require.Equal(t, [2]int{24 * 16 * 2, 24 * 16 * 2}, [2]int{all, missing})
	machine, err := graph.NewMachine(m.program)
	require.NoError(t, err)
	_, missing = d.PackedBytes(m.program)
	require.Zero(t, missing)
	m.run(t, machine, filled(2, 5, 16))
	require.Equal(t, 2, driver.Sim.Allocations(), "the arena and a weight")
	require.NoError(t, machine.Close())
	require.Equal(t, 1, driver.Sim.Allocations(), "the weight")
	require.NoError(t, d.Close())
	require.Zero(t, driver.Sim.Allocations())
	require.NoError(t, d.Close(), "once more")
	_, err = graph.NewMachine(m.program)
	require.ErrorContains(t, err, "the device is closed")
}

// Out of memory is one error, and the next model can load.
func TestOutOfMemory(t *testing.T) {
	driver := emulated.New(1 << 12)
	d := open(t, driver, cuda.Options{})
	m := newModel(t, d, graph.Target{})
	small, err := graph.NewMachine(m.program)
	require.NoError(t, err)
	_, err = graph.NewMachine(m.program)
	var short *graph.MemoryError
	require.ErrorAs(t, err, &short)
	require.Equal(t, "the memory of emulator", short.Limit)
	require.NoError(t, small.Close())
	again, err := graph.NewMachine(m.program)
	require.NoError(t, err)
	m.run(t, again, filled(2, 5, 16))
}

// failing is a driver that fails after some calls.
type failing struct {
	*emulated.Driver
	allocs, launches int // how many still work
}

func (f *failing) Alloc(n int) (cuda.Pointer, error) {
	if f.allocs--; f.allocs < 0 {
		return 0, errors.New("out of memory")
	}
	return f.Driver.Alloc(n)
}

func (f *failing) Launch(k cuda.Function, l cuda.Launch) error {
	if f.launches--; f.launches < 0 {
		return errors.New("too many resources requested")
	}
	return f.Driver.Launch(k, l)
}

// Whatever fails is named, and nothing stays allocated.
func TestFailures(t *testing.T) {
	driver := &failing{emulated.New(1 << 24), 1, 0}
	d := open(t, driver, cuda.Options{})
	m := newModel(t, d, graph.Target{})
	_, err := graph.NewMachine(m.program)
	require.ErrorContains(t, err, "qkv: w, 1.54 kB: out of memory: close a model, or take a smaller batch")
	require.Zero(t, driver.Sim.Allocations())
	driver.allocs, driver.launches = 10, 1
	machine, err := graph.NewMachine(m.program)
	require.NoError(t, err)
	err = machine.Run(context.Background())
	require.EqualError(t, err, "attn: attention_f32: 1×1×2 blocks of 128 threads, 0 bytes of shared memory: too many resources requested")
	driver.launches = 10
	m.run(t, machine, filled(2, 5, 16))
}

// Several machines run at once, and give the same bits.
func TestConcurrent(t *testing.T) {
	d := open(t, emulated.New(1<<24), cuda.Options{Precision: graph.BFloat16, Frozen: true})
	m := newModel(t, d, graph.Target{})
	var group sync.WaitGroup
	results := make([][]float32, 3)
	for i := range results {
		machine, err := graph.NewMachine(m.program)
		require.NoError(t, err)
		group.Go(func() {
			defer machine.Close()
			for range 3 {
				results[i] = m.run(t, machine, filled(2, 5, 16))
			}
		})
	}
	group.Wait()
	require.Equal(t, results[0], results[1])
	require.Equal(t, results[0], results[2])
}

// Weights that are not frozen are read anew in each run.
func TestWeightsThatChange(t *testing.T) {
	d := open(t, emulated.New(1<<24), cuda.Options{})
	m := newModel(t, d, graph.Target{})
	machine, err := graph.NewMachine(m.program)
	require.NoError(t, err)
	first := m.run(t, machine, filled(2, 5, 16))
	for i := range m.weight.Float32s() {
		m.weight.Float32s()[i] *= 2
	}
	second := m.run(t, machine, filled(2, 5, 16))
	require.NotEqual(t, first, second)
	x, err := machine.Value(m.y)
	require.NoError(t, err)
	require.Equal(t, second, x.Float32s())
	input := machine.Input(m.x)
	require.Equal(t, tensor.Shape{2, 5, 16}, input.Shape())
	clear(input.Float32s())
	require.NoError(t, machine.Run(context.Background()))
	x, err = machine.Value(m.y)
	require.NoError(t, err)
	require.Equal(t, make([]float32, 2*5*8), x.Float32s())
}

func TestTraceCheckAndContext(t *testing.T) {
	for _, p := range []graph.Precision{graph.Full, graph.BFloat16} {
		d := open(t, emulated.New(1<<24), cuda.Options{Precision: p, Frozen: true})
		m := newModel(t, d, graph.Target{Check: true})
		machine, err := graph.NewMachine(m.program)
		require.NoError(t, err)
		var paths []string
		machine.Trace(func(i *graph.Instruction, _ time.Duration) { paths = append(paths, i.Path()) })
		x := filled(2, 5, 16)
		m.run(t, machine, x)
		require.Len(t, paths, len(m.program.Instructions()))
		x.Float32s()[16*3] = float32(math.Inf(1))
		require.NoError(t, machine.Set(m.x, x))
		err = machine.Run(context.Background())
		var bad *graph.NotFinite
		require.ErrorAs(t, err, &bad)
		require.Equal(t, "qkv", bad.Path)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		require.EqualError(t, machine.Run(ctx), fmt.Sprintf("stopped before %s: context canceled", m.program.Instructions()[0].Path()))
	}
}
