//go:build nvidia && cudasim && linux && cgo

package driver_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"cradio/cuda"
	"cradio/cuda/driver"
	"cradio/cuda/internal/libcudasim"
	"cradio/graph"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// onGPU is a model of one Linear and attention on a GPU, of which a test makes something go wrong.
type onGPU struct {
	*testing.T
	device  *cuda.Device
	x, y    *graph.Node
	program *graph.Program
	machine graph.Machine
}

func openModel(t *testing.T) (*onGPU, error) {
	g, err := driver.Open(0)
	if err != nil {
		return nil, err
	}
	m := &onGPU{T: t}
	m.device, err = cuda.New(cuda.Options{Driver: g, Frozen: true})
	require.NoError(t, err)
	b := graph.New(tensor.Float32)
	m.x = b.Input("x", 2, 5, 16)
	w := tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(24, 16))
	for i := range w.Float32s() {
		w.Float32s()[i] = float32(i%7) - 3
	}
	m.y = b.At("attn").Attention(b.At("qkv").Linear(m.x, b.Weight(graph.NewWeight("w", w)), nil), 1)
	m.program, err = b.Compile(graph.Target{Device: m.device}, m.y)
	require.NoError(t, err)
	m.machine, err = graph.NewMachine(m.program)
	if err != nil {
		require.NoError(t, m.device.Close())
	}
	return m, err
}

func (m *onGPU) run() (y []float32, err error) {
	for i := range m.machine.Input(m.x).Float32s() {
		m.machine.Input(m.x).Float32s()[i] = float32(i%5) / 4
	}
	if err := m.machine.Run(context.Background()); err != nil {
		return nil, err
	}
	v, err := m.machine.Value(m.y)
	if err != nil {
		return nil, err
	}
	return v.Clone().(*tensor.Dense).Float32s(), nil
}

func (m *onGPU) close() {
	require.NoError(m, m.machine.Close())
	require.NoError(m, m.device.Close())
}

// Whatever goes wrong is one error that names what was under way, and its size. Everything is given back, and the next model
// loads and computes the same.
func TestLost(t *testing.T) {
	t.Cleanup(func() { libcudasim.Inject(libcudasim.Fault{}) })
	first, err := openModel(t)
	require.NoError(t, err)
	want, err := first.run()
	require.NoError(t, err)
	first.close()
	require.Zero(t, libcudasim.Unfreed())

	const both = "in 2 launches, from qkv: linear_f32: 1×1×1 blocks of 256 threads, 0 bytes of shared memory, to attn: attention_f32: 1×1×2 blocks of 128 threads, 0 bytes of shared memory, of x (2, 5, 16): "
	const lost = "emulator is lost: "
	const next = ": close all models on it and open them again; if it happens again, look at nvidia-smi and dmesg, or choose device cpu"
	launches, copies := libcudasim.Launches, libcudasim.Copies
	for _, c := range []struct {
		name   string
		fault  libcudasim.Fault // from the run on
		loaded bool             // or from loading on
		text   string
		lives  bool // the GPU goes on
	}{
		{name: "a kernel reaches for other memory", fault: libcudasim.Fault{Code: 700, Of: launches, After: 1}, text: both + lost + "a kernel reached for memory that is not its own (IllegalAddress)" + next},
		{name: "memory fails", fault: libcudasim.Fault{Code: 214, Of: launches}, text: both + lost + "its memory had an error that could not be corrected (EccUncorrectable)" + next},
		{name: "a kernel fails", fault: libcudasim.Fault{Code: 719, Of: launches}, text: both + lost + "a kernel failed (LaunchFailed)" + next},
		{name: "the GPU is gone", fault: libcudasim.Fault{Code: 999, Of: copies, After: 2}, text: "copying output attn (2, 5, 8): " + lost + "the driver gives no reason (Unknown)" + next},
		{name: "the GPU is gone before the launch", fault: libcudasim.Fault{Code: 999, Of: launches, Refused: true}, text: "qkv: linear_f32: 1×1×1 blocks of 256 threads, 0 bytes of shared memory: " + lost + "the driver gives no reason (Unknown)" + next},
		{name: "an input", fault: libcudasim.Fault{Code: 700, Of: copies, Refused: true}, text: "copying input x (2, 5, 16): " + lost + "a kernel reached for memory that is not its own (IllegalAddress)" + next},
		{name: "a weight", loaded: true, fault: libcudasim.Fault{Code: 214, Of: copies, Refused: true}, text: "qkv: copying weight w (24, 16): " + lost + "its memory had an error that could not be corrected (EccUncorrectable)" + next},
		{name: "a launch is refused", lives: true, fault: libcudasim.Fault{Code: 701, Of: launches, Refused: true}, text: "qkv: linear_f32: 1×1×1 blocks of 256 threads, 0 bytes of shared memory: LaunchOutOfResources"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inject := func(now bool) {
				if now {
					libcudasim.Inject(c.fault)
				}
			}
			inject(c.loaded)
			m, err := openModel(t)
			if err == nil {
				inject(!c.loaded)
				_, err = m.run()
			}
			require.EqualError(t, err, c.text)
			var gone *graph.LostError
			require.Equal(t, !c.lives, errors.As(err, &gone))
			if c.lives {
				got, err := m.run()
				require.NoError(t, err)
				require.Equal(t, want, got)
			} else if !c.loaded {
				_, err = m.run()
				require.ErrorContains(t, err, lost, "once more")
				_, err = graph.NewMachine(m.program)
				require.ErrorContains(t, err, lost)
				_, err = openModel(t)
				require.ErrorContains(t, err, lost, "while the first is open")
			}
			if !c.loaded {
				m.close()
			}
			require.Zero(t, libcudasim.Unfreed())
			again, err := openModel(t)
			require.NoError(t, err)
			got, err := again.run()
			require.NoError(t, err)
			require.Equal(t, want, got)
			again.close()
			require.Zero(t, libcudasim.Unfreed())
		})
	}
}

// A trace waits for each instruction: the error names the one whose kernel failed.
func TestLostInATrace(t *testing.T) {
	t.Cleanup(func() { libcudasim.Inject(libcudasim.Fault{}) })
	m, err := openModel(t)
	require.NoError(t, err)
	m.machine.Trace(func(*graph.Instruction, time.Duration) {})
	libcudasim.Inject(libcudasim.Fault{Code: 700, Of: libcudasim.Launches, After: 1})
	_, err = m.run()
	require.ErrorContains(t, err, "attn: attention_f32: 1×1×2 blocks of 128 threads, 0 bytes of shared memory: emulator is lost: a kernel reached")
	m.close()
	require.Zero(t, libcudasim.Unfreed())
}
