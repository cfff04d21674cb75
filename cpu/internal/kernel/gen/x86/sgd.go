package x86

import "cradio/cpu/internal/kernel/gen/asm"

// sgd are steps of gradient descent: without momentum, with it, and by Nesterov. See
// kernel.SGDStep for the numbers at k, which stay in registers.
func (f *file) sgd() {
	for i, name := range []string{"sgd", "sgdMomentum", "sgdNesterov"} {
		f.sgdBy(name, i > 0, i > 1)
	}
}

func (f *file) sgdBy(name string, momentum, nesterov bool) {
	f.begin(name, "makes a step on n > 0 elements of a weight w and its momentum b, with its gradient and the numbers at k.",
		asm.Args("w ptr, b ptr, grad ptr, n int, k ptr"), "DI", "SI", "R9", "R11", "AX")
	const w, b, d = 0, 1, 2
	const rate, clip, decay, factor = 6, 7, 8, 9
	for i, r := range []int{rate, clip, decay, factor} {
		f.op("VBROADCASTSS %d(AX), V%d", 4*i, r)
	}
	step := func() {
		f.op("VMULPS V%d, V%d, V%d", clip, d, d)
		f.op("VFMADD231PS V%d, V%d, V%d", decay, w, d)
		if momentum {
			f.op("VMULPS V%d, V%d, V%d", factor, b, b)
			f.op("VADDPS V%d, V%d, V%d", d, b, b)
		}
		switch {
		case nesterov:
			f.op("VFMADD231PS V%d, V%d, V%d", factor, b, d)
			f.op("VFMADD231PS V%d, V%d, V%d", rate, d, w)
		case momentum:
			f.op("VFMADD231PS V%d, V%d, V%d", rate, b, w)
		default:
			f.op("VFMADD231PS V%d, V%d, V%d", rate, d, w)
		}
	}
	rows := []operandRow{{"(R9)(R10*4)", d}, {"(DI)(R10*4)", w}, {"(SI)(R10*4)", b}}
	if !momentum {
		rows = rows[:2]
	}
	f.inPlace(rows, rows[1:], step)
}

// operandRow is where the elements of a row lie, by R10, and the register for them.
type operandRow struct {
	at  string
	reg int
}

// inPlace loads rows of R11 > 0 elements, register by register, makes a step and stores what it
// writes; and ends the kernel.
func (f *file) inPlace(loads, stores []operandRow, step func()) {
	f.op("XORQ R10, R10")
	f.op("SUBQ $%d, R11", f.lanes)
	f.op("JL tail")
	f.Label("loop")
	for _, r := range loads {
		f.op("VMOVUPS %s, V%d", r.at, r.reg)
	}
	step()
	for _, r := range stores {
		f.op("VMOVUPS V%d, %s", r.reg, r.at)
	}
	f.op("ADDQ $%d, R10", f.lanes)
	f.op("SUBQ $%d, R11", f.lanes)
	f.op("JGE loop")
	f.Label("tail")
	f.op("ADDQ $%d, R11", f.lanes)
	f.op("JZ done")
	f.setTail("R11", "AX")
	for _, r := range loads {
		f.loadTail(r.at, r.reg)
	}
	step()
	for _, r := range stores {
		f.storeTail(r.reg, r.at)
	}
	f.Label("done")
	f.end()
}

// squares adds up squares in float64.
func (f *file) squares() {
	f.begin("squares", "adds up the squares of n elements, a multiple of 32, in float64: in as many sums as a register has.",
		asm.Args("sums ptr, x ptr, n int"), "DI", "SI", "R11")
	for r := range 4 {
		f.zero(r)
	}
	f.op("TESTQ R11, R11")
	f.op("JZ done")
	f.Label("loop")
	for r := range 4 {
		f.op("VCVTPS2PD %d(SI), V4", 2*f.lanes*r)
		f.op("VFMADD231PD V4, V4, V%d", r)
	}
	f.op("ADDQ $%d, SI", 8*f.lanes)
	f.op("SUBQ $%d, R11", 2*f.lanes)
	f.op("JG loop")
	f.Label("done")
	f.op("VADDPD V1, V0, V0")
	f.op("VADDPD V3, V2, V2")
	f.op("VADDPD V2, V0, V0")
	f.op("VMOVUPD V0, (DI)")
	f.end()
}
