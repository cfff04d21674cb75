package arm64

import "cradio/cpu/internal/kernel/gen/asm"

// adamW is a step of Adam: see kernel.AdamWStep for the numbers at k, which stay in registers.
func (f *file) adamW() {
	f.begin("adamW", "makes a step of Adam on n > 0 elements: of a weight w and its moments m and v, with its gradient and the numbers at k.",
		asm.Args("w ptr, m ptr, v ptr, grad ptr, n int, k ptr"), "R0", "R1", "R2", "R3", "R4", "R5")
	const w, m, v, d, t, u, root, eps = 0, 1, 2, 3, 4, 5, 6, 7
	const rest1, beta2, rest2, rate = "v16.s[0]", "v16.s[1]", "v16.s[2]", "v16.s[3]"
	const keep, decay, clip = "v17.s[2]", "v17.s[3]", "v18.s[0]"
	f.op("ldr q16, [x5]")
	f.op("ldr q17, [x5, #16]")
	f.op("ldr s18, [x5, #32]")
	f.op("dup v%d.4s, v17.s[0]", root)
	f.op("dup v%d.4s, v17.s[1]", eps)
	rows := []operandRow{{"R0", "R6", w}, {"R1", "R7", m}, {"R2", "R8", v}, {"R3", "", d}}
	f.inPlace(rows, "R4", func() {
		f.op("fmul v%d.4s, v%d.4s, %s", d, d, clip)
		f.op("fmla v%d.4s, v%d.4s, %s", d, w, decay)
		f.op("fsub v%d.4s, v%d.4s, v%d.4s", t, d, m)
		f.op("fmla v%d.4s, v%d.4s, %s", m, t, rest1)
		f.op("fmul v%d.4s, v%d.4s, %s", t, d, rest2)
		f.op("fmul v%d.4s, v%d.4s, %s", v, v, beta2)
		f.op("fmla v%d.4s, v%d.4s, v%d.4s", v, t, d)
		f.op("fsqrt v%d.4s, v%d.4s", u, v)
		f.op("fdiv v%d.4s, v%d.4s, v%d.4s", u, u, root)
		f.op("fadd v%d.4s, v%d.4s, v%d.4s", u, u, eps)
		f.op("fmul v%d.4s, v%d.4s, %s", t, m, rate)
		f.op("fdiv v%d.4s, v%d.4s, v%d.4s", t, t, u)
		f.op("fmul v%d.4s, v%d.4s, %s", w, w, keep)
		f.op("fadd v%d.4s, v%d.4s, v%d.4s", w, w, t)
	})
}

// sgd are steps of gradient descent: without momentum, with it, and by Nesterov. See
// kernel.SGDStep for the numbers at k, which stay in registers.
func (f *file) sgd() {
	for i, name := range []string{"sgd", "sgdMomentum", "sgdNesterov"} {
		f.sgdBy(name, i > 0, i > 1)
	}
}

func (f *file) sgdBy(name string, momentum, nesterov bool) {
	f.begin(name, "makes a step on n > 0 elements of a weight w and its momentum b, with its gradient and the numbers at k.",
		asm.Args("w ptr, b ptr, grad ptr, n int, k ptr"), "R0", "R1", "R2", "R4", "R5")
	const w, b, d = 0, 1, 2
	const rate, clip, decay, factor = "v16.s[0]", "v16.s[1]", "v16.s[2]", "v16.s[3]"
	f.op("ldr q16, [x5]")
	rows := []operandRow{{"R2", "", d}, {"R0", "R6", w}, {"R1", "R7", b}}
	if !momentum {
		rows = rows[:2]
	}
	f.inPlace(rows, "R4", func() {
		f.op("fmul v%d.4s, v%d.4s, %s", d, d, clip)
		f.op("fmla v%d.4s, v%d.4s, %s", d, w, decay)
		if momentum {
			f.op("fmul v%d.4s, v%d.4s, %s", b, b, factor)
			f.op("fadd v%d.4s, v%d.4s, v%d.4s", b, b, d)
		}
		switch {
		case nesterov:
			f.op("fmla v%d.4s, v%d.4s, %s", d, b, factor)
			f.op("fmla v%d.4s, v%d.4s, %s", w, d, rate)
		case momentum:
			f.op("fmla v%d.4s, v%d.4s, %s", w, b, rate)
		default:
			f.op("fmla v%d.4s, v%d.4s, %s", w, d, rate)
		}
	})
}

// operandRow is a row of elements by general registers, one to read by and another to write
// by ("" for a row that is only read), and the register for its elements.
type operandRow struct {
	from, to string
	reg      int
}

// inPlace loads rows of n > 0 elements, register by register, makes a step and stores what it
// writes; and ends the kernel.
func (f *file) inPlace(rows []operandRow, n string, step func()) {
	for _, r := range rows {
		if r.to != "" {
			f.op("MOVD %s, %s", r.from, r.to)
		}
	}
	f.unrolled(n, 2, func(_ int, full bool) {
		for _, r := range rows {
			f.in(full, r.from, n, r.reg)
		}
		step()
		for _, r := range rows {
			if r.to != "" {
				f.out(full, r.reg, r.to, n)
			}
		}
	})
	f.end()
}

// squares adds up squares in float64.
func (f *file) squares() {
	f.begin("squares", "adds up the squares of n elements, a multiple of 32, in float64: in as many sums as a register has.",
		asm.Args("sums ptr, x ptr, n int"), "R0", "R1", "R2")
	const x, y = 8, 9
	f.zeros(0, 8)
	f.op("CBZ R2, done")
	f.Label("loop")
	for r := range 4 {
		f.op("FMOVQ %s, F%d", at(r*bytes, "R1"), x)
		f.op("fcvtl v%d.2d, v%d.2s", y, x)
		f.op("fcvtl2 v%d.2d, v%d.4s", x, x)
		f.op("fmla v%d.2d, v%d.2d, v%d.2d", 2*r, y, y)
		f.op("fmla v%d.2d, v%d.2d, v%d.2d", 2*r+1, x, x)
	}
	f.op("ADD $%d, R1", 4*bytes)
	f.op("SUBS $%d, R2, R2", 4*lanes)
	f.op("BGT loop")
	f.Label("done")
	for n := 4; n > 0; n /= 2 {
		for r := range n {
			f.op("fadd v%d.2d, v%d.2d, v%d.2d", r, r, r+n)
		}
	}
	f.op("FMOVQ F0, (R0)")
	f.end()
}
