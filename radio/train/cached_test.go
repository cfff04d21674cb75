package train_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"cradio/radio"
	"cradio/radio/data"
	"cradio/radio/train"

	"github.com/stretchr/testify/require"
)

// TestRowsStopped: who stops reading batches may close what they are read from: nothing reads ahead any more.
func TestRowsStopped(t *testing.T) {
	var closed atomic.Bool
	var late atomic.Int64
	c := &train.Cached{
		Names:  make([]string, 64),
		Shapes: map[radio.Source][]int{radio.SummarySource: {2}},
		Copy: func(dst []float32, _, _ int, _ radio.Source) error {
			time.Sleep(20 * time.Microsecond) // in which the reader of batches may stop
			if closed.Load() {
				late.Add(1)
			}
			return nil
		},
	}
	order := &data.Batches{Samples: 64, Size: 8, Seed: 1}
	for range 50 {
		closed.Store(false)
		for _, err := range c.Rows(t.Context(), order, 0, 80) {
			require.NoError(t, err)
			break
		}
		closed.Store(true)
		time.Sleep(time.Millisecond) // in which a reader would go on
		require.Zero(t, late.Load())
	}
	closed.Store(false)
	for range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		var last error
		for b, err := range c.Rows(ctx, order, 0, 80) {
			require.Equal(t, err == nil, b != nil, "a batch or an error")
			if n++; n == 3 {
				cancel()
			}
			last = err
		}
		cancel()
		require.True(t, n == 80 && last == nil || last == context.Canceled, "%d batches, %v", n, last)
	}
}
