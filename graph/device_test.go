package graph_test

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"cradio/cpu/machine"
	"cradio/graph"
	"cradio/graph/graphtest"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// counter is a device that counts the instructions it runs, and leaves the work to
// another. It lacks some operations, and all fusions.
type counter struct {
	graph.Device
	lacks  []string // prefixes of operations
	counts map[string]int
}

func newCounter(lacks ...string) *counter {
	return &counter{Device: frozen(), lacks: lacks, counts: map[string]int{}}
}

// Name implements graph.Device.
func (*counter) Name() string { return "counter" }

// Implements implements graph.Device.
func (c *counter) Implements(op graph.Operation, dt tensor.Dtype) bool {
	name := op.String()
	if strings.Contains(name, "+") || slices.ContainsFunc(c.lacks, func(p string) bool { return strings.HasPrefix(name, p) }) {
		return false
	}
	return c.Device.Implements(op, dt)
}

// Load implements graph.Device.
func (c *counter) Load(p *graph.Program) (graph.Machine, error) {
	m, err := c.Device.Load(p)
	if err != nil {
		return nil, err
	}
	counted := &countedMachine{Machine: m, counts: c.counts}
	counted.Trace(nil)
	return counted, nil
}

// countedMachine counts in the traces of another machine.
type countedMachine struct {
	graph.Machine
	counts map[string]int
}

// Trace implements graph.Machine.
func (m *countedMachine) Trace(f func(i *graph.Instruction, took time.Duration)) {
	m.Machine.Trace(func(i *graph.Instruction, took time.Duration) {
		kind := "foreign"
		if op := i.Operation(); op != nil {
			kind = reflect.TypeOf(op).Name()
		}
		m.counts[kind]++
		if f != nil {
			f(i, took)
		}
	})
}

// A device that cannot fuse gets plain operations, and computes the same.
func TestDeviceWithoutFusions(t *testing.T) {
	m := newMLP(t, 9)
	_, want := m.run(t, graph.Target{Device: frozen(), NoFusion: true})
	c := newCounter()
	p, got := m.run(t, graph.Target{Device: c})
	require.Same(t, c, p.Device())
	require.Equal(t, want, got)
	require.Equal(t, map[string]int{"LayerNorm": 1, "Linear": 2, "GELU": 1, "Binary": 2, "Scale": 1}, c.counts)
	require.Len(t, p.Instructions(), 7)
}

// What a device lacks is refused when compiling, by the operation's name and its path.
func TestDeviceThatLacksAnOperation(t *testing.T) {
	m := newMLP(t, 9)
	_, err := m.g.Compile(graph.Target{Device: newCounter("GELU")}, m.y)
	require.EqualError(t, err, "gelu: device counter does not implement GELU of float32; choose another device: cpu")
	norm, err := m.g.Node("norm")
	require.NoError(t, err)
	_, err = m.g.Compile(graph.Target{Device: newCounter("GELU")}, norm)
	require.NoError(t, err, "no output needs it")

	// An operation that is computed once is looked at too.
	g := graph.New(tensor.Float32)
	table := g.Weight(graph.NewWeight("table", ramp(1, 16, 4)))
	y := g.At("y").Add(g.Input("x", 1, 4, 4), g.At("pos").ResizeTable(table, graph.Table{Grid: 4, Square: 2, H: 2, W: 2}))
	_, err = g.Compile(graph.Target{Device: newCounter("ResizeTable")}, y)
	require.ErrorContains(t, err, "pos: device counter does not implement ResizeTable{")
}

// Two devices in one process, on one graph, each with its own options.
func TestDevicesSideBySide(t *testing.T) {
	m := newMLP(t, 9)
	_, want := m.run(t, graph.Target{Device: frozen()})
	reduced := on(machine.Options{Packed: machine.NewPackedWeights(), Precision: graph.BFloat16})
	p, got := m.run(t, graph.Target{Device: reduced})
	require.Contains(t, p.String(), "bfloat16")
	require.NotEqual(t, want, got)
	_, again := m.run(t, graph.Target{Device: frozen()})
	require.Equal(t, want, again)
}

// counters is how many counters there are.
const counters = 3

// registered are the devices that the test registers, by name.
var registered = map[string]*counter{}

func init() {
	graph.Register(graph.Registration{Name: "counter", Count: func() (int, error) { return counters, nil }, Open: func(graph.DeviceOptions) (graph.Device, error) {
		registered["counter"] = newCounter()
		return registered["counter"], nil
	}})
}

func TestRegistry(t *testing.T) {
	require.Equal(t, []string{"cpu", "counter"}, graph.Devices(), "the default first")
	require.Panics(t, func() { graph.Register(graph.Registration{Name: "counter"}) })

	d, err := graph.Open("counter", graph.DeviceOptions{})
	require.NoError(t, err)
	require.Equal(t, "counter", d.Name())
	m := newMLP(t, 9)
	m.run(t, graph.Target{Device: d})
	require.Equal(t, []string{"Binary", "GELU", "LayerNorm", "Linear", "Scale"}, slices.Sorted(maps.Keys(registered["counter"].counts)))

	d, err = graph.Open("", graph.DeviceOptions{Threads: 1, Frozen: true, Precision: graph.Int8})
	require.NoError(t, err)
	require.Equal(t, "cpu", d.Name())
	require.Equal(t, graph.DeviceOptions{Threads: 1, Frozen: true, Precision: graph.Int8}, d.Options())
	require.NoError(t, d.Close())
	_, err = graph.Open("abacus", graph.DeviceOptions{})
	require.EqualError(t, err, `device is "abacus", want one of those that are linked: cpu, counter`)
	_, err = graph.Open("cpu:1", graph.DeviceOptions{})
	require.EqualError(t, err, `device is "cpu:1", and there is only one cpu: leave the number out`)
	for name, want := range map[string][]string{"counter:all": {"counter:0", "counter:1", "counter:2"}, "counter": {"counter"}, "counter:2": {"counter:2"}, "cpu": {"cpu"}, "": {""}} {
		got, err := graph.Each(name)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	_, err = graph.Each("cpu:all")
	require.ErrorContains(t, err, "there is only one cpu")
	_, err = graph.Open("", graph.DeviceOptions{Precision: "float8"})
	require.EqualError(t, err, `precision is "float8", want full, bfloat16, int8 or tf32`)
}

// Without a device the error says what to import, also on Gorgonia's own machines.
func TestNoDeviceIsLinked(t *testing.T) {
	defer graph.Unlink()()
	g := graph.New(tensor.Float32)
	x := g.Input("x", 2, 3)
	y := g.At("y").GELU(x)
	_, err := g.Compile(graph.Target{}, y)
	require.ErrorContains(t, err, `no device is linked: import one for its effect, such as _ "cradio/cpu/machine"`)
	_, err = graph.Open("", graph.DeviceOptions{})
	require.ErrorContains(t, err, "no device is linked")
	_, err = y.Op().Do(ramp(2, 3))
	require.EqualError(t, err, `y: GELU: no device that defines operations is linked: import _ "cradio/cpu/machine"`)
}

// The device passes the suite of devices; what it lacks is skipped.
func TestSuiteOnCounter(t *testing.T) {
	c := newCounter("AttentionWeights")
	graphtest.Run(t, c)
	require.NotContains(t, c.counts, "AttentionWeights")
	require.Positive(t, c.counts["AttentionGrad"])
	require.Positive(t, c.counts["foreign"], "sums of gradients")
}

// A wrapper of a device keeps what machines can: to be traced, checked and stopped.
func TestCountedMachineIsAMachine(t *testing.T) {
	m := newMLP(t, 4)
	c := newCounter()
	p, err := m.g.Compile(graph.Target{Device: c, Check: true}, m.y)
	require.NoError(t, err)
	run, err := graph.NewMachine(p)
	require.NoError(t, err)
	var paths []string
	run.Trace(func(i *graph.Instruction, _ time.Duration) { paths = append(paths, i.Path()) })
	require.NoError(t, run.Run(context.Background()))
	require.Equal(t, []string{"norm", "fc1", "gelu", "fc2", "ls", "sum", "out"}, paths)
	require.NoError(t, run.Close())
}
