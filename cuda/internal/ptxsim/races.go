package ptxsim

// Two accesses of one byte of shared memory, by different warps, at least one of them a write,
// must have a barrier between them. Each warp has a vector clock, which says how far it knows
// the others to be; a barrier joins the clocks of the warps at it. Each piece of memory knows
// when each warp wrote and read it last, by that warp's own time. An access is a race if its
// warp does not know of an earlier one. So a missing barrier shows in every order of warps.
// Atomics are not looked at, nor is global memory.
//
// The copy engine and wgmma see what a warp has stored only behind its fence.proxy.async: a second
// clock says up to which time of each warp that is known.

// clock is what a warp knows of the times of all warps; its own entry is its time. One more entry is 1
// if the launch before is known to have ended: see Launch.Overlap.
type clock []uint32

func newClock(self, warps int) clock {
	c := make(clock, warps+1)
	c[self] = 1
	return c
}

// after reports whether the launch before is known to have ended.
func (c clock) after() bool { return c[len(c)-1] > 0 }

// known is what can be told from warp to warp, by barriers.
type known struct {
	clock   clock
	proxied clock // up to when the copy engine sees what warps have stored
}

func newKnown(warps int) known { return known{make(clock, warps+1), make(clock, warps+1)} }

// learn takes over what another knows.
func (k *known) learn(other known) {
	k.clock.learn(other.clock)
	k.proxied.learn(other.proxied)
}

// tell adds what a warp knows, whose time goes on.
func (k *known) tell(w *warp) {
	k.learn(w.known)
	w.clock[w.index]++
}

// join lets warps at a barrier know what any of them, or of those that came before, knows.
func (b *block) join(warps []*warp, came known) {
	if b.races == nil && !b.launch.Overlap {
		return
	}
	for _, w := range warps {
		came.tell(w)
	}
	for _, w := range warps {
		w.stored, w.awaited = false, false
		now := w.clock[w.index]
		w.learn(came)
		w.clock[w.index] = now
	}
}

// proxyFence lets the copy engine see what the warp knows to be stored.
func (w *warp) proxyFence() {
	w.proxied.learn(w.clock)
	w.clock[w.index]++
}

// grain is the size of a piece of memory: nobody shares less than two bytes between warps.
const grain = 2

// races has the times of the last accesses of each piece of shared memory, by warp.
type races struct {
	warps          int
	reads, writes  []uint32 // (pieces, warps)
	stores         []uint32 // those of writes that were not of the copy engine
	touched        []bool   // pieces of which there is a time
	touchedIndices []int
}

func newRaces(bytes, warps int) *races {
	n := bytes/grain + 1
	return &races{warps: warps, reads: make([]uint32, n*warps), writes: make([]uint32, n*warps), stores: make([]uint32, n*warps), touched: make([]bool, n)}
}

func (r *races) reset() {
	for _, i := range r.touchedIndices {
		clear(r.reads[i*r.warps:][:r.warps])
		clear(r.writes[i*r.warps:][:r.warps])
		clear(r.stores[i*r.warps:][:r.warps])
		r.touched[i] = false
	}
	r.touchedIndices = r.touchedIndices[:0]
}

// access records one of n bytes at an address by a warp, and fails if it is a race.
func (r *races) access(w *warp, address, n int, write bool) {
	switch {
	case write && !w.engine && w.awaited:
		fail("a store in shared memory: one lane knows that it has been read before, the others need a barrier")
	case write && !w.engine:
		w.stored = true
	}
	for i := address / grain; i <= (address+n-1)/grain; i++ {
		if !r.touched[i] {
			r.touched[i] = true
			r.touchedIndices = append(r.touchedIndices, i)
		}
		reads, writes, stores := r.reads[i*r.warps:][:r.warps], r.writes[i*r.warps:][:r.warps], r.stores[i*r.warps:][:r.warps]
		for j, known := range w.clock[:r.warps] {
			if w.engine && !write && stores[j] > w.proxied[j] {
				fail("%#x of shared memory was stored by warp %d, and there is no fence.proxy.async before it is copied or multiplied", i*grain, j)
			}
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
		switch {
		case write && w.engine:
			writes[w.index] = w.clock[w.index]
			clear(stores)
		case write:
			writes[w.index], stores[w.index] = w.clock[w.index], w.clock[w.index]
		default:
			reads[w.index] = w.clock[w.index]
		}
	}
}
