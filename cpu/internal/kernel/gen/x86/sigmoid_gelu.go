package x86

import (
	"cradio/cpu/internal/kernel/gen/asm"
	"cradio/cpu/internal/kernel/gen/numeric"
)

// sigmoidGELUOf computes x·σ(u), u = x·(slope + cubic·x²), of V<x> into V<x>; the registers t,
// all different, are clobbered. V<slope> and V<cubic> hold the coefficients.
//
// Both coefficients are at least 0. With e = exp(-|u|), σ(u) is 1/(1+e), and e/(1+e) where x
// is negative. So nothing cancels, and e cannot overflow.
func (f *file) sigmoidGELUOf(x, slope, cubic int, t [4]int) {
	u, e, n, p := t[0], t[1], t[2], t[3]
	f.and(f.bits("abs", 0x7fffffff), x, e)
	f.op("VMINPS %s, V%d, V%d", f.c("beyond", 1000), e, e) // x² must not overflow; NaN stays in x
	f.op("VMULPS V%d, V%d, V%d", e, e, u)
	f.op("VFMADD213PS V%d, V%d, V%d", slope, cubic, u) // slope + cubic·x²
	f.op("VMULPS V%d, V%d, V%d", u, e, e)
	f.op("VMINPS %s, V%d, V%d", f.c("steepest", 87), e, e) // nor may the exponent
	f.op("VMULPS %s, V%d, V%d", f.c("minusLog2e", -numeric.Log2e), e, e)
	f.exp2(numeric.Exp6, e, n, p)
	f.op("VMOVAPS V%d, V%d", p, e)
	f.op("VADDPS %s, V%d, V%d", f.one(), p, p) // 1 + e
	f.op("VPSRAD $31, V%d, V%d", x, u)         // all ones where x is negative
	f.choose(u, e, f.one(), e)
	f.divide(e, p, n)
	f.op("VMULPS V%d, V%d, V%d", e, x, x)
}

// choose computes V<a> where V<mask> is all ones, and memory else, into V<dst>; V<mask> is
// clobbered.
func (f *file) choose(mask, a int, memory string, dst int) {
	and, andNot, or := "VPANDD", "VPANDND", "VPORD"
	if f.reg == 'Y' {
		and, andNot, or = "VPAND", "VPANDN", "VPOR"
	}
	f.op("%s V%d, V%d, V%d", and, a, mask, dst)
	f.op("%s %s, V%d, V%d", andNot, memory, mask, mask)
	f.op("%s V%d, V%d, V%d", or, mask, dst, dst)
}

// sigmoidGELU is the elementwise kernel.
func (f *file) sigmoidGELU() {
	f.begin("sigmoidGELU", "computes y = x·σ(slope·x + cubic·x³) for n > 0 elements; y may be x.", asm.Args("y ptr, x ptr, n int, slope float32, cubic float32"), "DI", "SI", "DX")
	f.keep(7)
	const slope, cubic = 5, 6
	f.op("VBROADCASTSS slope+24(FP), V%d", slope)
	f.op("VBROADCASTSS cubic+28(FP), V%d", cubic)
	t := [4]int{1, 2, 3, 4}
	f.op("SUBQ $%d, DX", f.lanes)
	f.op("JL remainder")
	f.Label("loop")
	f.op("VMOVUPS (SI), V0")
	f.sigmoidGELUOf(0, slope, cubic, t)
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
	f.sigmoidGELUOf(0, slope, cubic, t)
	f.storeTail(0, "(DI)")
	f.Label("done")
	f.end()
}
