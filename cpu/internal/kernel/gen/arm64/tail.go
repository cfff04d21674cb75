package arm64

import (
	"fmt"
	"slices"

	"cradio/cpu/internal/kernel/gen/asm"
)

// There are no masks. A loop takes whole registers of four; the last 1 to 3 elements are
// loaded and stored one by one or two by two, and the lanes after them are zeros.

// each writes a loop over n > 0 elements, their number in a general register, which is
// clobbered: body for whole registers (full), and once more for the last few. It loads and
// stores by in and out, which go on to the next elements.
func (f *file) each(n string, body func(full bool)) {
	loop, rest, done := f.label("loop"), f.label("rest"), f.label("done")
	f.op("SUBS $%d, %s, %s", lanes, n, n)
	f.op("BLT %s", rest)
	f.Label(loop)
	body(true)
	f.op("SUBS $%d, %s, %s", lanes, n, n)
	f.op("BGE %s", loop)
	f.Label(rest)
	f.op("ADDS $%d, %s, %s", lanes, n, n)
	f.op("BEQ %s", done)
	body(false)
	f.Label(done)
}

// in loads a register of what is at ptr, which goes on, or the n elements of a tail.
func (f *file) in(full bool, ptr, n string, v int) {
	switch {
	case !full:
		f.loadTail(ptr, n, v)
	case f.block != nil:
		f.op("FMOVQ %s, F%d", f.block.at(ptr), v)
	default:
		f.op("FMOVQ.P %d(%s), F%d", bytes, ptr, v)
	}
}

// out stores a register at ptr, which goes on, or the n elements of a tail.
func (f *file) out(full bool, v int, ptr, n string) {
	switch {
	case !full:
		f.storeTail(v, ptr, n)
	case f.block != nil:
		f.op("FMOVQ F%d, %s", v, f.block.at(ptr))
	default:
		f.op("FMOVQ.P F%d, %d(%s)", v, bytes, ptr)
	}
}

// block is several registers of elements, of which one is worked on. Addresses go on once a
// block, so that loads do not wait for one another.
type block struct {
	register int
	moved    []string // addresses that are to go on
}

// at is where the register's elements lie.
func (b *block) at(ptr string) string {
	if !slices.Contains(b.moved, ptr) {
		b.moved = append(b.moved, ptr)
	}
	return fmt.Sprintf("%d(%s)", bytes*b.register, ptr)
}

// loadTail loads n elements, 1 to 3, from ptr on into V<v>, and zeros after them. R25 is
// clobbered.
func (f *file) loadTail(ptr, n string, v int) {
	one, done := f.label("one"), f.label("loaded")
	f.op("TBZ $1, %s, %s", n, one)
	f.op("FMOVD (%s), F%d", ptr, v)
	f.op("TBZ $0, %s, %s", n, done)
	f.op("ADD $8, %s, R25", ptr)
	f.op("VLD1 (R25), V%d.S[2]", v)
	f.op("B %s", done)
	f.Label(one)
	f.op("FMOVS (%s), F%d", ptr, v)
	f.Label(done)
}

// storeTail stores the first n elements, 1 to 3, of V<v> from ptr on. R25 is clobbered.
func (f *file) storeTail(v int, ptr, n string) {
	one, done := f.label("one"), f.label("stored")
	f.op("TBZ $1, %s, %s", n, one)
	f.op("FMOVD F%d, (%s)", v, ptr)
	f.op("TBZ $0, %s, %s", n, done)
	f.op("ADD $8, %s, R25", ptr)
	f.op("VST1 V%d.S[2], (R25)", v)
	f.op("B %s", done)
	f.Label(one)
	f.op("FMOVS F%d, (%s)", v, ptr)
	f.Label(done)
}

// unrolled is each, of several registers at a time where there are so many: v counts them.
func (f *file) unrolled(n string, several int, body func(v int, full bool)) {
	loop, few := f.label("several"), f.label("few")
	f.op("SUBS $%d, %s, %s", several*lanes, n, n)
	f.op("BLT %s", few)
	f.Label(loop)
	f.block = new(block)
	for v := range several {
		f.block.register = v
		body(v, true)
	}
	for _, ptr := range f.block.moved {
		f.op("ADD $%d, %s", several*bytes, ptr)
	}
	f.block = nil
	f.op("SUBS $%d, %s, %s", several*lanes, n, n)
	f.op("BGE %s", loop)
	f.Label(few)
	done := f.label("whole")
	f.op("ADDS $%d, %s, %s", several*lanes, n, n)
	f.op("BEQ %s", done)
	f.each(n, func(full bool) { body(0, full) })
	f.Label(done)
}

// tailTable is three lanes of ones, then three of zeros, and one word more: read n lanes before
// the middle, it is the mask of the first n.
var tailTable = asm.Data("tail", "0xffffffffffffffff", "0x00000000ffffffff", "0", "0")

// tailMask makes the mask of the first n lanes, n from 1 to 3, in V<v>. R25 is clobbered.
func (f *file) tailMask(n string, v int) {
	f.after = tailTable
	f.op("MOVD $tail<>+12(SB), R25")
	f.op("SUB %s<<2, R25", n)
	f.op("FMOVQ (R25), F%d", v)
}

// rowMask is tailMask for the tail of a row of n elements, where it has one; the register tail
// is clobbered.
func (f *file) rowMask(n, tail string, v int) {
	whole := f.label("aligned")
	f.op("ANDS $%d, %s, %s", lanes-1, n, tail)
	f.op("BEQ %s", whole)
	f.tailMask(tail, v)
	f.Label(whole)
}
