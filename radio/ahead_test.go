package radio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	stdimage "image"
	"image/png"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"cradio/graph"
	"cradio/loader"
	"cradio/radio/image"

	"github.com/stretchr/testify/require"
)

// occupied is a device whose runs end when meanwhile does.
type occupied struct {
	graph.Device
	parallel  int
	meanwhile func() error
}

// Load implements graph.Device.
func (d *occupied) Load(p *graph.Program) (graph.Machine, error) {
	m, err := d.Device.Load(p)
	return &occupiedMachine{m, d}, err
}

// Parallel implements graph.ParallelDevice.
func (d *occupied) Parallel() int { return d.parallel }

type occupiedMachine struct {
	graph.Machine
	of *occupied
}

// Run implements graph.Machine.
func (m *occupiedMachine) Run(ctx context.Context) error {
	if err := m.of.meanwhile(); err != nil {
		return err
	}
	return m.Machine.Run(ctx)
}

// count is how often something has happened.
type count struct{ atomic.Int64 }

// reaches waits until it has happened n times. It is false if it does not.
func (c *count) reaches(n int) bool {
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Microsecond) {
		if c.Load() >= int64(n) {
			return true
		}
	}
	return false
}

// While a device computes a batch, the pictures of the next are decoded and resized, several at once: no run here ends
// before they are, and no picture is decoded before others are under way.
func TestStreamReadsAhead(t *testing.T) {
	const workers, batch, total = 4, 2, 24
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
	var file bytes.Buffer
	require.NoError(t, png.Encode(&file, stdimage.NewRGBA(stdimage.Rect(0, 0, 40, 30))))
	c, err := parse(t, nanoConfig(t))
	require.NoError(t, err)
	for parallel := range 3 {
		device, err := (&Options{}).device()
		require.NoError(t, err)
		var loading, resized, runs count
		d := &occupied{device, 1 + parallel, func() error {
			run := int(runs.Add(1))
			if !resized.reaches(min(batch*(run+1), total)) {
				return fmt.Errorf("run %d of %d at once waits for pictures that nobody resizes meanwhile", run, 1+parallel)
			}
			return nil
		}}
		m, err := newOn(d, c, loader.NewSynthetic(""), Options{Trace: func(e Event) {
			if e.Kind == EventResize {
				resized.Add(1)
			}
		}})
		require.NoError(t, err)
		e := NewEncoder(m)
		e.Size, e.BatchSize = Square(16), batch
		var inputs []Input
		for i := range total {
			in := e.Bytes(fmt.Sprint(i), file.Bytes())
			load := in.Load
			in.Load = func() (*image.RGB, error) {
				loading.Add(1)
				if !loading.reaches(workers) {
					return nil, errors.New("pictures are decoded one after another")
				}
				return load()
			}
			inputs = append(inputs, in)
		}
		next := 0
		require.NoError(t, e.Stream(t.Context(), inputs, func(r Result) error {
			require.Equal(t, next, r.Index)
			next++
			return r.Err
		}))
		require.Equal(t, total, next)
		require.EqualValues(t, total/batch, runs.Load())
		require.NoError(t, m.Close())
	}
}
