package ptxsim

import (
	"fmt"
	"math"
	"strings"
)

// block is one thread block. A core uses it for one after another.
type block struct {
	device  *Device
	kernel  *Kernel
	launch  *Launch
	id      [3]int
	params  []byte
	shared  []byte
	warps   []*warp
	arrived [barriers]int // threads that have arrived at a barrier without waiting
	came    [barriers]known
	last    *allocation // that of the last access
	races   *races      // nil if they are not looked for

	bars     map[uint64]*mbar      // by address in shared memory
	arrivals map[uint64][]*arrival // by the address of the barrier that waits for them
}

// barriers is the number of named barriers of a block.
const barriers = 16

func newBlock(d *Device, k *Kernel, l *Launch, params []byte, globals map[string]uint64) *block {
	b := &block{device: d, kernel: k, launch: l, params: params, shared: make([]byte, k.Shared+l.Shared)}
	for i := range (l.threads() + 31) / 32 {
		b.warps = append(b.warps, &warp{
			block: b, index: i, local: make([]byte, 32*k.local),
			r: make([]lanes32, k.registers.r32), d: make([]lanes64, k.registers.r64), p: make([]uint32, k.registers.predicates),
		})
	}
	if d.Races {
		b.races = newRaces(len(b.shared), len(b.warps))
	}
	for _, w := range b.warps {
		w.traffic.on = d.Count
		w.fill(k, globals)
	}
	return b
}

// fill writes registers that are the same in every block: all that are not constant are NaN.
func (w *warp) fill(k *Kernel, globals map[string]uint64) {
	for i := range w.r {
		for l := range 32 {
			w.r[i][l] = all
		}
	}
	for i := range w.d {
		w.setWide(i, math.MaxUint64)
	}
	for _, c := range k.constants {
		for l := range 32 {
			if c.is64 {
				w.d[c.register][l] = c.value
			} else {
				w.r[c.register][l] = uint32(c.value)
			}
		}
	}
	for name, at := range k.globals {
		if name == dynamicShared {
			w.setWide(at, uint64(k.Shared))
		} else {
			w.setWide(at, globals[name])
		}
	}
}

func (w *warp) setWide(register int, v uint64) {
	for l := range 32 {
		w.d[register][l] = v
	}
}

// reset makes it the block of an index in the grid, whose memory is NaN.
func (b *block) reset(id [3]int) {
	b.id = id
	fill(b.shared, 0xff)
	b.arrived = [barriers]int{}
	for i := range b.came {
		b.came[i] = newKnown(len(b.warps))
	}
	b.bars, b.arrivals = map[uint64]*mbar{}, map[uint64][]*arrival{}
	if b.races != nil {
		b.races.reset()
	}
	threads := b.launch.threads()
	for i, w := range b.warps {
		w.pc, w.other, w.done, w.waiting, w.again = 0, math.MaxInt, false, false, false
		w.active = all
		if n := threads - 32*i; n < 32 {
			w.active = 1<<n - 1
		}
		w.live = w.active
		w.groups, w.products, w.stores = [][]copied{nil}, [][]func(){nil}, [32]sends{}
		w.held, w.fenced = map[int]*sums{}, false
		w.stored, w.awaited = false, false
		w.traffic.global, w.traffic.phase = w.traffic.global[:0], w.traffic.phase[:0]
		w.known = known{newClock(i, len(b.warps)), make(clock, len(b.warps)+1)}
		if !b.launch.Overlap {
			w.clock[len(b.warps)] = 1
		}
		fill(w.local, 0xff)
		for name, at := range b.kernel.special {
			for l := range 32 {
				w.r[at][l] = b.special(name, 32*i+l)
			}
		}
	}
}

// run runs the warps until all have ended.
func (b *block) run() error {
	const patience = 1000 // rounds in which nothing moves
	budget := 1 << 20
	if b.device.Order == Interleaved {
		budget = 7
	}
	for idle := 0; idle < patience; idle++ {
		left := false
		for i, w := range b.warps {
			if b.device.Order == LastFirst {
				w = b.warps[len(b.warps)-1-i]
			}
			if w.done {
				continue
			}
			left = true
			if w.waiting {
				continue
			}
			before := w.steps
			if err := w.run(budget); err != nil {
				return err
			}
			if !w.again || w.steps-before > 64 {
				idle = 0
			}
		}
		if !left {
			return b.waited()
		}
		if b.release() {
			idle = 0
		}
	}
	return fmt.Errorf("%s: block %v: no warp can go on: %s", b.kernel.Name, b.id, b.where())
}

// where says at what the warps stand.
func (b *block) where() string {
	var list []string
	for _, w := range b.warps {
		if !w.done {
			in := &b.kernel.code[max(w.pc-1, 0)]
			list = append(list, fmt.Sprintf("warp %d at line %d, %s", w.index, in.line, in.text))
		}
	}
	return strings.Join(list, "; ")
}

// release opens the barriers at which all threads that it is for have arrived.
func (b *block) release() (opened bool) {
	live := 0
	for _, w := range b.warps {
		if !w.done {
			live += 32
		}
	}
	for n := range barriers {
		want, got := live, b.arrived[n]
		var waiting []*warp
		for _, w := range b.warps {
			if w.waiting && w.number == n {
				waiting = append(waiting, w)
				got += 32
				if w.threads > 0 {
					want = w.threads
				}
			}
		}
		if len(waiting) == 0 || got < want {
			continue
		}
		opened = true
		b.join(waiting, b.came[n])
		b.arrived[n], b.came[n] = 0, newKnown(len(b.warps))
		for _, w := range waiting {
			w.waiting = false
		}
	}
	return opened
}
