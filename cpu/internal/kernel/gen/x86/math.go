package x86

import (
	"fmt"

	"cradio/cpu/internal/kernel/gen/asm"
	"cradio/cpu/internal/kernel/gen/numeric"
)

// exp2 computes 2^V<x> into V<p>, for x ≤ 0 or a little more; V<x> and V<n> are
// clobbered. Below -126 (AVX2) or -149 the result is 0; NaN gives NaN.
func (f *file) exp2(polynomial []float64, x, n, p int) {
	name := fmt.Sprintf("exp%d_", len(polynomial)-1)
	if f.reg == 'Z' {
		f.exp2To(name, polynomial, x, n, p, p)
		return
	}
	f.op("VMAXPS V%d, V%d, V%d", x, f.cr("low", -127, n), x) // x where x is NaN; the exponent field of 2^-127 is 0
	f.op("VROUNDPS $9, V%d, V%d", x, n)                      // down
	f.op("VSUBPS V%d, V%d, V%d", n, x, x)
	f.polynomial(name, polynomial, x, p)
	f.op("VCVTPS2DQ V%d, V%d", n, n)
	f.op("VPADDD %s, V%d, V%d", f.bits("bias", 127), n, n)
	f.op("VPSLLD $23, V%d, V%d", n, n)
	f.op("VMULPS V%d, V%d, V%d", n, p, p)
}

// exp2To computes 2^V<x> into V<dst> by AVX-512, where infinity is not special.
// V<t> and V<p> are clobbered, and dst may be p or x.
func (f *file) exp2To(name string, polynomial []float64, x, t, p, dst int) {
	f.op("VREDUCEPS $9, V%d, V%d", x, t) // x less its floor
	f.polynomial(name, polynomial, t, p)
	f.op("VSCALEFPS V%d, V%d, V%d", x, p, dst)
}

// polynomial computes Σ c[i]·V<x>^i into V<p>.
func (f *file) polynomial(name string, c []float64, x, p int) {
	coefficient := func(i int) string {
		if c[i] == 1 {
			return f.one()
		}
		return f.c(fmt.Sprintf("%s%d", name, i), c[i])
	}
	last := len(c) - 1
	f.op("VMOVUPS %s, V%d", coefficient(last), p)
	for i := last - 1; i >= 0; i-- {
		f.op("VFMADD213PS %s, V%d, V%d", coefficient(i), x, p)
	}
}

func (f *file) one() string { return f.c("one", 1) }

// divide computes V<a>/V<b> into V<a>; V<b> and V<t> are clobbered. AVX-512 has
// an approximation of 14 bits that one step of Newton's makes exact to a rounding.
func (f *file) divide(a, b, t int) {
	if f.reg == 'Y' {
		f.op("VDIVPS V%d, V%d, V%d", b, a, a)
		return
	}
	f.op("VRCP14PS V%d, V%d", b, t)
	f.op("VFNMADD213PS %s, V%d, V%d", f.one(), t, b) // 1 - b·t
	f.op("VFMADD213PS V%d, V%d, V%d", t, t, b)       // t + t·(1 - b·t)
	f.op("VMULPS V%d, V%d, V%d", b, a, a)
}

// geluOf computes gelu(V<x>) into V<x>; the registers t, all different, are
// clobbered.
//
// gelu(x) = max(x, 0) - |x|·Q(|x|): see numeric.GELUTop.
func (f *file) geluOf(x int, t [5]int) {
	y, a, z, n, p := t[0], t[1], t[2], t[3], t[4]
	f.op("VMINPS %s, V%d, V%d", f.c("far", numeric.GELUFar), x, y) // +Inf must not meet Q = 0; -Inf must
	f.and(f.bits("abs", 0x7fffffff), y, y)                         // |x|
	f.op("VMINPS %s, V%d, V%d", f.c("far", numeric.GELUFar), y, a) // the polynomials must not overflow
	f.op("VMULPS V%d, V%d, V%d", a, a, z)                          // a²
	f.op("VMULPS %s, V%d, V%d", f.c("halfLog2e", -numeric.Log2e/2), z, z)
	f.exp2(numeric.Exp6, z, n, p)
	f.polynomial("top", numeric.GELUTop, a, z)
	f.op("VMULPS V%d, V%d, V%d", z, p, p)
	f.polynomial("bottom", numeric.GELUBottom, a, z)
	f.divide(p, z, n) // Q
	f.zero(z)
	f.op("VMAXPS V%d, V%d, V%d", x, z, x) // x where x is NaN
	f.op("VFNMADD231PS V%d, V%d, V%d", p, y, x)
}

// geluNearly is geluOf with a relative error of at most 4e-4 for x ≥ -4, a tenth of
// what rounding to bfloat16 may add, and an absolute error below 4e-8 for x < -4. Most
// of it runs on pipes that products leave alone: Q is looked up.
func (f *file) geluNearly(x int, t [5]int) {
	y, a, k, p, c := t[0], t[1], t[2], t[3], t[4]
	edge, grid := f.c("edge", 7.5), f.c("grid", 0x1.8p22) // numbers near grid are multiples of ½
	f.op("VMINPS %s, V%d, V%d", edge, x, y)               // +Inf must not meet Q = 0; -Inf must
	f.and(f.bits("abs", 0x7fffffff), y, y)
	f.op("VMINPS %s, V%d, V%d", edge, y, a)
	f.op("VADDPS %s, V%d, V%d", grid, a, k)
	f.op("VSUBPS %s, V%d, V%d", grid, k, c)
	f.op("VSUBPS V%d, V%d, V%d", c, a, a)
	last := len(numeric.NormalTail) - 1
	for i := last; i >= 0; i-- {
		to := c
		if i == last {
			to = p
		}
		f.op("VPERMPS %s, V%d, V%d", f.lookup(fmt.Sprintf("normal%d", i), numeric.NormalTail[i]), k, to)
		if i < last {
			f.op("VFMADD213PS V%d, V%d, V%d", c, a, p)
		}
	}
	f.zero(c)
	f.op("VMAXPS V%d, V%d, V%d", x, c, x) // x where x is NaN
	f.op("VFNMADD231PS V%d, V%d, V%d", p, y, x)
}

// gelu is the elementwise kernel.
func (f *file) gelu() {
	f.begin("gelu", "computes y = gelu(x) for n > 0 elements; y may be x.", asm.Args("y ptr, x ptr, n int"), "DI", "SI", "DX")
	f.keep(7)
	t := [5]int{2, 3, 4, 5, 6}
	f.op("SUBQ $%d, DX", f.lanes)
	f.op("JL remainder")
	f.Label("loop")
	f.op("VMOVUPS (SI), V0")
	f.geluOf(0, t)
	f.op("VMOVUPS V0, (DI)")
	f.op("ADDQ $%d, SI", f.bytes())
	f.op("ADDQ $%d, DI", f.bytes())
	f.op("SUBQ $%d, DX", f.lanes)
	f.op("JGE loop")
	f.Label("remainder")
	f.op("ADDQ $%d, DX", f.lanes)
	f.op("JZ done")
	f.setTail("DX", "AX")
	f.loadTail("(SI)", 0)
	f.geluOf(0, t)
	f.storeTail(0, "(DI)")
	f.Label("done")
	f.end()
}
