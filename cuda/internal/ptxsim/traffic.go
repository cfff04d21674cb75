package ptxsim

// Traffic is how well memory is used, in counts that a profiler would give: sectors of 32 bytes
// of global memory, and wavefronts of shared memory, which has 32 banks of 4 bytes. Ideal is the
// fewest that the same bytes need. What the copy engine and wgmma move is not counted: boxes that are
// swizzled have no conflicts.
type Traffic struct {
	Sectors, IdealSectors       int64
	Wavefronts, IdealWavefronts int64
}

func (t *Traffic) add(o Traffic) {
	t.Sectors += o.Sectors
	t.IdealSectors += o.IdealSectors
	t.Wavefronts += o.Wavefronts
	t.IdealWavefronts += o.IdealWavefronts
}

// TakeTraffic returns what has been counted since the last call.
func (d *Device) TakeTraffic() Traffic {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := d.traffic
	d.traffic = Traffic{}
	return t
}

// trafficCounter gathers the accesses of one instruction of a warp.
type trafficCounter struct {
	Traffic
	on      bool
	global  []access
	phase   []access // of shared memory: lanes that are served together
	sectors map[uint64]bool
	words   map[uint64]bool
}

type access struct {
	address uint64
	bytes   int
}

// touch adds an access of a lane.
func (t *trafficCounter) touch(shared bool, address uint64, n int) {
	if !t.on {
		return
	}
	if !shared {
		t.global = append(t.global, access{address, n})
		return
	}
	t.phase = append(t.phase, access{address, n})
	if len(t.phase) == 128/max(n, 4) { // 32 lanes of 4 bytes, 16 of 8, 8 of 16
		t.flushShared()
	}
}

// flush counts what an instruction touched.
func (t *trafficCounter) flush() {
	t.flushShared()
	if len(t.global) == 0 {
		return
	}
	if t.sectors == nil {
		t.sectors = map[uint64]bool{}
	}
	clear(t.sectors)
	words := t.freshWords()
	for _, a := range t.global {
		for at := a.address / 4; at <= (a.address+uint64(a.bytes)-1)/4; at++ {
			t.sectors[at/8] = true
			words[at] = true
		}
	}
	t.Sectors += int64(len(t.sectors))
	t.IdealSectors += int64((len(words) + 7) / 8)
	t.global = t.global[:0]
}

func (t *trafficCounter) freshWords() map[uint64]bool {
	if t.words == nil {
		t.words = map[uint64]bool{}
	}
	clear(t.words)
	return t.words
}

// flushShared counts the wavefronts of the lanes that are served together: as many as the bank
// with the most different words has.
func (t *trafficCounter) flushShared() {
	if len(t.phase) == 0 {
		return
	}
	words := t.freshWords()
	var bank [32]int
	most := 1
	for _, a := range t.phase {
		for at := a.address / 4; at <= (a.address+uint64(a.bytes)-1)/4; at++ {
			if !words[at] {
				words[at] = true
				bank[at%32]++
				most = max(most, bank[at%32])
			}
		}
	}
	t.Wavefronts += int64(most)
	t.IdealWavefronts += int64((len(words) + 31) / 32)
	t.phase = t.phase[:0]
}
