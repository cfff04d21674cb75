package pool_test

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cradio/cpu/internal/cores"
	"cradio/cpu/internal/pool"

	"github.com/stretchr/testify/require"
)

// tally counts how often each piece is done, and that workers are not shared.
type tally struct {
	done []atomic.Int32
	busy []atomic.Int32
}

func newTally(pieces, threads int) *tally {
	return &tally{done: make([]atomic.Int32, pieces), busy: make([]atomic.Int32, threads)}
}

func (c *tally) Do(worker, i int) {
	if c.busy[worker].Add(1) != 1 {
		panic("two pieces with one worker at a time")
	}
	runtime.Gosched()
	c.done[i].Add(1)
	c.busy[worker].Add(-1)
}

func (c *tally) requireOnce(t *testing.T) {
	t.Helper()
	for i := range c.done {
		require.EqualValues(t, 1, c.done[i].Load(), "piece %d", i)
	}
}

func TestPoolDoesEachPieceOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 3, 7} {
		p := pool.New(threads, nil)
		require.Equal(t, threads, p.Threads())
		for _, n := range []int{0, 1, 2, 5, 1000} {
			for _, inside := range []bool{false, true} {
				c := newTally(n, threads)
				if inside {
					p.Enter()
				}
				p.Run(n, c)
				if inside {
					p.Leave()
				}
				c.requireOnce(t)
			}
		}
		p.Close()
	}
	require.Equal(t, cores.Default(), pool.New(-1, nil).Threads())
}

func TestPoolManyShortRegions(t *testing.T) {
	p := pool.New(3, nil)
	defer p.Close()
	p.Enter()
	defer p.Leave()
	for range 2000 {
		c := newTally(4, 3)
		p.Run(4, c)
		c.requireOnce(t)
	}
}

func TestPoolHelpersTakePart(t *testing.T) {
	p := pool.New(3, nil)
	defer p.Close()
	var meet sync.WaitGroup // the pieces wait for one another
	meet.Add(3)
	p.Run(3, taskFunc(func(int, int) {
		meet.Done()
		meet.Wait()
	}))
}

func TestPoolFromSeveralGoroutines(t *testing.T) {
	p := pool.New(3, nil)
	defer p.Close()
	var inside atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				p.Enter()
				p.Run(5, taskFunc(func(int, int) {
					if inside.Add(1) > 3 {
						panic("more pieces at a time than threads")
					}
					runtime.Gosched()
					inside.Add(-1)
				}))
				p.Leave()
			}
		})
	}
	wg.Wait()
}

type taskFunc func(worker, i int)

func (f taskFunc) Do(worker, i int) { f(worker, i) }

func TestPoolPassesPanicOn(t *testing.T) {
	p := pool.New(3, nil)
	defer p.Close()
	cause := errors.New("cause")
	for _, bad := range []int{0, 1, 99} { // on the caller or on a helper
		v := panicOf(func() {
			p.Run(100, taskFunc(func(_, i int) {
				if i == bad {
					panic(cause)
				}
			}))
		})
		fault, ok := v.(*pool.Panic)
		require.True(t, ok, "panicked with %v", v)
		require.ErrorIs(t, fault, cause)
		require.ErrorContains(t, fault, "cpu: a task panicked: cause")
		require.Contains(t, string(fault.Stack), "TestPoolPassesPanicOn")
	}
	all := panicOf(func() { p.Run(100, taskFunc(func(int, int) { panic("every piece") })) })
	require.Equal(t, "every piece", all.(*pool.Panic).Value)
	require.NoError(t, errors.Unwrap(all.(*pool.Panic)))

	c := newTally(100, 3) // still usable
	p.Run(100, c)
	c.requireOnce(t)
}

func panicOf(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}

func TestPoolSurvivesGoexit(t *testing.T) {
	p := pool.New(2, nil)
	defer p.Close()
	var wg sync.WaitGroup
	wg.Go(func() { p.Run(4, taskFunc(func(int, int) { runtime.Goexit() })) })
	wg.Wait()
	c := newTally(10, 2)
	p.Run(10, c)
	c.requireOnce(t)
}

func TestPoolClosed(t *testing.T) {
	before := runtime.NumGoroutine()
	p := pool.New(4, nil)
	p.Run(8, newTally(8, 4))
	p.Close()
	p.Close()
	for range 5000 { // what Close has waited for has returned, and may be counted for a moment longer
		if runtime.NumGoroutine() <= before {
			break
		}
		time.Sleep(time.Millisecond)
	}
	require.LessOrEqual(t, runtime.NumGoroutine(), before)
	c := newTally(8, 1) // the caller alone: worker 0
	p.Run(8, c)
	c.requireOnce(t)
}

func TestPoolAllocatesNothing(t *testing.T) {
	p := pool.New(2, nil)
	defer p.Close()
	c := newTally(4, 2)
	require.Zero(t, testing.AllocsPerRun(20, func() { p.Run(4, c) }))
}

func TestPoolHelpersPark(t *testing.T) {
	p := pool.New(2, nil)
	defer p.Close()
	p.Enter()
	p.Run(2, newTally(2, 2))
	before := processTime(t)
	time.Sleep(200 * time.Millisecond) // inside a pass, but nothing to do
	require.Less(t, processTime(t)-before, 100*time.Millisecond, "an idle pool keeps a core busy")
	p.Leave()
}
