package arm64

import (
	"cradio/cpu/internal/kernel/gen/asm"
)

// Sums of columns over rows that lie R3 bytes apart. A column is one chain of additions:
// callers give a few rows at a time, and add up the results with more digits.

const sumColumns = 8 // registers at a time

// sumRows writes the kernels: the sums of a, of a·b, and of b·(a normalised).
func (f *file) sumRows() {
	const a, b = sumColumns, sumColumns + 1
	f.sumRowsOf("sumRows", "computes the sums over rows of n > 0 elements.", "y ptr, a ptr, ld int, rows int, n int", []string{"R0", "R1", "R3", "R4", "R5"}, nil, func(v int) {
		f.op("fadd v%d.4s, v%d.4s, v%d.4s", v, v, a)
	})
	two := []string{"R0", "R1", "R2", "R3", "R4", "R5", "R6"}
	f.sumRowsOf("sumRowsMul", "computes the sums over rows of a·b of n > 0 elements.", "y ptr, a ptr, b ptr, ld int, rows int, n int", two[:6], nil, func(v int) {
		f.op("fmla v%d.4s, v%d.4s, v%d.4s", v, a, b)
	})
	const mean, fix, inv = 12, 13, 14
	row := func() { // stats has three numbers a row
		for i, r := range []int{mean, fix, inv} {
			f.op("ldr s%d, [x9, #%d]", r, 4*i)
		}
		f.op("ADD $12, R9")
		f.op("dup v%d.4s, v%d.s[0]", mean, mean)
		f.op("dup v%d.4s, v%d.s[0]", fix, fix)
	}
	f.sumRowsOf("sumRowsNormed", "computes the sums over rows of b·(a - mean)·inv of n > 0 elements, by the rows' stats.", "y ptr, a ptr, b ptr, ld int, rows int, n int, stats ptr", two, row, func(v int) {
		f.op("fsub v%d.4s, v%d.4s, v%d.4s", a, a, mean)
		f.op("fsub v%d.4s, v%d.4s, v%d.4s", a, a, fix)
		f.op("fmul v%d.4s, v%d.4s, v%d.s[0]", b, b, inv)
		f.op("fmla v%d.4s, v%d.4s, v%d.4s", v, a, b)
	})
}

// sumRowsOf is one of them: row begins each row, add adds to column v of registers.
func (f *file) sumRowsOf(name, doc, args string, regs []string, row func(), add func(v int)) {
	f.begin(name, doc, asm.Args(args), regs...)
	two := len(regs) > 5
	group := func(n int, full bool) {
		f.zeros(0, n)
		f.op("MOVD R1, R7")
		if two {
			f.op("MOVD R2, R8")
		}
		if row != nil {
			f.op("MOVD R6, R9")
		}
		f.op("MOVD R4, R10")
		next := f.label("row")
		f.Label(next)
		if row != nil {
			row()
		}
		for v := range n {
			f.sumLoad("R7", v, sumColumns, full)
			if two {
				f.sumLoad("R8", v, sumColumns+1, full)
			}
			add(v)
		}
		f.op("ADD R3, R7")
		if two {
			f.op("ADD R3, R8")
		}
		f.op("SUBS $1, R10, R10")
		f.op("BNE %s", next)
		for v := range n {
			f.out(full, v, "R0", "R5")
		}
		if !full {
			return
		}
		f.op("ADD $%d, R1", n*bytes)
		if two {
			f.op("ADD $%d, R2", n*bytes)
		}
		f.op("SUB $%d, R5", n*lanes)
	}
	for _, n := range []int{sumColumns, 1} {
		columns, fewer := f.label("columns"), f.label("fewer")
		f.Label(columns)
		f.op("CMP $%d, R5", n*lanes)
		f.op("BLT %s", fewer)
		group(n, true)
		f.op("B %s", columns)
		f.Label(fewer)
	}
	f.op("CBZ R5, finished")
	group(1, false)
	f.Label("finished")
	f.end()
}

// sumLoad loads column v of registers at a general register.
func (f *file) sumLoad(base string, v, r int, full bool) {
	if full {
		f.op("FMOVQ %d(%s), F%d", v*bytes, base, r)
		return
	}
	f.loadTail(base, "R5", r)
}
