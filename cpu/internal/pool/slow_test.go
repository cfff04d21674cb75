package pool_test

import (
	"sync/atomic"
	"testing"
	"time"

	"cradio/cpu/internal/pool"

	"github.com/stretchr/testify/require"
)

// A worker on an efficiency core is several times slower than the others. A job with one such
// worker takes as long as the fast ones need for nearly all pieces, and at most the slow one's
// last piece more: nobody waits for a fixed share of the work.
func TestPoolDoesNotWaitForASlowWorker(t *testing.T) {
	const (
		threads, pieces = 3, 60
		fast            = 4 * time.Millisecond // a piece: sleeping, for cores may be few
		slow            = 4 * fast
	)
	for name, claim := range map[string]bool{"by number": false, "by blocks": true} {
		t.Run(name, func(t *testing.T) {
			p := pool.New(threads, nil)
			defer p.Close()
			p.Enter()
			defer p.Leave()
			var bySlow atomic.Int32
			var took time.Duration
			var slept [threads]atomic.Int64 // nanoseconds
			start := time.Now()
			p.Run(pieces, taskFunc(func(worker, _ int) {
				if claim {
					p.Claim(worker, 5, pieces/5)
				}
				d := fast
				if worker == threads-1 {
					d = slow
					bySlow.Add(1)
				}
				began := time.Now()
				time.Sleep(d)
				slept[worker].Add(int64(time.Since(began)))
			}))
			took = time.Since(start)

			// What the three need if none of them waits, with the sleeps as long as they were.
			rest := time.Duration(pieces-bySlow.Load()) * fast / (threads - 1)
			late := time.Duration(0) // how much longer than asked the fast ones slept, at most
			for w := range threads - 1 {
				late = max(late, time.Duration(slept[w].Load())-rest)
			}
			require.LessOrEqual(t, took, rest+late+slow+slow/2, "with %d pieces of %d by the slow worker", bySlow.Load(), pieces)
			// Its share is a quarter of that of another, give or take the first and the last piece.
			require.LessOrEqual(t, int(bySlow.Load()), pieces/9+3)
		})
	}
}
