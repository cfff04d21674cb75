package ptxsim

import (
	"fmt"
	"math"
	"math/bits"
)

// lanes32 and lanes64 are a register of a warp: a value for each of its 32 lanes.
type (
	lanes32 = [32]uint32
	lanes64 = [32]uint64
)

// all has every lane.
const all = ^uint32(0)

// warp is 32 threads in lockstep.
type warp struct {
	block *block
	index int
	r     []lanes32
	d     []lanes64
	p     []uint32 // a bit a lane
	local []byte   // kernel.local bytes for each lane

	pc     int
	active uint32 // lanes at pc, which run now
	live   uint32 // lanes that have not ended
	other  int    // the lowest counter of the live lanes that are elsewhere
	at     [32]int

	waiting bool // at barrier number
	number  int
	threads int // that the barrier is for; 0 for all
	again   bool
	done    bool

	groups [][]copied // groups of cp.async; the last is open

	products [][]func()    // groups of wgmma; the last is open
	held     map[int]*sums // by register
	fenced   bool          // by wgmma.fence, since the registers were last used
	stores   [32]sends

	known
	engine bool // an access of the copy engine, or of wgmma
	// Since the lanes last met at a barrier, they have stored in shared memory, or one has waited for the copy
	// engine to read it.
	stored, awaited bool
	steps           int64
	traffic         trafficCounter
}

// fault ends a launch: what an instruction did wrong.
type fault string

func fail(format string, args ...any) { panic(fault(fmt.Sprintf(format, args...))) }

// run goes on for so many instructions, until the warp ends, waits, or wants to try again.
func (w *warp) run(budget int) (err error) {
	defer func() {
		if p := recover(); p != nil {
			in := &w.block.kernel.code[w.pc]
			err = fmt.Errorf("%s: line %d, %s: block %v, warp %d: %v", w.block.kernel.Name, in.line, in.text, w.block.id, w.index, p)
		}
	}()
	code := w.block.kernel.code
	for ; budget > 0 && !w.done && !w.waiting; budget-- {
		in := &code[w.pc]
		m := w.active
		if in.predicate >= 0 {
			if in.negated {
				m &^= w.p[in.predicate]
			} else {
				m &= w.p[in.predicate]
			}
		}
		w.steps++
		switch {
		case m == 0:
			w.pc++
		case in.kind == plain:
			in.run(w, m)
			w.pc++
		case in.kind == branch && m == w.active:
			w.pc = in.target
		case in.kind == branch:
			w.split(m, in.target)
			continue
		case in.kind == exit:
			w.end(m)
			continue
		case in.kind == barrier:
			if m != w.live {
				fail("lanes %08x are at the barrier, of %08x", m, w.live)
			}
			in.run(w, m)
			w.pc++
		case in.kind == retry:
			w.again = false
			in.run(w, m)
			w.pc++
			if w.again {
				w.meet()
				return nil
			}
		}
		if w.traffic.on {
			w.traffic.flush()
		}
		if w.pc >= w.other {
			w.meet()
		}
	}
	return nil
}

// end takes lanes out.
func (w *warp) end(lanes uint32) {
	w.live &^= lanes
	switch {
	case w.live == 0:
		w.done = true
		for i := range w.stores {
			w.stores[i].land()
		}
	case lanes == w.active:
		w.pick()
	default:
		w.active &^= lanes
		w.pc++
	}
}

// split sends lanes to target, and the others to the next instruction.
func (w *warp) split(lanes uint32, target int) {
	for i := range 32 {
		switch bit := uint32(1) << i; {
		case w.active&bit == 0:
		case lanes&bit != 0:
			w.at[i] = target
		default:
			w.at[i] = w.pc + 1
		}
	}
	w.pick()
}

// meet looks whether other lanes are at the counter now.
func (w *warp) meet() {
	if w.other == math.MaxInt {
		return
	}
	for m := w.active; m != 0; m &= m - 1 {
		w.at[bits.TrailingZeros32(m)] = w.pc
	}
	w.pick()
}

// pick goes on with the lanes whose counter is the lowest.
func (w *warp) pick() {
	low, other, active := math.MaxInt, math.MaxInt, uint32(0)
	for m := w.live; m != 0; m &= m - 1 {
		i := bits.TrailingZeros32(m)
		switch at := w.at[i]; {
		case at < low:
			low, other, active = at, low, 1<<i
		case at == low:
			active |= 1 << i
		default:
			other = min(other, at)
		}
	}
	w.pc, w.other, w.active = low, other, active
}

// together insists that all lanes of the warp run an instruction.
func (w *warp) together(lanes uint32) {
	if lanes != all {
		fail("needs all lanes of the warp, has %08x", lanes)
	}
}

// each calls f for each lane.
func each(lanes uint32, f func(i int)) {
	if lanes == all {
		for i := range 32 {
			f(i)
		}
		return
	}
	for ; lanes != 0; lanes &= lanes - 1 {
		f(bits.TrailingZeros32(lanes))
	}
}
