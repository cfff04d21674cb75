package x86

import (
	"cradio/cpu/internal/kernel/gen/asm"
	"cradio/cpu/internal/kernel/gen/numeric"
)

// Kernels of losses, on one row of logits: the row may be a mix of two, as pixels of resized maps are.

// exps computes e = exp(z - top) of a row z, top the largest of it; state becomes top and the sum of e.
// e may be z. With mixed, z = wa·a + wb·b.
func (f *file) exps(mixed bool) {
	const x, t, p, top, sum, wa, wb = 0, 1, 2, 3, 4, 5, 6
	source := "SI"
	if mixed {
		f.begin("mixExps", "computes exps of wa·a + wb·b on n > 0 elements.", asm.Args("e ptr, a ptr, b ptr, n int, state ptr, wa float32, wb float32"), "DI", "SI", "R9", "DX", "R8")
		f.op("VBROADCASTSS wa+40(FP), V%d", wa)
		f.op("VBROADCASTSS wb+44(FP), V%d", wb)
		f.op("VBROADCASTSS (SI), V%d", top)
		f.op("VBROADCASTSS (R9), V%d", x)
		f.op("VMULPS V%d, V%d, V%d", top, wa, top)
		f.op("VFMADD231PS V%d, V%d, V%d", x, wb, top)
		source = "DI"
	} else {
		f.begin("exps", "computes e = exp(z - top) on n > 0 elements, and state: top, the largest of z, and the sum of e.", asm.Args("e ptr, z ptr, n int, state ptr"), "DI", "SI", "DX", "R8")
		f.op("VBROADCASTSS (SI), V%d", top)
	}
	f.keep(wb + 1)
	f.loop("top", func(tail bool) {
		if tail {
			f.loadTail("(SI)(R10*4)", x)
		} else {
			f.op("VMOVUPS (SI)(R10*4), V%d", x)
		}
		if mixed {
			f.mixed(x, t, wa, wb, tail)
			f.storeAll(x, "(DI)(R10*4)", tail)
		}
		switch {
		case !tail:
			f.op("VMAXPS V%d, V%d, V%d", x, top, top)
		case f.reg == 'Z':
			f.op("VMAXPS V%d, V%d, K1, V%d", x, top, top)
		default:
			f.op("VBLENDVPS Y15, V%d, V%d, V%d", x, top, x)
			f.op("VMAXPS V%d, V%d, V%d", x, top, top)
		}
	})
	f.reduce("VMAXPS", top, x)
	f.op("VMOVSS X%d, (R8)", top)
	f.op("VBROADCASTSS X%d, V%d", top, top)
	f.zero(sum)
	f.loop("exp", func(tail bool) {
		if tail {
			f.loadTail("("+source+")(R10*4)", x)
		} else {
			f.op("VMOVUPS (%s)(R10*4), V%d", source, x)
		}
		f.op("VSUBPS V%d, V%d, V%d", top, x, x)
		f.op("VMULPS %s, V%d, V%d", f.c("log2e", numeric.Log2e), x, x)
		f.exp2(numeric.Exp6, x, t, p)
		f.storeAll(p, "(DI)(R10*4)", tail)
		if tail {
			f.clearTail(p)
		}
		f.op("VADDPS V%d, V%d, V%d", p, sum, sum)
	})
	f.reduce("VADDPS", sum, x)
	f.op("VMOVSS X%d, 4(R8)", sum)
	f.end()
}

// mixed makes V<x>, which is a, wa·a + wb·b with b at R9.
func (f *file) mixed(x, t, wa, wb int, tail bool) {
	if tail {
		f.loadTail("(R9)(R10*4)", t)
	} else {
		f.op("VMOVUPS (R9)(R10*4), V%d", t)
	}
	f.op("VMULPS V%d, V%d, V%d", x, wa, x)
	f.op("VFMADD231PS V%d, V%d, V%d", t, wb, x)
}

// storeAll stores V<r>, or its tail.
func (f *file) storeAll(r int, mem string, tail bool) {
	if tail {
		f.storeTail(r, mem)
		return
	}
	f.op("VMOVUPS V%d, %s", r, mem)
}

// loop runs body for DX elements, R10 at each register of them and at last at the tail. R11, AX and CX
// are clobbered.
func (f *file) loop(name string, body func(tail bool)) {
	f.op("XORQ R10, R10")
	f.op("MOVQ DX, R11")
	f.op("SUBQ $%d, R11", f.lanes)
	f.op("JL %stail", name)
	f.Label(name + "loop")
	body(false)
	f.op("ADDQ $%d, R10", f.lanes)
	f.op("SUBQ $%d, R11", f.lanes)
	f.op("JGE %sloop", name)
	f.Label(name + "tail")
	f.op("ADDQ $%d, R11", f.lanes)
	f.op("JZ %sdone", name)
	f.setTail("R11", "AX")
	body(true)
	f.Label(name + "done")
}

// mix is what resizing does to rows, and spread its transpose.
func (f *file) mix() {
	const x, t, wa, wb = 0, 1, 2, 3
	f.begin("mix", "computes y = wa·a + wb·b on n > 0 elements; y may be a.", asm.Args("y ptr, a ptr, b ptr, n int, wa float32, wb float32"), "DI", "SI", "R9", "DX")
	f.op("VBROADCASTSS wa+32(FP), V%d", wa)
	f.op("VBROADCASTSS wb+36(FP), V%d", wb)
	f.loop("mix", func(tail bool) {
		if tail {
			f.loadTail("(SI)(R10*4)", x)
		} else {
			f.op("VMOVUPS (SI)(R10*4), V%d", x)
		}
		f.mixed(x, t, wa, wb, tail)
		f.storeAll(x, "(DI)(R10*4)", tail)
	})
	f.end()

	f.begin("spread", "adds wa·d to a and wb·d to b, n > 0 elements; b may be a.", asm.Args("a ptr, b ptr, d ptr, n int, wa float32, wb float32"), "DI", "SI", "R9", "DX")
	f.op("VBROADCASTSS wa+32(FP), V%d", wa)
	f.op("VBROADCASTSS wb+36(FP), V%d", wb)
	f.loop("spread", func(tail bool) {
		load := func(mem string, r int) {
			if tail {
				f.loadTail(mem, r)
				return
			}
			f.op("VMOVUPS %s, V%d", mem, r)
		}
		load("(R9)(R10*4)", x)
		for _, to := range []struct {
			base   string
			factor int
		}{{"DI", wa}, {"SI", wb}} {
			at := "(" + to.base + ")(R10*4)"
			load(at, t)
			f.op("VFMADD231PS V%d, V%d, V%d", x, to.factor, t)
			f.storeAll(t, at, tail)
		}
	})
	f.end()
}

// affine is the elementwise kernel.
func (f *file) affine() {
	const x, factor, shift = 0, 1, 2
	f.begin("affine", "computes y = factor·x + shift on n > 0 elements; y may be x.", asm.Args("y ptr, x ptr, n int, factor float32, shift float32"), "DI", "SI", "DX")
	f.op("VBROADCASTSS factor+24(FP), V%d", factor)
	f.op("VBROADCASTSS shift+28(FP), V%d", shift)
	f.loop("affine", func(tail bool) {
		if tail {
			f.loadTail("(SI)(R10*4)", x)
		} else {
			f.op("VMOVUPS (SI)(R10*4), V%d", x)
		}
		f.op("VFMADD213PS V%d, V%d, V%d", shift, factor, x)
		f.storeAll(x, "(DI)(R10*4)", tail)
	})
	f.end()
}
