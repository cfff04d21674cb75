package arm64

import "cradio/cpu/internal/kernel/gen/asm"

// peakSums are enough for four multiplications a cycle, each of four cycles.
const peakSums = 24

// peak multiplies and adds in registers alone, as fast as there is.
func (f *file) peak() {
	f.begin("peak", "multiplies and adds in registers, 24 vectors in each of n > 0 iterations.", asm.Args("n int"), "R0")
	for r := range peakSums + 2 {
		f.zero(r)
	}
	f.Label("loop")
	for r := range peakSums {
		f.op("fmla v%d.4s, v%d.4s, v%d.4s", r, peakSums, peakSums+1)
	}
	f.op("SUBS $1, R0, R0")
	f.op("BGT loop")
	f.end()
}
