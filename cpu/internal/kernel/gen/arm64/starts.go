package arm64

import "cradio/cpu/internal/kernel/gen/asm"

// UDOT multiplies int8 that have no sign, as those of A have none. So weights are taken plus
// 128, which is a change of their highest bit when they are packed, and what is too much is
// taken away: 128 times the sum of A's row, with which the row's sums begin.

// startRows has the sums of each row begin with what is at R5, if that is not nil.
func (f *file) startRows(s *sum) {
	f.op("CBZ R5, chain")
	for r := range s.m {
		f.op("ld1r {v%d.4s}, [x5], #4", f.at(s, r, 0))
		f.op("mov v%d.16b, v%d.16b", f.at(s, r, 1), f.at(s, r, 0))
	}
}

// rowStarts makes what the sums of rows begin with.
func (f *file) rowStarts() {
	f.begin("rowStarts", "computes -128 times the sum of n words of four uint8, for each row.", asm.Args("dst ptr, src ptr, lds int, rows int, n int"), "R0", "R1", "R2", "R3", "R4")
	const total, x, factor = 0, 1, 2
	f.op("MOVD $0x80808080, R5")
	f.op("dup v%d.4s, w5", factor)
	f.Label("row")
	f.op("MOVD R1, R6")
	f.op("MOVD R4, R7")
	f.zero(total)
	f.each("R7", func(full bool) {
		f.in(full, "R6", "R7", x)
		f.op("udot v%d.4s, v%d.16b, v%d.16b", total, x, factor)
	})
	f.op("addv s%d, v%d.4s", total, total)
	f.op("fmov w7, s%d", total)
	f.op("NEGW R7, R7")
	f.op("MOVW.P R7, 4(R0)")
	f.op("ADD R2, R1")
	f.op("SUBS $1, R3, R3")
	f.op("BNE row")
	f.end()
}
