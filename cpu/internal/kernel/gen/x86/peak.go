package x86

import "cradio/cpu/internal/kernel/gen/asm"

// peakChains is how many multiply-adds of peak do not wait for one another.
const peakChains = 12

// peak does nothing but fused multiply-adds, n·peakChains of them: the speed that
// the other kernels are measured against.
func (f *file) peak() {
	f.begin("peak", "does n times 12 fused multiply-adds of whole registers.", asm.Args("n int"), "CX")
	for r := range peakChains + 2 {
		f.zero(r)
	}
	f.op("PCALIGN $32")
	f.Label("loop")
	for r := range peakChains {
		f.op("VFMADD231PS V%d, V%d, V%d", peakChains, peakChains+1, r)
	}
	f.op("DECQ CX")
	f.op("JNZ loop")
	f.end()
}
