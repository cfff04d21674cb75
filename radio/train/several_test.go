package train_test

import (
	"context"
	"log/slog"
	"math"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"cradio/graph"
	"cradio/radio/data"
	"cradio/radio/head"
	"cradio/radio/optim"
	"cradio/radio/train"

	"github.com/stretchr/testify/require"
)

// twins are two devices as one: each of their machines counts its runs.
type twins struct {
	graph.Device
	machines []*twin
}

type twin struct {
	graph.Machine
	runs atomic.Int32
}

func (*twins) Parallel() int { return 2 }
func (*twins) Count() int    { return 2 }

func (d *twins) Load(p *graph.Program) (graph.Machine, error) {
	m, err := d.Device.Load(p)
	t := &twin{Machine: m}
	d.machines = append(d.machines, t)
	return t, err
}

func (m *twin) Run(ctx context.Context) error {
	m.runs.Add(1)
	return m.Machine.Run(ctx)
}

func newTwins(t *testing.T) *twins {
	t.Helper()
	d, err := graph.Open("cpu", graph.DeviceOptions{Small: -1})
	require.NoError(t, err)
	t.Cleanup(func() { d.Close() })
	return &twins{Device: d}
}

// The batches of a step on several devices give the bits of one device, also where there is not one for each device,
// after an interruption, and with what is random.
func TestSeveralDevices(t *testing.T) {
	for _, accumulate := range []int{2, 3} {
		run := func(d graph.Device) *toy {
			task := newToy(60)
			r := toyRun(t, task, filepath.Join(t.TempDir(), "out"))
			r.Options.Optim.Accumulate, r.Target.Device = accumulate, d
			_, err := r.Train(t.Context())
			require.NoError(t, err)
			return task
		}
		d := newTwins(t)
		want, got := run(d.Device), run(d)
		require.Equal(t, want.values(), got.values())
		require.Equal(t, want.best, got.best)
		require.Len(t, d.machines, 4, "two that compute gradients, one that adds them up, one that updates")
		steps := d.machines[3].runs.Load()
		require.Equal(t, int32(accumulate)*steps, d.machines[2].runs.Load())
		require.Equal(t, int32(accumulate+1)/2*steps, d.machines[0].runs.Load())
		require.Equal(t, int32(accumulate)/2*steps, d.machines[1].runs.Load())
	}
}

// Heads, blocks and adapters are trained on several devices as on one, with their running statistics.
func TestSeveralDevicesRecipes(t *testing.T) {
	dir := generated(t, data.Labels, 2, 6)
	for name, recipe := range recipes() {
		t.Run(name, func(t *testing.T) {
			recipe.Head.Norm = &head.Norm{} // running statistics, which every batch moves
			trained := func(several bool) (string, int) {
				m, out := nano(t, 1), t.TempDir()
				o := short(2)
				o.Optim.Accumulate = 2
				r, _ := begin(t, m, labelled(t, dir), recipe, o, out)
				d := &twins{Device: m.Target().Device}
				if several {
					r.Target.Device = d
				}
				_, err := r.Train(t.Context())
				require.NoError(t, err)
				return state(t, out), len(d.machines)
			}
			want, _ := trained(false)
			got, machines := trained(true)
			require.Equal(t, 4, machines)
			require.Equal(t, want, got)
		})
	}
}

// Of batches that are computed at once, an error names the one that is wrong, as of one device.
func TestSeveralDevicesNotFinite(t *testing.T) {
	for _, sample := range []int{3, 17, 30} {
		run := func(d graph.Device) error {
			task := newToy(60)
			task.drop = 0
			task.x[sample*toyWidth+2] = float32(math.NaN())
			r := toyRun(t, task, t.TempDir())
			r.Target.Device, r.Options.Optim = d, optim.Options{Rate: 0.05, Accumulate: 2}
			_, err := r.Train(t.Context())
			return err
		}
		d := newTwins(t)
		want := run(d.Device)
		var bad *train.NotFiniteError
		require.ErrorAs(t, want, &bad)
		require.NotNil(t, bad.First)
		require.EqualError(t, run(d), want.Error())
	}
}

// A batch that is not divided is computed by one device, and a run says so.
func TestSeveralDevicesOneBatch(t *testing.T) {
	var said strings.Builder
	d := newTwins(t)
	r := toyRun(t, newToy(60), filepath.Join(t.TempDir(), "out"))
	r.Target.Device, r.Log = d, slog.New(slog.NewTextHandler(&said, nil))
	_, err := r.Train(t.Context())
	require.NoError(t, err)
	require.Len(t, d.machines, 1)
	require.Contains(t, said.String(), "steps run on the first of 2 devices: one batch is not divided; where the gradients of 2 batches are added up (--accumulate 2), each device computes one")
}
