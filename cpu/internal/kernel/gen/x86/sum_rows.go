package x86

import (
	"fmt"

	"cradio/cpu/internal/kernel/gen/asm"
)

// Sums of columns over rows that lie DX bytes apart. A column is one chain of additions:
// callers give a few rows at a time, and add up the results with more digits.

const (
	sumColumns = 8 // registers at a time
	sumAhead   = 3 // logarithm of the rows that are fetched ahead
)

// sumRows writes the kernels: the sums of a, of a·b, and of b·(a normalised).
func (f *file) sumRows() {
	a, b := sumColumns, sumColumns+1
	f.sumRowsOf("sumRows", "computes the sums over rows of n > 0 elements.", "y ptr, a ptr, ld int, rows int, n int", false, nil, func(v int, tail bool) {
		if tail {
			f.sumLoad("R12", v, a, true)
			f.op("VADDPS V%d, V%d, V%d", a, v, v)
			return
		}
		f.op("VADDPS %d(R12), V%d, V%d", v*f.bytes(), v, v)
	})
	f.sumRowsOf("sumRowsMul", "computes the sums over rows of a·b of n > 0 elements.", "y ptr, a ptr, b ptr, ld int, rows int, n int", true, nil, func(v int, tail bool) {
		f.sumLoad("R12", v, a, tail)
		f.sumLoad("R13", v, b, tail)
		f.op("VFMADD231PS V%d, V%d, V%d", b, a, v)
	})
	const mean, fix, inv = 12, 13, 14
	row := func() { // stats has three numbers a row
		for i, r := range []int{mean, fix, inv} {
			f.op("VBROADCASTSS %d(BX), V%d", 4*i, r)
		}
		f.op("ADDQ $12, BX")
	}
	f.sumRowsOf("sumRowsNormed", "computes the sums over rows of b·(a - mean)·inv of n > 0 elements, by the rows' stats.", "y ptr, a ptr, b ptr, ld int, rows int, n int, stats ptr", true, row, func(v int, tail bool) {
		f.sumLoad("R12", v, a, tail)
		f.sumLoad("R13", v, b, tail)
		f.op("VSUBPS V%d, V%d, V%d", mean, a, a)
		f.op("VSUBPS V%d, V%d, V%d", fix, a, a)
		f.op("VMULPS V%d, V%d, V%d", inv, b, b)
		f.op("VFMADD231PS V%d, V%d, V%d", b, a, v)
	})
}

func (f *file) sumLoad(base string, v, r int, tail bool) {
	if tail {
		f.loadTail("("+base+")", r)
		return
	}
	f.op("VMOVUPS %d(%s), V%d", v*f.bytes(), base, r)
}

// sumRowsOf is one of them: row begins each row, add adds column v of registers.
func (f *file) sumRowsOf(name, doc, args string, two bool, row func(), add func(v int, tail bool)) {
	regs := []string{"DI", "SI", "R8", "DX", "R9", "R10"}
	if !two {
		regs = []string{"DI", "SI", "DX", "R9", "R10"}
	}
	f.begin(name, doc, asm.Args(args), regs...)
	f.op("MOVQ DX, R11")
	f.op("SHLQ $%d, R11", sumAhead)
	group := func(place string, n int, tail bool) {
		for v := range n {
			f.zero(v)
		}
		f.op("MOVQ SI, R12")
		if two {
			f.op("MOVQ R8, R13")
		}
		if row != nil {
			f.op("MOVQ stats+48(FP), BX")
		}
		f.op("MOVQ R9, CX")
		f.Label("row" + place)
		if row != nil {
			row()
		}
		for v := range n {
			add(v, tail)
			if at := v * f.bytes(); at%64 == 0 {
				f.op("PREFETCHT0 %d(R12)(R11*1)", at)
				if two {
					f.op("PREFETCHT0 %d(R13)(R11*1)", at)
				}
			}
		}
		f.op("ADDQ DX, R12")
		if two {
			f.op("ADDQ DX, R13")
		}
		f.op("DECQ CX")
		f.op("JNZ row%s", place)
		for v := range n {
			if tail {
				f.storeTail(v, "(DI)")
				continue
			}
			f.op("VMOVUPS V%d, %d(DI)", v, v*f.bytes())
		}
		if tail {
			return
		}
		for _, r := range []string{"SI", "R8", "DI"} {
			if r != "R8" || two {
				f.op("ADDQ $%d, %s", n*f.bytes(), r)
			}
		}
		f.op("SUBQ $%d, R10", n*f.lanes)
	}
	for _, n := range []int{sumColumns, 1} {
		place := fmt.Sprint(n)
		f.Label("columns" + place)
		f.op("CMPQ R10, $%d", n*f.lanes)
		f.op("JL fewer%s", place)
		group(place, n, false)
		f.op("JMP columns%s", place)
		f.Label("fewer" + place)
	}
	f.op("TESTQ R10, R10")
	f.op("JZ done")
	f.setTail("R10", "AX")
	group("tail", 1, true)
	f.Label("done")
	f.end()
}
