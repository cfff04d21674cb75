package ptxsim

// Two accesses of one byte of shared memory, by different warps, at least one of them a write,
// must have a barrier between them. Each warp has a vector clock, which says how far it knows
// the others to be; a barrier joins the clocks of the warps at it. Each piece of memory knows
// when each warp wrote and read it last, by that warp's own time. An access is a race if its
// warp does not know of an earlier one. So a missing barrier shows in every order of warps.
// Atomics are not looked at, nor is global memory.

// clock is what a warp knows of the times of all warps; its own entry is its time.
type clock []uint32

func newClock(self, warps int) clock {
	c := make(clock, warps)
	c[self] = 1
	return c
}

// join lets warps at a barrier know what any of them knows.
func join(warps []*warp) {
	if len(warps) == 0 || warps[0].block.races == nil {
		return
	}
	all := make(clock, len(warps[0].clock))
	for _, w := range warps {
		for i, t := range w.clock {
			all[i] = max(all[i], t)
		}
	}
	for _, w := range warps {
		copy(w.clock, all)
		w.clock[w.index]++
	}
}

// grain is the size of a piece of memory: nobody shares less than two bytes between warps.
const grain = 2

// races has the times of the last accesses of each piece of shared memory, by warp.
type races struct {
	warps          int
	reads, writes  []uint32 // (pieces, warps)
	touched        []bool   // pieces of which there is a time
	touchedIndices []int
}

func newRaces(bytes, warps int) *races {
	n := bytes/grain + 1
	return &races{warps: warps, reads: make([]uint32, n*warps), writes: make([]uint32, n*warps), touched: make([]bool, n)}
}

func (r *races) reset() {
	for _, i := range r.touchedIndices {
		clear(r.reads[i*r.warps:][:r.warps])
		clear(r.writes[i*r.warps:][:r.warps])
		r.touched[i] = false
	}
	r.touchedIndices = r.touchedIndices[:0]
}

// access records one of n bytes at an address by a warp, and fails if it is a race.
func (r *races) access(w *warp, address, n int, write bool) {
	for i := address / grain; i <= (address+n-1)/grain; i++ {
		if !r.touched[i] {
			r.touched[i] = true
			r.touchedIndices = append(r.touchedIndices, i)
		}
		reads, writes := r.reads[i*r.warps:][:r.warps], r.writes[i*r.warps:][:r.warps]
		for j, known := range w.clock {
			if j == w.index {
				continue
			}
			if writes[j] > known {
				fail("a race: %#x of shared memory was written by warp %d, and there is no barrier between", i*grain, j)
			}
			if write && reads[j] > known {
				fail("a race: %#x of shared memory was read by warp %d, and there is no barrier between", i*grain, j)
			}
		}
		if write {
			writes[w.index] = w.clock[w.index]
		} else {
			reads[w.index] = w.clock[w.index]
		}
	}
}
