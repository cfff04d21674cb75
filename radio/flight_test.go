package radio

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"cradio/graph"
	"cradio/loader"
	"cradio/radio/image"

	"github.com/stretchr/testify/require"
)

// mixed are images of three sizes, and the inputs that give them.
func mixed() (images []*image.RGB, inputs []Input) {
	for i, s := range [][2]int{{16, 16}, {32, 16}, {16, 16}, {48, 48}, {32, 16}, {16, 16}, {16, 16}, {32, 16}, {16, 16}} {
		img := grey(s[0], s[1], byte(20*i))
		images = append(images, img)
		inputs = append(inputs, Input{Name: fmt.Sprint(i), Load: func() (*image.RGB, error) { return img, nil }})
	}
	return images, inputs
}

// Where several batches are computed at once, results come in order, and are those of one at a time.
func TestStreamAtOnce(t *testing.T) {
	images, inputs := mixed()
	for _, batch := range []int{1, 2} {
		want, err := keepSize(t, batch).Encode(t.Context(), images...)
		require.NoError(t, err)
		for _, borrow := range []bool{false, true} {
			e := keepSize(t, batch)
			e.Model, e.Borrow = openNano(t, Options{Concurrent: 3}), borrow
			next := 0
			require.NoError(t, e.Stream(t.Context(), inputs, func(r Result) error {
				require.Equal(t, next, r.Index)
				next++
				require.Equal(t, want.Items[r.Index].Summary.Data(), r.Summary.Data())
				return nil
			}))
			require.Equal(t, len(inputs), next)
			enough := errors.New("that is enough")
			require.Equal(t, enough, e.Stream(t.Context(), inputs, func(Result) error { return enough }), "while others are computed")
			ctx, cancel := context.WithCancel(t.Context())
			require.ErrorIs(t, e.Stream(ctx, inputs, func(Result) error { cancel(); return nil }), context.Canceled)
		}
	}
}

// A result comes as soon as it is there, also if the next input waits for it.
func TestStreamWaitsForNoInput(t *testing.T) {
	e := keepSize(t, 1)
	e.Model = openNano(t, Options{Concurrent: 2})
	images, inputs := mixed()
	seen := make(chan struct{}, 1)
	n := 0
	for r, err := range e.Results(t.Context(), func(yield func(Input) bool) {
		for i, in := range inputs {
			if i > 0 {
				<-seen
			}
			if !yield(in) {
				return
			}
		}
	}) {
		require.NoError(t, err)
		require.Equal(t, n, r.Index)
		n++
		seen <- struct{}{}
	}
	require.Len(t, images, n)
}

// cramped is a device with memory for one machine at a time.
type cramped struct {
	graph.Device
	machines atomic.Int32
}

// Load implements graph.Device.
func (c *cramped) Load(p *graph.Program) (graph.Machine, error) {
	if n := c.machines.Add(1); n > 1 {
		c.machines.Add(-1)
		return nil, &graph.MemoryError{Need: 2, Free: 1, Limit: "the memory of a small GPU"}
	}
	m, err := c.Device.Load(p)
	return &crampedMachine{Machine: m, of: c}, err
}

// Parallel implements graph.ParallelDevice.
func (*cramped) Parallel() int { return 2 }

type crampedMachine struct {
	graph.Machine
	of *cramped
}

// Close implements graph.Machine.
func (m *crampedMachine) Close() error {
	m.of.machines.Add(-1)
	return m.Machine.Close()
}

// Batches for which there is no memory beside others are computed alone, and nothing is lost. Machines that are
// not kept are closed.
func TestStreamCramped(t *testing.T) {
	images, inputs := mixed()
	want, err := keepSize(t, 2).Encode(t.Context(), images...)
	require.NoError(t, err)
	for _, borrow := range []bool{false, true} {
		c, err := parse(t, nanoConfig(t))
		require.NoError(t, err)
		device, err := (&Options{}).device()
		require.NoError(t, err)
		d := &cramped{Device: device}
		e := keepSize(t, 2)
		e.Model, err = newOn(d, c, loader.NewSynthetic(""), Options{})
		require.NoError(t, err)
		e.Borrow = borrow
		next := 0
		require.NoError(t, e.Stream(t.Context(), inputs, func(r Result) error {
			require.NoError(t, r.Err)
			require.Equal(t, want.Items[r.Index].Summary.Data(), r.Summary.Data())
			require.Equal(t, next, r.Index)
			next++
			return nil
		}))
		require.Equal(t, len(inputs), next)
		require.NoError(t, e.Model.Close())
		require.Zero(t, d.machines.Load())
	}
}
