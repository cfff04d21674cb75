package radio

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// passes counts the forward passes at work.
type passes struct {
	mu        sync.Mutex
	intervals [][2]time.Time
	waits     int
}

func (p *passes) trace(e Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e.Kind {
	case EventWait:
		p.waits++
	case EventForward:
		p.intervals = append(p.intervals, [2]time.Time{e.Start, e.Start.Add(e.Took)})
	}
}

// most is how many there were at one time.
func (p *passes) most() int {
	most := 0
	for _, a := range p.intervals {
		n := 0
		for _, b := range p.intervals {
			if !b[0].After(a[0]) && b[1].After(a[0]) {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

func TestConcurrentIsBounded(t *testing.T) {
	x := different(1, 96, 96)
	for _, c := range []struct{ option, most int }{{0, 1}, {1, 1}, {3, 3}} {
		var p passes
		m := openNano(t, Options{Concurrent: c.option, Trace: p.trace})
		want := forward(t, m, x, Request{})
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				out, err := m.Forward(t.Context(), x)
				if err != nil {
					t.Error(err)
				} else if firstOff(want.Features, out.Features, 0) >= 0 {
					t.Error("another result than alone")
				}
			})
		}
		wg.Wait()
		require.Len(t, p.intervals, 17)
		require.Equal(t, 17, p.waits)
		require.LessOrEqual(t, p.most(), c.most)
		require.LessOrEqual(t, len(m.programs.idle.list), c.most+1)
	}
}

// Who waits for his turn returns at once when his context ends or the model is closed.
func TestWaitingForATurn(t *testing.T) {
	m := openNano(t, Options{})
	x := different(1, 16, 16)
	forward(t, m, x, Request{})
	require.NoError(t, m.passes.enter(t.Context())) // a pass that takes long
	ctx, cancel := context.WithCancel(t.Context())
	got := make(chan error)
	run := func(ctx context.Context) { _, err := m.Forward(ctx, x); got <- err }
	go run(ctx)
	lined(t, m.passes, 1)
	cancel()
	require.ErrorIs(t, <-got, context.Canceled)
	go run(t.Context())
	lined(t, m.passes, 1)
	require.NoError(t, m.Close())
	require.ErrorIs(t, <-got, ErrClosed)
	_, err := m.Forward(t.Context(), x)
	require.ErrorIs(t, err, ErrClosed)
}

// What is kept between passes is bounded in bytes, but for that of the last one.
func TestIdleBytes(t *testing.T) {
	sizes := []int{64, 16, 96, 32, 128, 48, 80, 112}
	bytes := func(m *Model) (n int64) {
		for _, i := range m.programs.idle.list {
			n += int64(i.program.compiled.ArenaBytes())
		}
		require.Equal(t, n, m.programs.idle.bytes)
		return n
	}
	run := func(m *Model) {
		for _, s := range sizes {
			forward(t, m, different(1, s, s), Request{})
		}
	}
	all := openNano(t, Options{})
	run(all)
	total := bytes(all)
	require.Len(t, all.programs.idle.list, len(sizes))

	bound := total / 3
	some := openNano(t, Options{IdleBytes: bound})
	run(some)
	require.LessOrEqual(t, bytes(some), bound)
	last := some.programs.idle.list
	require.Equal(t, 112/16, last[len(last)-1].program.out.Rows, "the last one stays")
	var kept []int
	for _, i := range last {
		kept = append(kept, 16*i.program.out.Rows)
	}
	require.Equal(t, sizes[len(sizes)-len(kept):], kept, "the oldest ones went first")
	require.Less(t, len(kept), len(sizes))

	one := openNano(t, Options{IdleBytes: 1})
	run(one)
	require.Len(t, one.programs.idle.list, 1)
	none := openNano(t, Options{IdleBytes: -1})
	run(none)
	require.Empty(t, none.programs.idle.list)

	few := openNano(t, Options{Programs: 2}) // a program that is not kept has no machines
	run(few)
	bytes(few)
	require.Len(t, few.programs.idle.list, 2)
	few.programs.clear()
	require.Zero(t, bytes(few))
}

// A program that is dropped while it is compiled keeps no machine either.
func TestDroppedWhileCompiling(t *testing.T) {
	m := openNano(t, Options{Programs: 1})
	var p *program
	got, err := m.programs.get("first", func() (*program, error) {
		forward(t, m, different(1, 16, 16), Request{}) // takes its place
		var err error
		p, err = m.compile(m.target, 1, 32, 32, Request{})
		return p, err
	})
	require.NoError(t, err)
	require.Same(t, p, got)
	machine, err := p.acquire()
	require.NoError(t, err)
	p.idle.put(p, machine)
	require.False(t, p.hasIdle())
}

// BenchmarkConcurrent is 16 images that come at once to B, at some bounds: the time to all of
// them, to the first, and the most memory of the heap when a pass ended.
func BenchmarkConcurrent(b *testing.B) {
	const n = 16
	for _, size := range []int{224, 432} {
		x := different(1, size, size)
		for _, concurrent := range []int{1, 2, 4, n} {
			b.Run(fmt.Sprintf("%dpx-%d", size, concurrent), func(b *testing.B) {
				var most atomic.Uint64
				m, err := Open(b.Context(), SyntheticPrefix+"B", Options{Concurrent: concurrent, Trace: func(e Event) {
					if e.Kind == EventForward {
						var s runtime.MemStats
						runtime.ReadMemStats(&s)
						if s.HeapAlloc > most.Load() {
							most.Store(s.HeapAlloc)
						}
					}
				}})
				if err != nil {
					b.Fatal(err)
				}
				defer m.Close()
				forward(b, m, x, Request{})
				runtime.GC()
				most.Store(0)
				var before runtime.MemStats
				runtime.ReadMemStats(&before)
				var first time.Duration
				for b.Loop() {
					start := time.Now()
					once := sync.OnceFunc(func() { first += time.Since(start) })
					var wg sync.WaitGroup
					for range n {
						wg.Go(func() {
							if _, err := m.Forward(b.Context(), x); err != nil {
								b.Error(err)
							}
							once()
						})
					}
					wg.Wait()
				}
				b.ReportMetric(first.Seconds()*1e3/float64(b.N), "ms-to-first")
				b.ReportMetric(float64(int64(most.Load())-int64(before.HeapAlloc))/1e6, "MB-more")
			})
		}
	}
}
