package arm64

import "cradio/cpu/internal/kernel/gen/asm"

// blend is the bilinear combination of four rows, in float64 and in the order of the plain
// level: the bits are the same.
func (f *file) blend() {
	f.begin("blend", "combines four rows of n float32 in float64: (a·w0 + b·w1)·w2 + (c·w0 + d·w1)·w3.", asm.Args("y ptr, a ptr, b ptr, c ptr, d ptr, n int, w0 float64, w1 float64, w2 float64, w3 float64"), "R0", "R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9")
	const weight = 16 // and the three after it
	for i := range 4 {
		f.op("dup v%d.2d, x%d", weight+i, 6+i)
	}
	combine := func(r int) { // of registers r to r+3
		for i := range 4 {
			f.op("fmul v%d.2d, v%d.2d, v%d.2d", r+i, r+i, weight+i%2)
		}
		f.op("fadd v%d.2d, v%d.2d, v%d.2d", r, r, r+1)
		f.op("fadd v%d.2d, v%d.2d, v%d.2d", r+2, r+2, r+3)
		f.op("fmul v%d.2d, v%d.2d, v%d.2d", r, r, weight+2)
		f.op("fmul v%d.2d, v%d.2d, v%d.2d", r+2, r+2, weight+3)
		f.op("fadd v%d.2d, v%d.2d, v%d.2d", r, r, r+2)
	}
	f.each("R5", func(full bool) {
		const low, high = 4, 8
		for i, row := range []string{"R1", "R2", "R3", "R4"} {
			f.in(full, row, "R5", i)
			f.op("fcvtl v%d.2d, v%d.2s", low+i, i)
			f.op("fcvtl2 v%d.2d, v%d.4s", high+i, i)
		}
		combine(low)
		combine(high)
		f.op("fcvtn v0.2s, v%d.2d", low)
		f.op("fcvtn2 v0.4s, v%d.2d", high)
		f.out(full, 0, "R0", "R5")
	})
	f.end()
}
