package main

import "fmt"

// Minimax polynomials for 2^x on [0, 1], of relative error 8e-8 and 2e-9: at most
// one rounding of float32, and nothing beside it.
var (
	exp5 = []float64{1, 0.6931513118045998, 0.24016445015510796, 0.05579991310367403, 0.009017030322526775, 0.0018671300698397714}
	exp6 = []float64{1, 0.6931470444433158, 0.2402293055523562, 0.0554852806180815, 0.009675451568016198, 0.0012467846436457907, 0.00021612914986056264}
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
// gelu(x) = max(x, 0) - |x|·Q(|x|), where Q(a) = ½·erfc(a/√2) = exp(-a²/2)·R(a):
// nothing cancels, and the result is exact to a few roundings on both sides.
// R is a quotient of polynomials with positive coefficients, of relative error
// 6e-9 up to a = 14.6, where exp(-a²/2) has vanished.
func (f *file) geluOf(x int, t [5]int) {
	top := []float64{0.5000000029838808, 0.4384956395221187, 0.18338394808858804, 0.0406834283214961, 0.004123770555122567}
	bottom := []float64{1, 1.6748762650645552, 1.2031209676096528, 0.46986350862292475, 0.10198461042406545, 0.010336641810133891}
	y, a, z, n, p := t[0], t[1], t[2], t[3], t[4]
	f.op("VMINPS %s, V%d, V%d", f.c("far", 30), x, y) // +Inf must not meet Q = 0; -Inf must
	f.and(f.bits("abs", 0x7fffffff), y, y)            // |x|
	f.op("VMINPS %s, V%d, V%d", f.c("far", 30), y, a) // the polynomials must not overflow
	f.op("VMULPS V%d, V%d, V%d", a, a, z)             // a²
	f.op("VMULPS %s, V%d, V%d", f.c("halfLog2e", -0.72134752044448170), z, z)
	f.exp2(exp6, z, n, p)
	f.polynomial("top", top, a, z)
	f.op("VMULPS V%d, V%d, V%d", z, p, p)
	f.polynomial("bottom", bottom, a, z)
	f.divide(p, z, n) // Q
	f.zero(z)
	f.op("VMAXPS V%d, V%d, V%d", x, z, x) // x where x is NaN
	f.op("VFNMADD231PS V%d, V%d, V%d", p, y, x)
}

// tailOfNormal is ½·erfc(a/√2) in powers of a-k/2 (rows) around each k/2 (columns):
// minimax polynomials, of relative error 5e-5 up to a = 3, 3e-4 up to 4 and 7e-3 in the
// end. From 7.25 on it is 0.
var tailOfNormal = [...][16]float64{
	{0.49999997, 0.308537513, 0.158655375, 0.0668073595, 0.0227501895, 0.00620963238, 0.00134984998, 0.000232602775, 3.16625046e-05, 3.39571238e-06, 2.86340708e-07, 1.89538625e-08, 9.83574777e-10, 3.99711965e-11, 1.27096922e-12},
	{-0.398937762, -0.352059782, -0.241975307, -0.129524291, -0.0539935306, -0.0175276678, -0.00443075132, -0.000872132718, -0.000133667025, -1.59512274e-05, -1.48215906e-06, -1.07236467e-07, -6.04186745e-09, -2.65114847e-10, -9.06164727e-12},
	{-0.000134287489, 0.0880157351, 0.120967202, 0.0971186012, 0.0539851002, 0.0219155531, 0.00665427139, 0.00153068546, 0.000268825883, 3.62293395e-05, 3.76002799e-06, 3.01291152e-07, 1.86765075e-08, 8.96971497e-10, 3.34158257e-11},
	{0.0679160208, 0.0436517783, 0.000305519061, -0.0265360512, -0.026823312, -0.0153846759, -0.00598991988, -0.00167814409, -0.000347566005, -5.4014643e-05, -6.35648212e-06, -5.69857605e-07, -3.90811792e-08, -2.05647721e-09, -8.32140537e-11},
	{-0.00631005224, -0.0199817363, -0.0197544843, -0.00579327531, 0.00451565534, 0.00581937935, 0.00322361989, 0.00112999964, 0.00027533414, 4.85137352e-05, 6.31254352e-06, 6.14320015e-07, 4.50887185e-08, 2.5105138e-09, 1.06496353e-10},
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
	last := len(tailOfNormal) - 1
	for i := last; i >= 0; i-- {
		to := c
		if i == last {
			to = p
		}
		f.op("VPERMPS %s, V%d, V%d", f.lookup(fmt.Sprintf("normal%d", i), tailOfNormal[i]), k, to)
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
	f.begin("gelu", "computes y = gelu(x) for n > 0 elements; y may be x.", []arg{{"y", pointer}, {"x", pointer}, {"n", "int"}}, "DI", "SI", "DX")
	f.keep(7)
	t := [5]int{2, 3, 4, 5, 6}
	f.op("SUBQ $%d, DX", f.lanes)
	f.op("JL rest")
	f.label("loop")
	f.op("VMOVUPS (SI), V0")
	f.geluOf(0, t)
	f.op("VMOVUPS V0, (DI)")
	f.op("ADDQ $%d, SI", f.bytes())
	f.op("ADDQ $%d, DI", f.bytes())
	f.op("SUBQ $%d, DX", f.lanes)
	f.op("JGE loop")
	f.label("rest")
	f.op("ADDQ $%d, DX", f.lanes)
	f.op("JZ done")
	f.setTail("DX", "AX")
	f.loadTail("(SI)", 0)
	f.geluOf(0, t)
	f.storeTail(0, "(DI)")
	f.label("done")
	f.end()
}
