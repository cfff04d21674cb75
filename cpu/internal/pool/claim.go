package pool

import (
	"runtime"
	"sync/atomic"
)

// held is the block of a task that a worker keeps to, and that others may help to finish:
// its number plus one, and in the lower half how many of its groups have been claimed.
type held struct{ v atomic.Uint64 }

// take claims the next of so many groups, if there is one.
func (h *held) take(groups int) (block, group int, ok bool) {
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

// Claim gives a worker one of the blocks·groups pieces of the region in progress. Each
// piece calls it once. A worker gets a group of the block that it keeps to, else of a
// block that nobody has begun, else of another worker's block. So what a worker has
// prepared for a block serves for most of its groups.
func (p *Pool) Claim(worker, blocks, groups int) (block, group int) {
	for {
		if block, group, ok := p.arenas[worker].held.take(groups); ok {
			return block, group
		}
		if b := int(p.begun.Add(1)) - 1; b < blocks {
			p.arenas[worker].held.v.Store(uint64(b+1)<<32 | 1)
			return b, 0
		}
		for i := range p.arenas {
			if block, group, ok := p.arenas[i].held.take(groups); ok {
				return block, group
			}
		}
		runtime.Gosched() // some worker has begun a block, and has not stored it yet
	}
}
