package pool_test

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"cradio/cpu/internal/pool"

	"github.com/stretchr/testify/require"
)

// clocks lets each worker have a time of its own: a piece ends when no other worker is behind.
type clocks struct {
	sync.Mutex
	moved  sync.Cond
	now    []int // of each worker
	pieces int   // that are not begun
}

// spend is a piece that takes a worker so long.
func (c *clocks) spend(worker, long int) {
	c.Lock()
	defer c.Unlock()
	c.pieces--
	c.now[worker] += long
	c.moved.Broadcast()
	for c.pieces > 0 && c.now[worker] > slices.Min(c.now) {
		c.moved.Wait()
	}
}

// A worker on an efficiency core is several times slower than the others. A job with one such
// worker takes no longer than if all worked to the end, and one piece of the slow one more:
// nobody waits for a fixed share of the work.
func TestPoolDoesNotWaitForASlowWorker(t *testing.T) {
	const threads, pieces, fast, slow = 3, 60, 1, 4
	for name, byBlocks := range map[string]bool{"by number": false, "by blocks": true} {
		t.Run(name, func(t *testing.T) {
			p := pool.New(threads, nil)
			defer p.Close()
			c := &clocks{now: make([]int, threads), pieces: pieces}
			c.moved.L = c
			p.Run(pieces, taskFunc(func(worker, _ int) {
				if byBlocks {
					p.Claim(worker, 5, pieces/5)
				}
				if worker == threads-1 {
					c.spend(worker, slow)
				} else {
					c.spend(worker, fast)
				}
			}))
			const together = pieces * fast * slow / ((threads-1)*slow + fast)
			require.Zero(t, c.pieces)
			require.LessOrEqual(t, slices.Max(c.now), together+slow)
			require.Less(t, together+slow, pieces*slow/threads, "what equal shares would take")
		})
	}
}

// A worker that is stuck in its first piece, here until all others are done, has that piece
// alone: the others take the rest.
func TestPoolLeavesAStuckWorkerOnePiece(t *testing.T) {
	const threads, blocks, groups = 3, 5, 12
	for name, byBlocks := range map[string]bool{"by number": false, "by blocks": true} {
		t.Run(name, func(t *testing.T) {
			p := pool.New(threads, nil)
			defer p.Close()
			stuck, free := make(chan struct{}), make(chan struct{})
			var others, ofStuck atomic.Int32
			p.Run(blocks*groups, taskFunc(func(worker, _ int) {
				if byBlocks {
					p.Claim(worker, blocks, groups)
				}
				if worker == threads-1 {
					if ofStuck.Add(1) == 1 {
						close(stuck)
					}
					<-free
					return
				}
				<-stuck // or they might be done before the third worker begins
				if others.Add(1) == blocks*groups-1 {
					close(free)
				}
			}))
			require.EqualValues(t, 1, ofStuck.Load())
			require.EqualValues(t, blocks*groups-1, others.Load())
		})
	}
}
