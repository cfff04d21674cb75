package cpu

import (
	"runtime"
	"sync/atomic"
)

// hand is the block of a task that a worker keeps to, which others may help to finish:
// its number plus one, and the groups of it that have been claimed, in the lower half.
type hand struct{ v atomic.Uint64 }

// take claims the next of so many groups, if there is one.
func (h *hand) take(groups int) (block, group int, ok bool) {
	for {
		v := h.v.Load()
		block, group = int(v>>32)-1, int(uint32(v))
		if block < 0 || group >= groups {
			return 0, 0, false
		}
		if h.v.CompareAndSwap(v, v+1) {
			return block, group, true
		}
	}
}

// claim gives a worker one of blocks·groups pieces of the region in progress, in each of
// which it is called once: of the block in its hand, of one that nobody has begun, or
// else of another worker's. So what a worker has prepared for a block serves for most
// of its groups.
func (p *Pool) claim(worker, blocks, groups int) (block, group int) {
	for {
		if block, group, ok := p.arenas[worker].hand.take(groups); ok {
			return block, group
		}
		if b := int(p.begun.Add(1)) - 1; b < blocks {
			p.arenas[worker].hand.v.Store(uint64(b+1)<<32 | 1)
			return b, 0
		}
		for i := range p.arenas {
			if block, group, ok := p.arenas[i].hand.take(groups); ok {
				return block, group
			}
		}
		runtime.Gosched() // a block has been begun, and is not in a hand yet
	}
}
