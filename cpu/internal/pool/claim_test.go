package pool

import (
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// claims counts how often each group of each block is claimed.
type claims struct {
	pool           *Pool
	blocks, groups int
	done           []atomic.Int32
}

func (c *claims) Do(worker, _ int) {
	block, group := c.pool.Claim(worker, c.blocks, c.groups)
	c.done[block*c.groups+group].Add(1)
}

func TestEachPieceIsClaimedOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 3, 7} {
		p := New(threads, nil)
		defer p.Close()
		p.Enter()
		defer p.Leave()
		for _, size := range [][2]int{{1, 1}, {1, 50}, {50, 1}, {2, 30}, {7, 9}, {64, 64}} {
			for range 20 {
				c := &claims{p, size[0], size[1], make([]atomic.Int32, size[0]*size[1])}
				p.Run(len(c.done), c)
				for i := range c.done {
					require.EqualValues(t, 1, c.done[i].Load(), "piece %d of %v on %d threads", i, size, threads)
				}
			}
		}
	}
}

// A worker alone finishes one block after another.
func TestAWorkerKeepsToItsBlock(t *testing.T) {
	p := New(1, nil)
	defer p.Close()
	var order []int
	p.Run(12, taskFunc(func(worker, _ int) {
		block, group := p.Claim(worker, 3, 4)
		order = append(order, 4*block+group)
	}))
	require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, order)
}

type taskFunc func(worker, i int)

func (f taskFunc) Do(worker, i int) { f(worker, i) }
