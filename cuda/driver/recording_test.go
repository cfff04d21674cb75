//go:build nvidia && cudasim && linux && cgo

package driver_test

import (
	"testing"

	"cradio/cuda"
	"cradio/cuda/driver"
	"cradio/cuda/internal/libcudasim"

	"github.com/stretchr/testify/require"
)

// While launches are recorded, another goroutine may wait for a mark that was set before, as a machine waits for its
// run while the first run of another is recorded. The stream itself, and what is part of the recording, nobody can
// wait for.
func TestWaitingWhileRecording(t *testing.T) {
	d, err := driver.Open(0)
	require.NoError(t, err)
	m, err := d.Load(double)
	require.NoError(t, err)
	f, err := m.Function("double")
	require.NoError(t, err)
	p, err := d.Alloc(8)
	require.NoError(t, err)
	before, err := d.Mark()
	require.NoError(t, err)
	within, err := d.Mark()
	require.NoError(t, err)
	l := cuda.Launch{Grid: [3]int{1, 1, 1}, Block: [3]int{32, 1, 1}, Args: []any{p, float32(2), int32(2)}}
	elsewhere := func(wait func() error) error {
		ended := make(chan error)
		go func() { ended <- wait() }()
		return <-ended
	}

	require.NoError(t, d.Upload(p, []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0x40})) // 1 and 2
	require.NoError(t, d.Launch(f, l))
	require.NoError(t, before.Set())
	r, err := d.Record(func() error {
		require.NoError(t, d.Launch(f, l))
		require.NoError(t, elsewhere(before.Wait))
		require.Error(t, before.Wait(), "by the thread that records")
		require.Error(t, elsewhere(d.Wait))
		_, err := d.Alloc(8)
		require.Error(t, err)
		require.NoError(t, within.Set())
		require.Error(t, elsewhere(within.Wait))
		return nil
	})
	require.NoError(t, err)
	require.NoError(t, d.Replay(r))
	got := make([]byte, 8)
	require.NoError(t, d.Download(got, p))
	require.Equal(t, []byte{0, 0, 0x80, 0x40, 0, 0, 0, 0x41}, got) // 4 and 8
	require.NoError(t, d.Close())
	require.Zero(t, libcudasim.Unfreed())
}
