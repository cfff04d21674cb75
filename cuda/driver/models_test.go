//go:build nvidia && cudasim && linux && cgo && (amd64 || arm64)

package driver_test

import (
	"errors"
	"log/slog"
	"math"
	"sync"
	"testing"

	"cradio/cuda/driver"
	"cradio/cuda/internal/libcudasim"
	"cradio/graph"
	"cradio/radio"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// Two models share a GPU, each used by several goroutines at once: each gives its own bits, also when there is no
// memory for a batch of the other, and after the other is closed. In the end nothing is left.
func TestModelsShareAGPU(t *testing.T) {
	open := func(seed string) *radio.Model {
		m, err := radio.Open(t.Context(), "synthetic:nano", radio.Options{Device: "cuda", Seed: seed, Log: slog.New(slog.DiscardHandler)})
		require.NoError(t, err)
		return m
	}
	pixels := tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(1, 3, 32, 32))
	for i := range pixels.Float32s() {
		pixels.Float32s()[i] = float32(0.5 + 0.5*math.Sin(float64(i)))
	}
	summary := func(m *radio.Model) ([]float32, error) {
		out, err := m.Forward(t.Context(), pixels)
		if err != nil {
			return nil, err
		}
		return out.Summary.Float32s(), nil
	}
	first, second := open("one"), open("two")
	want := map[*radio.Model][]float32{}
	for _, m := range []*radio.Model{first, second} {
		values, err := summary(m)
		require.NoError(t, err)
		want[m] = append([]float32(nil), values...)
	}
	require.NotEqual(t, want[first], want[second])

	const users, passes = 3, 2
	var group sync.WaitGroup
	results := make(chan error, 2*users*passes)
	use := func(m *radio.Model) {
		for range passes {
			got, err := summary(m)
			if err == nil && !equal(got, want[m]) {
				err = errors.New("other bits than alone")
			}
			results <- err
		}
	}
	for range users {
		group.Go(func() { use(first) })
		group.Go(func() { use(second) })
	}
	group.Wait()
	close(results)
	for err := range results {
		require.NoError(t, err)
	}

	other, err := driver.Open(0) // takes the memory that is left
	require.NoError(t, err)
	free, err := other.Memory()
	require.NoError(t, err)
	all, err := other.Alloc(int(free) - 1<<12)
	require.NoError(t, err)
	larger := tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(1, 3, 128, 128))
	_, err = first.Forward(t.Context(), larger)
	var short *graph.MemoryError
	require.ErrorAs(t, err, &short)
	got, err := summary(second)
	require.NoError(t, err)
	require.Equal(t, want[second], got)
	require.NoError(t, other.Free(all))
	_, err = first.Forward(t.Context(), larger)
	require.NoError(t, err)
	require.NoError(t, other.Close())

	require.NoError(t, first.Close())
	_, err = summary(first)
	require.ErrorIs(t, err, radio.ErrClosed)
	got, err = summary(second)
	require.NoError(t, err)
	require.Equal(t, want[second], got)
	require.NoError(t, second.Close())
	require.Zero(t, libcudasim.Unfreed())
}

func equal(a, b []float32) bool {
	for i := range a {
		if len(a) != len(b) || math.Float32bits(a[i]) != math.Float32bits(b[i]) {
			return false
		}
	}
	return true
}
