package x86

import (
	"cradio/cpu/internal/kernel/gen/asm"
	"cradio/cpu/internal/kernel/gen/numeric"
)

// geluGradOf computes the derivative of gelu at V<x> into V<t[1]>; the registers t, all
// different, are clobbered.
//
// With a = |x| the derivative is D(a) for x < 0 and 1 - D(a) else, where
//
//	D(a) = Q(a) - a·φ(a) = exp(-a²/2)·(R(a) - a/√(2π))
//
// and Q and R are those of numeric.GELUTop. Like the definition it is NaN where x is
// infinite.
func (f *file) geluGradOf(x int, t [5]int) {
	a, d, n, p, q := t[0], t[1], t[2], t[3], t[4]
	f.and(f.bits("abs", 0x7fffffff), x, a)
	f.op("VMINPS %s, V%d, V%d", f.c("far", numeric.GELUFar), a, a) // the polynomials must not overflow
	f.op("VMULPS V%d, V%d, V%d", a, a, d)
	f.op("VMULPS %s, V%d, V%d", f.c("halfLog2e", -numeric.Log2e/2), d, d)
	f.exp2(numeric.Exp6, d, n, p)
	f.polynomial("top", numeric.GELUTop, a, d)
	f.polynomial("bottom", numeric.GELUBottom, a, n)
	f.divide(d, n, q)
	f.op("VFNMADD231PS %s, V%d, V%d", f.c("density", numeric.Density), a, d)
	f.op("VMULPS V%d, V%d, V%d", p, d, d)
	andNot, xor := "VPANDND", "VPXORD"
	if f.reg == 'Y' {
		andNot, xor = "VPANDN", "VPXOR"
	}
	f.op("VPSRAD $31, V%d, V%d", x, n) // all ones where x is negative
	f.op("%s %s, V%d, V%d", andNot, f.bits("sign", 1<<31), n, q)
	f.op("%s V%d, V%d, V%d", xor, q, d, d)
	f.op("%s %s, V%d, V%d", andNot, f.one(), n, n)
	f.op("VADDPS V%d, V%d, V%d", n, d, d)
	f.op("VSUBPS V%d, V%d, V%d", x, x, n) // 0, or NaN
	f.op("VADDPS V%d, V%d, V%d", n, d, d)
}

// geluGrad is the elementwise kernel.
func (f *file) geluGrad() {
	f.begin("geluGrad", "computes dx = dy·gelu'(x) for n > 0 elements; dx may be x or dy.", asm.Args("dx ptr, x ptr, dy ptr, n int"), "DI", "SI", "R8", "DX")
	f.keep(7)
	t := [5]int{2, 3, 4, 5, 6}
	f.op("SUBQ $%d, DX", f.lanes)
	f.op("JL remainder")
	f.Label("loop")
	f.op("VMOVUPS (SI), V0")
	f.geluGradOf(0, t)
	f.op("VMULPS (R8), V%d, V0", t[1])
	f.op("VMOVUPS V0, (DI)")
	for _, r := range []string{"SI", "R8", "DI"} {
		f.op("ADDQ $%d, %s", f.bytes(), r)
	}
	f.op("SUBQ $%d, DX", f.lanes)
	f.op("JGE loop")
	f.Label("remainder")
	f.op("ADDQ $%d, DX", f.lanes)
	f.op("JZ done")
	f.setTail("DX", "AX")
	f.loadTail("(SI)", 0)
	f.geluGradOf(0, t)
	f.loadTail("(R8)", 1)
	f.op("VMULPS V1, V%d, V0", t[1])
	f.storeTail(0, "(DI)")
	f.Label("done")
	f.end()
}
