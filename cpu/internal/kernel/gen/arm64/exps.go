package arm64

import (
	"cradio/cpu/internal/kernel/gen/asm"
	"cradio/cpu/internal/kernel/gen/numeric"
)

// Kernels of losses, on one row of logits: the row may be a mix of two, as pixels of resized
// maps are.

// exps computes e = exp(z - top) of a row z, top the largest of it; state becomes top and the
// sum of e. e may be z. With mixed, z = wa·a + wb·b.
func (f *file) exps(mixed bool) {
	const sums, x, t, top, mask, wa, wb = 0, 4, 5, 6, 7, 8, 9 // four sums, which are first four maxima
	z := "R1"
	if mixed {
		f.begin("mixExps", "computes exps of wa·a + wb·b on n > 0 elements.", asm.Args("e ptr, a ptr, b ptr, n int, state ptr, wa float32, wb float32"), "R0", "R1", "R4", "R2", "R3", "F8", "F9")
		f.op("dup v%d.4s, v%d.s[0]", wa, wa)
		f.op("dup v%d.4s, v%d.s[0]", wb, wb)
		f.op("ld1r {v%d.4s}, [x1]", top)
		f.op("ld1r {v%d.4s}, [x4]", t)
		f.mixed(top, t, wa, wb)
		z = "R0"
	} else {
		f.begin("exps", "computes e = exp(z - top) on n > 0 elements, and state: top, the largest of z, and the sum of e.", asm.Args("e ptr, z ptr, n int, state ptr"), "R0", "R1", "R2", "R3")
		f.op("ld1r {v%d.4s}, [x1]", top)
	}
	f.keep(16)
	f.rowMask("R2", "R5", mask)
	for v := range 4 {
		f.op("mov v%d.16b, v%d.16b", sums+v, top)
	}
	f.op("MOVD R2, R5")
	f.op("MOVD R0, R7")
	f.op("MOVD R1, R8")
	f.unrolled("R5", 4, func(v int, full bool) {
		f.in(full, "R8", "R5", x)
		if mixed {
			f.in(full, "R4", "R5", t)
			f.mixed(x, t, wa, wb)
			f.out(full, x, "R7", "R5")
		}
		if !full {
			f.op("bif v%d.16b, v%d.16b, v%d.16b", x, top, mask)
		}
		f.op("fmax v%d.4s, v%d.4s, v%d.4s", sums+v, sums+v, x)
	})
	for _, p := range [][2]int{{0, 1}, {2, 3}, {0, 2}} {
		f.op("fmax v%d.4s, v%d.4s, v%d.4s", p[0], p[0], p[1])
	}
	f.op("fmaxv s%d, v0.4s", top)
	f.op("str s%d, [x3]", top)
	f.op("dup v%d.4s, v%d.s[0]", top, top)
	f.zeros(sums, 4)
	f.op("MOVD R2, R5")
	f.op("MOVD R0, R7")
	f.op("MOVD %s, R8", z)
	f.unrolled("R5", 4, func(v int, full bool) {
		const n, p, u = 10, 11, 12
		f.in(full, "R8", "R5", x)
		f.op("fsub v%d.4s, v%d.4s, v%d.4s", x, x, top)
		f.op("fmul v%d.4s, v%d.4s, v%d.4s", x, x, f.c(numeric.Log2e))
		f.exp2(numeric.Exp6, x, n, p, u)
		f.out(full, p, "R7", "R5")
		if !full {
			f.op("and v%d.16b, v%d.16b, v%d.16b", p, p, mask)
		}
		f.op("fadd v%d.4s, v%d.4s, v%d.4s", sums+v, sums+v, p)
	})
	f.total(sums)
	f.op("str s%d, [x3, #4]", sums)
	f.end()
}

// mixed makes V<x>, which is a, wa·a + wb·b with b in V<t>.
func (f *file) mixed(x, t, wa, wb int) {
	f.op("fmul v%d.4s, v%d.4s, v%d.4s", x, x, wa)
	f.op("fmla v%d.4s, v%d.4s, v%d.4s", x, t, wb)
}

// mix is what resizing does to rows, and spread its transpose.
func (f *file) mix() {
	const x, t, wa, wb = 0, 1, 2, 3
	weights := func() {
		f.op("dup v%d.4s, v%d.s[0]", wa, wa)
		f.op("dup v%d.4s, v%d.s[0]", wb, wb)
	}
	f.begin("mix", "computes y = wa·a + wb·b on n > 0 elements; y may be a.", asm.Args("y ptr, a ptr, b ptr, n int, wa float32, wb float32"), "R0", "R1", "R2", "R3", "F2", "F3")
	weights()
	f.unrolled("R3", 4, func(_ int, full bool) {
		f.in(full, "R1", "R3", x)
		f.in(full, "R2", "R3", t)
		f.mixed(x, t, wa, wb)
		f.out(full, x, "R0", "R3")
	})
	f.end()

	f.begin("spread", "adds wa·d to a and wb·d to b, n > 0 elements; b may be a.", asm.Args("a ptr, b ptr, d ptr, n int, wa float32, wb float32"), "R0", "R1", "R2", "R3", "F2", "F3")
	weights()
	f.op("MOVD R0, R4")
	f.op("MOVD R1, R5")
	f.unrolled("R3", 4, func(_ int, full bool) {
		f.in(full, "R2", "R3", x)
		for i, factor := range []int{wa, wb} {
			f.in(full, []string{"R4", "R5"}[i], "R3", t)
			f.op("fmla v%d.4s, v%d.4s, v%d.4s", t, x, factor)
			f.out(full, t, []string{"R0", "R1"}[i], "R3")
		}
	})
	f.end()
}

// affine is the elementwise kernel.
func (f *file) affine() {
	const x, y, factor, shift = 0, 1, 2, 3
	f.begin("affine", "computes y = factor·x + shift on n > 0 elements; y may be x.", asm.Args("y ptr, x ptr, n int, factor float32, shift float32"), "R0", "R1", "R2", "F2", "F3")
	f.op("dup v%d.4s, v%d.s[0]", factor, factor)
	f.op("dup v%d.4s, v%d.s[0]", shift, shift)
	f.unrolled("R2", 4, func(_ int, full bool) {
		f.in(full, "R1", "R2", x)
		f.op("mov v%d.16b, v%d.16b", y, shift)
		f.op("fmla v%d.4s, v%d.4s, v%d.4s", y, x, factor)
		f.out(full, y, "R0", "R2")
	})
	f.end()
}
