package x86

import (
	"fmt"

	"cradio/cpu/internal/kernel/gen/asm"
)

// scanStep is how many elements of a row a step of scan takes: a cache line.
const scanStep = 64

// scanAhead is how many rows ahead of their use rows are fetched: the processor's own prefetching
// ends with each page of 4096 bytes.
const scanAhead = 8

// scan is for a search: the products of many rows, which come from memory, and one query.
func (f *file) scan() {
	const most = 4 // rows side by side
	rows := []string{"SI", "R9", "R10", "R11"}
	f.begin("scan", "computes the products of rows of n int8, ld bytes apart, and one row of int16. n is a multiple of 64.",
		asm.Args("sums ptr, codes ptr, query ptr, ld int, rows int, n int"), "DI", "SI", "BX", "DX", "CX", "R8")
	for _, m := range []int{most, 1} {
		f.Label(fmt.Sprintf("rows%d", m))
		f.op("CMPQ CX, $%d", m)
		f.op("JLT below%d", m)
		for r := 1; r < m; r++ {
			f.op("LEAQ (%s)(DX*1), %s", rows[r-1], rows[r])
		}
		for r := range m {
			f.zero(r)
		}
		f.op("XORQ AX, AX")
		f.op("LEAQ (DX*%d), R13", scanAhead)
		f.Label(fmt.Sprintf("loop%d", m))
		part := f.bytes() / 2 // elements of a register of int16
		for at := 0; at < scanStep; at += part {
			f.op("VMOVDQU%s %d(BX)(AX*2), V8", f.words(), 2*at)
			for r := range m {
				f.op("VPMOVSXBW %d(%s)(AX*1), V%d", at, rows[r], 4+r)
				f.op("VPMADDWD V8, V%d, V%d", 4+r, 4+r)
				f.op("VPADDD V%d, V%d, V%d", 4+r, r, r)
			}
		}
		for r := range m {
			f.op("PREFETCHT0 (%s)(R13*1)", rows[r])
		}
		f.op("ADDQ $%d, AX", scanStep)
		f.op("ADDQ $%d, R13", scanStep)
		f.op("CMPQ AX, R8")
		f.op("JLT loop%d", m)
		for r := range m {
			f.reduce("VPADDD", r, 8)
			f.op("VMOVD X%d, %d(DI)", r, 4*r)
		}
		f.op("ADDQ $%d, DI", 4*m)
		f.op("LEAQ (SI)(DX*%d), SI", m)
		f.op("SUBQ $%d, CX", m)
		f.op("JMP rows%d", m)
		f.Label(fmt.Sprintf("below%d", m))
	}
	f.end()
}

// words ends the name of a move of a whole register of integers.
func (f *file) words() string {
	if f.reg == 'Z' {
		return "32"
	}
	return ""
}
