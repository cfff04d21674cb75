package radio

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cradio/radio/image"

	"github.com/stretchr/testify/require"
)

func batcher(t *testing.T, e *Encoder, opt BatcherOptions) *Batcher {
	b, err := NewBatcher(e, opt)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	return b
}

// Many goroutines get what each image gives alone, and fewer forward passes are made.
func TestBatcherEqualsSingles(t *testing.T) {
	var p passes
	e := keepSize(t, 1)
	e.Model = openNano(t, Options{Trace: p.trace})
	e.Request.Intermediates = &Intermediates{Last: 1, Prefix: true}
	e.Request.Taps = []string{"blocks.1.attn.context"}
	const n = 48
	var images []*image.RGB
	var want []Result
	for i := range n {
		images = append(images, grey(16+16*(i%3), 32, byte(5*i)))
		one, err := e.Encode(t.Context(), images[i])
		require.NoError(t, err)
		want = append(want, one.Items[0])
	}
	p.intervals = nil
	b := batcher(t, e, BatcherOptions{Batch: 8, Delay: time.Hour}) // there are 16 of each size: all batches are full
	got := make([]Result, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			r, err := b.Do(t.Context(), decoded(want[i].Name, images[i]))
			if err != nil {
				t.Error(err)
			}
			got[i] = r
		})
	}
	wg.Wait()
	for i := range got {
		require.Equal(t, want[i], got[i])
	}
	require.Len(t, p.intervals, n/8)
	r, err := batcher(t, e, BatcherOptions{}).Encode(t.Context(), images[0])
	require.NoError(t, err)
	require.Equal(t, want[0].Vector(), r.Vector())
}

// What is no image is an error of its caller alone.
func TestBatcherErrors(t *testing.T) {
	e := NewEncoder(openNano(t, Options{}))
	e.Size = Square(32)
	b := batcher(t, e, BatcherOptions{Delay: 20 * time.Millisecond})
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := b.Encode(t.Context(), grey(20, 20, 1)); err != nil {
			t.Error(err)
		}
	})
	var format *image.FormatError
	r, err := b.Do(t.Context(), e.Reader("body", bytes.NewReader([]byte("text"))))
	require.ErrorAs(t, err, &format)
	require.ErrorContains(t, err, "body: ")
	require.Equal(t, err, r.Err)
	require.Equal(t, "body", r.Name)
	_, err = b.Encode(t.Context(), nil)
	require.ErrorContains(t, err, "image is nil")
	_, err = b.Do(t.Context(), Input{Name: "bad", Load: func() (*image.RGB, error) { panic("oh") }})
	require.ErrorContains(t, err, "bad: loading it panicked: oh")
	wg.Wait()
	require.Equal(t, b.places.places, b.places.free)

	for _, c := range []struct {
		e   *Encoder
		opt BatcherOptions
	}{
		{nil, BatcherOptions{}},
		{&Encoder{}, BatcherOptions{}},
		{e, BatcherOptions{Batch: -1}},
		{e, BatcherOptions{Queue: -1}},
		{&Encoder{Model: e.Model, Processor: e.Processor, Size: Square(17)}, BatcherOptions{}},
		{&Encoder{Model: e.Model, Processor: e.Processor, Request: Request{Layout: "x"}}, BatcherOptions{}},
	} {
		_, err := NewBatcher(c.e, c.opt)
		require.Error(t, err)
	}
	require.NoError(t, e.Model.Close())
	_, err = b.Encode(t.Context(), grey(20, 20, 1))
	require.ErrorIs(t, err, ErrClosed)
}

// slow is an image that is loaded when it is told to be.
func slow(started *atomic.Int32, proceed <-chan struct{}) Input {
	return Input{Name: "slow", Load: func() (*image.RGB, error) { started.Add(1); <-proceed; return grey(16, 16, 1), nil }}
}

// A full queue makes callers wait, or refuses them; a caller who waits can give up.
func TestBatcherQueue(t *testing.T) {
	e := keepSize(t, 1)
	waiting := batcher(t, e, BatcherOptions{Queue: 2})
	refusing := batcher(t, e, BatcherOptions{Queue: 2, Refuse: true})
	for _, b := range []*Batcher{waiting, refusing} {
		var started atomic.Int32
		proceed := make(chan struct{})
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				if _, err := b.Do(t.Context(), slow(&started, proceed)); err != nil {
					t.Error(err)
				}
			})
		}
		left(t, b.places, 0)
		var err error
		if b == refusing {
			_, err = b.Encode(t.Context(), grey(16, 16, 1))
			require.ErrorIs(t, err, ErrBusy)
		} else {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			_, err = b.Encode(ctx, grey(16, 16, 1))
			cancel()
			require.ErrorIs(t, err, context.DeadlineExceeded)
			wg.Go(func() {
				if _, err := b.Encode(t.Context(), grey(16, 16, 1)); err != nil {
					t.Error(err)
				}
			})
			lined(t, b.places, 1)
		}
		close(proceed)
		wg.Wait()
		_, err = b.Encode(t.Context(), grey(16, 16, 1))
		require.NoError(t, err)
		left(t, b.places, 2)
	}
}

// Images are loaded on their callers' goroutines, no more at once than there are cores.
func TestBatcherLoadsAreBounded(t *testing.T) {
	b := batcher(t, keepSize(t, 1), BatcherOptions{})
	var loading, most atomic.Int32
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			_, err := b.Do(t.Context(), Input{Load: func() (*image.RGB, error) {
				if n := loading.Add(1); n > most.Load() {
					most.Store(n)
				}
				time.Sleep(time.Millisecond)
				loading.Add(-1)
				return grey(16, 16, 1), nil
			}})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	require.LessOrEqual(t, int(most.Load()), runtime.GOMAXPROCS(0))
}

// Close refuses who comes, and waits for who is there, whom it does not keep waiting for others.
func TestBatcherCloses(t *testing.T) {
	b, err := NewBatcher(keepSize(t, 1), BatcherOptions{Delay: time.Hour, Queue: 3})
	require.NoError(t, err)
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() {
			if _, err := b.Encode(t.Context(), grey(16, 16, byte(i))); err != nil {
				t.Error(err)
			}
		})
	}
	for len(requests(b.line)) < 3 {
		time.Sleep(100 * time.Microsecond)
	}
	refused := make(chan error)
	go func() { _, err := b.Encode(t.Context(), grey(16, 16, 1)); refused <- err }()
	lined(t, b.places, 1)
	require.NoError(t, b.Close())
	require.Equal(t, 3, b.places.free, "all are done")
	require.ErrorIs(t, <-refused, ErrBatcherClosed)
	wg.Wait()
	_, err = b.Encode(t.Context(), grey(16, 16, 1))
	require.ErrorIs(t, err, ErrBatcherClosed)
	require.NoError(t, b.Close(), "twice is harmless")
}

// Callers who give up at random disturb nobody, and nothing is left of them; run with -race.
func TestBatcherStorm(t *testing.T) {
	e := keepSize(t, 1)
	e.Model = openNano(t, Options{Concurrent: 2})
	_, err := e.Encode(t.Context(), grey(16, 16, 1))
	require.NoError(t, err)
	before := runtime.NumGoroutine()
	var images []*image.RGB
	var want [][]float32
	for i := range 6 {
		images = append(images, grey(16+16*(i%3), 16, byte(40*i)))
		one, err := e.Encode(t.Context(), images[i])
		require.NoError(t, err)
		want = append(want, one.Items[0].Vector())
	}
	b, err := NewBatcher(e, BatcherOptions{Batch: 3, Delay: time.Millisecond, Queue: 9})
	require.NoError(t, err)
	var done, given atomic.Int32
	var wg sync.WaitGroup
	for g := range 24 {
		random := rand.New(rand.NewPCG(5, uint64(g)))
		wg.Go(func() {
			for range 12 {
				i := random.IntN(len(images))
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(random.IntN(12000))*time.Microsecond)
				if random.IntN(3) == 0 {
					cancel()
					ctx, cancel = context.WithCancel(t.Context())
				}
				r, err := b.Encode(ctx, images[i])
				switch {
				case err == nil:
					done.Add(1)
					if fmt.Sprint(r.Vector()) != fmt.Sprint(want[i]) {
						t.Error("another result than alone")
					}
				case ctx.Err() == nil:
					t.Error(err)
				default:
					given.Add(1)
				}
				cancel()
			}
		})
	}
	wg.Wait()
	require.Positive(t, done.Load())
	require.Positive(t, given.Load())
	require.NoError(t, b.Close())
	require.Empty(t, requests(b.line))
	require.Equal(t, 9, b.places.free)
	settled(t, before)
}
