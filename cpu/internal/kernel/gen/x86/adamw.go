package x86

import "cradio/cpu/internal/kernel/gen/asm"

// adamW is a step of Adam: see kernel.AdamWStep for the numbers at k, which stay in registers.
func (f *file) adamW() {
	f.begin("adamW", "makes a step of Adam on n > 0 elements: of a weight w and its moments m and v, with its gradient and the numbers at k.",
		asm.Args("w ptr, m ptr, v ptr, grad ptr, n int, k ptr"), "DI", "SI", "R8", "R9", "R11", "AX")
	const w, m, v, d, t, u = 0, 1, 2, 3, 4, 5
	const rest1, beta2, rest2, rate, root, eps, keep, decay, clip = 6, 7, 8, 9, 10, 11, 12, 13, 14
	for i, r := range []int{rest1, beta2, rest2, rate, root, eps, keep, decay, clip} {
		f.op("VBROADCASTSS %d(AX), V%d", 4*i, r)
	}
	step := func() {
		f.op("VMULPS V%d, V%d, V%d", clip, d, d)
		f.op("VFMADD231PS V%d, V%d, V%d", decay, w, d)
		f.op("VSUBPS V%d, V%d, V%d", m, d, t)
		f.op("VFMADD231PS V%d, V%d, V%d", rest1, t, m)
		f.op("VMULPS V%d, V%d, V%d", rest2, d, t)
		f.op("VMULPS V%d, V%d, V%d", beta2, v, v)
		f.op("VFMADD231PS V%d, V%d, V%d", d, t, v)
		f.op("VSQRTPS V%d, V%d", v, u)
		f.op("VDIVPS V%d, V%d, V%d", root, u, u)
		f.op("VADDPS V%d, V%d, V%d", eps, u, u)
		f.op("VMULPS V%d, V%d, V%d", rate, m, t)
		f.op("VDIVPS V%d, V%d, V%d", u, t, t)
		f.op("VMULPS V%d, V%d, V%d", keep, w, w)
		f.op("VADDPS V%d, V%d, V%d", t, w, w)
	}
	rows := []operandRow{{"(DI)(R10*4)", w}, {"(SI)(R10*4)", m}, {"(R8)(R10*4)", v}, {"(R9)(R10*4)", d}}
	f.inPlace(rows, rows[:3], step)
}
