package radio

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// lined waits until n callers wait at a gate.
func lined(t *testing.T, g *gate, n int) {
	require.Eventually(t, func() bool {
		g.mu.Lock()
		defer g.mu.Unlock()
		return len(g.waiting) == n
	}, 10*time.Second, 50*time.Microsecond)
}

// left waits until a gate has so many free places.
func left(t *testing.T, g *gate, n int) {
	require.Eventually(t, func() bool {
		g.mu.Lock()
		defer g.mu.Unlock()
		return g.free == n
	}, 10*time.Second, 50*time.Microsecond)
}

func TestGateOrder(t *testing.T) {
	g := newGate(1)
	require.NoError(t, g.enter(t.Context()))
	require.ErrorIs(t, g.tryEnter(ErrBusy), ErrBusy)
	var order []int
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			if err := g.enter(t.Context()); err != nil {
				t.Error(err)
			}
			order = append(order, i)
			g.leave()
		})
		lined(t, g, i+1)
	}
	g.leave()
	wg.Wait()
	require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7}, order)
}

func TestGateContext(t *testing.T) {
	g := newGate(1)
	done, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, g.enter(done), context.Canceled, "even where there is room")
	require.NoError(t, g.enter(t.Context()))
	ctx, cancel := context.WithCancel(t.Context())
	got := make(chan error)
	go func() { got <- g.enter(ctx) }()
	lined(t, g, 1)
	cancel()
	require.ErrorIs(t, <-got, context.Canceled, "while nobody leaves")
	lined(t, g, 0)
	g.leave()
	require.NoError(t, g.enter(t.Context()), "he has left no place taken")
}

func TestGateClose(t *testing.T) {
	g := newGate(2)
	require.NoError(t, g.enter(t.Context()))
	require.NoError(t, g.enter(t.Context()))
	got := make(chan error)
	go func() { got <- g.enter(t.Context()) }()
	lined(t, g, 1)
	g.close(ErrClosed)
	require.ErrorIs(t, <-got, ErrClosed)
	require.ErrorIs(t, g.enter(t.Context()), ErrClosed)
	require.ErrorIs(t, g.tryEnter(ErrBusy), ErrClosed)
	g.leave()
	select {
	case <-g.empty:
		t.Fatal("one is inside")
	default:
	}
	g.leave()
	g.drain()
	g.close(errors.New("another")) // does nothing
	require.ErrorIs(t, g.enter(t.Context()), ErrClosed)
}

// Callers who come and give up at random leave the gate as it was, and there are never more
// inside than it has places; run with -race.
func TestGateStorm(t *testing.T) {
	const places = 3
	g := newGate(places)
	var inside, most, entered atomic.Int32
	var wg sync.WaitGroup
	for i := range 64 {
		random := rand.New(rand.NewPCG(7, uint64(i)))
		wg.Go(func() {
			for range 50 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(random.IntN(300))*time.Microsecond)
				if g.enter(ctx) == nil {
					entered.Add(1)
					if n := inside.Add(1); n > most.Load() {
						most.Store(n)
					}
					time.Sleep(time.Duration(random.IntN(100)) * time.Microsecond)
					inside.Add(-1)
					g.leave()
				}
				cancel()
			}
		})
	}
	wg.Wait()
	require.Positive(t, entered.Load())
	require.LessOrEqual(t, most.Load(), int32(places))
	require.Equal(t, places, g.free)
	require.Empty(t, g.waiting)
}
