package arm64

import "cradio/cpu/internal/kernel/gen/asm"

// Kernels that convert rows of activations. Each takes a multiple of 16 elements.

const perRound = 16 // elements at a time

// convert is a loop over n elements from R1 to R0, their number in R2, which goes on by itself:
// body converts perRound of them.
func (f *file) convert(body func()) {
	f.op("CBZ R2, done")
	f.Label("loop")
	body()
	f.op("SUBS $%d, R2, R2", perRound)
	f.op("BGT loop")
	f.Label("done")
	f.end()
}

// round makes bfloat16 of float32.
func (f *file) round() {
	f.begin("round", "rounds n float32 to bfloat16.", asm.Args("dst ptr, src ptr, n int"), "R0", "R1", "R2")
	f.keep(16)
	f.convert(func() {
		for range 2 {
			f.op("ldp q0, q1, [x1], #32")
			f.roundTwo(0, 1, 2, 3)
			f.op("str q0, [x0], #16")
		}
	})
}

// roundTwo rounds V<a> and V<b> to the halves of V<a>. V<b>, V<t> and V<u> are clobbered.
func (f *file) roundTwo(a, b, t, u int) {
	if f.bf16 {
		f.op("bfcvtn v%d.4h, v%d.4s", a, a)
		f.op("bfcvtn2 v%d.8h, v%d.4s", a, b)
		return
	}
	f.roundWords(a, t, u)
	f.roundWords(b, t, u)
	f.op("uzp2 v%d.8h, v%d.8h, v%d.8h", a, a, b)
}

// roundOne rounds V<x> to four bfloat16 in its lower half. V<t> and V<u> are clobbered.
func (f *file) roundOne(x, t, u int) {
	if f.bf16 {
		f.op("bfcvtn v%d.4h, v%d.4s", x, x)
		return
	}
	f.roundWords(x, t, u)
	f.op("shrn v%d.4h, v%d.4s, #16", x, x)
}

// roundWords rounds V<x> to bfloat16 in the upper half of each lane, to the nearest, of two the
// even one; NaN stays NaN. V<t> and V<u> are clobbered.
func (f *file) roundWords(x, t, u int) {
	f.op("ushr v%d.4s, v%d.4s, #16", t, x)
	f.op("and v%d.16b, v%d.16b, v%d.16b", t, t, f.bits(1))
	f.op("add v%d.4s, v%d.4s, v%d.4s", t, t, f.bits(0x7fff))
	f.op("add v%d.4s, v%d.4s, v%d.4s", t, t, x)
	f.op("orr v%d.16b, v%d.16b, v%d.16b", u, x, f.bits(0x400000)) // quiet
	f.op("fcmeq v%d.4s, v%d.4s, v%d.4s", x, x, x)
	f.op("bsl v%d.16b, v%d.16b, v%d.16b", x, t, u)
}

// widen makes float32 of bfloat16: rows of n, lds bytes apart, side by side.
func (f *file) widen() {
	f.begin("widen", "makes float32 of rows of n bfloat16, lds bytes apart, side by side.", asm.Args("dst ptr, src ptr, lds int, rows int, n int"), "R0", "R1", "R2", "R3", "R4")
	f.op("CBZ R3, done")
	f.Label("row")
	f.op("MOVD R1, R5")
	f.op("MOVD R4, R6")
	for _, n := range []int{2, 1} { // registers of bfloat16 at a time
		several, few := f.label("several"), f.label("few")
		f.op("SUBS $%d, R6, R6", 2*n*lanes)
		f.op("BLT %s", few)
		f.Label(several)
		for range n {
			f.op("ldr q0, [x5], #16")
			f.op("shll v1.4s, v0.4h, #16")
			f.op("shll2 v2.4s, v0.8h, #16")
			f.op("stp q1, q2, [x0], #32")
		}
		f.op("SUBS $%d, R6, R6", 2*n*lanes)
		f.op("BGE %s", several)
		f.Label(few)
		f.op("ADD $%d, R6", 2*n*lanes)
	}
	f.op("CBZ R6, next")
	f.Label("single")
	f.op("MOVHU.P 2(R5), R7")
	f.op("LSL $16, R7")
	f.op("MOVW.P R7, 4(R0)")
	f.op("SUBS $1, R6, R6")
	f.op("BNE single")
	f.Label("next")
	f.op("ADD R2, R1")
	f.op("SUBS $1, R3, R3")
	f.op("BNE row")
	f.Label("done")
	f.end()
}

// dequantise makes float32 of uint8.
func (f *file) dequantise() {
	f.begin("dequantise", "makes float32 of n uint8: scale times each, plus offset.", asm.Args("dst ptr, src ptr, n int, scale float32, offset float32"), "R0", "R1", "R2", "F6", "F7")
	f.op("dup v6.4s, v6.s[0]")
	f.op("dup v7.4s, v7.s[0]")
	f.convert(func() {
		f.op("ldr q0, [x1], #16")
		f.op("ushll v2.8h, v0.8b, #0")
		f.op("ushll2 v0.8h, v0.16b, #0")
		for _, half := range []int{2, 0} {
			f.op("ushll2 v%d.4s, v%d.8h, #0", half+1, half)
			f.op("ushll v%d.4s, v%d.4h, #0", half, half)
			for v := half; v < half+2; v++ {
				f.op("ucvtf v%d.4s, v%d.4s", v, v)
				f.op("fmul v%d.4s, v%d.4s, v6.4s", v, v)
				f.op("fadd v%d.4s, v%d.4s, v7.4s", v, v)
			}
			f.op("stp q%d, q%d, [x0], #32", half, half+1)
		}
	})
}

// quantise makes whole numbers of float32, and takes their lowest bytes.
func (f *file) quantise() {
	f.begin("quantise", "makes bytes of n float32: each less offset, times inverse, rounded. NaN makes 0.", asm.Args("dst ptr, src ptr, n int, offset float32, inverse float32"), "R0", "R1", "R2", "F6", "F7")
	f.op("dup v6.4s, v6.s[0]")
	f.op("dup v7.4s, v7.s[0]")
	f.convert(func() {
		f.op("ldp q0, q1, [x1], #32")
		f.op("ldp q2, q3, [x1], #32")
		for v := range 4 {
			f.op("fsub v%d.4s, v%d.4s, v6.4s", v, v)
			f.op("fmul v%d.4s, v%d.4s, v7.4s", v, v)
			f.op("fcvtns v%d.4s, v%d.4s", v, v)
		}
		f.op("uzp1 v0.8h, v0.8h, v1.8h")
		f.op("uzp1 v2.8h, v2.8h, v3.8h")
		f.op("uzp1 v0.16b, v0.16b, v2.16b")
		f.op("str q0, [x0], #16")
	})
}

// extent finds the least and the largest of n > 0 elements; the latter becomes NaN where an
// element is NaN or infinite.
func (f *file) extent() {
	f.begin("extent", "finds the least and the largest of n > 0 float32; the latter is NaN if any is not finite.", asm.Args("bounds ptr, src ptr, n int"), "R0", "R1", "R2")
	const least, largest, nothing, zero = 4, 8, 12, 16 // four registers each but the last
	for v := range 4 {
		f.op("ld1r {v%d.4s}, [x1]", least+v)
		f.op("ld1r {v%d.4s}, [x1]", largest+v)
	}
	f.zeros(nothing, 5)
	f.Label("loop")
	f.op("ldp q0, q1, [x1], #32")
	f.op("ldp q2, q3, [x1], #32")
	for v := range 4 {
		f.op("fminnm v%d.4s, v%d.4s, v%d.4s", least+v, least+v, v)
		f.op("fmaxnm v%d.4s, v%d.4s, v%d.4s", largest+v, largest+v, v)
		f.op("fmla v%d.4s, v%d.4s, v%d.4s", nothing+v, v, zero)
	}
	f.op("SUBS $%d, R2, R2", perRound)
	f.op("BGT loop")
	for _, p := range [][2]int{{0, 1}, {2, 3}, {0, 2}} {
		f.op("fmin v%d.4s, v%d.4s, v%d.4s", least+p[0], least+p[0], least+p[1])
		f.op("fmax v%d.4s, v%d.4s, v%d.4s", largest+p[0], largest+p[0], largest+p[1])
	}
	f.op("fminv s%d, v%d.4s", least, least)
	f.op("fmaxv s%d, v%d.4s", largest, largest)
	f.total(nothing) // of zeros, or NaN
	f.op("fadd s%d, s%d, s%d", largest, largest, nothing)
	f.op("str s%d, [x0]", least)
	f.op("str s%d, [x0, #4]", largest)
	f.end()
}
