package x86

import "cradio/cpu/internal/kernel/gen/asm"

// scanStep is how many elements of a row a step of scan takes: a cache line.
const scanStep = 64

// scanAhead is how far ahead of their use bytes are fetched: the processor's own prefetching ends with
// each page of 4096 bytes. They go to the second-level cache, which takes more of them at a time.
const scanAhead = 8192

// scan is for a search: the products of many rows, which come from memory, and one query. Rows are read
// one after another, since memory is the limit, and it is fastest when it is read in order.
func (f *file) scan() {
	f.begin("scan", "computes the products of rows of n int8, ld bytes apart, and one row of int16. n is a multiple of 64.",
		asm.Args("sums ptr, codes ptr, query ptr, ld int, rows int, n int"), "DI", "SI", "BX", "DX", "CX", "R8")
	part := f.bytes() / 2 // elements of a register of int16
	parts := scanStep / part
	f.op("TESTQ CX, CX")
	f.op("JZ done")
	f.Label("row")
	for p := range parts {
		f.zero(p)
	}
	f.op("XORQ AX, AX")
	f.op("PCALIGN $32")
	f.Label("loop")
	for p := range parts {
		f.op("VPMOVSXBW %d(SI)(AX*1), V%d", p*part, parts+p)
		f.op("VPMADDWD %d(BX)(AX*2), V%d, V%d", 2*p*part, parts+p, parts+p)
		f.op("VPADDD V%d, V%d, V%d", parts+p, p, p)
	}
	f.op("PREFETCHT1 %d(SI)(AX*1)", scanAhead)
	f.op("ADDQ $%d, AX", scanStep)
	f.op("CMPQ AX, R8")
	f.op("JLT loop")
	for n := parts / 2; n > 0; n /= 2 {
		for p := range n {
			f.op("VPADDD V%d, V%d, V%d", p+n, p, p)
		}
	}
	f.reduce("VPADDD", 0, 8)
	f.op("VMOVD X0, (DI)")
	f.op("ADDQ $4, DI")
	f.op("ADDQ DX, SI")
	f.op("DECQ CX")
	f.op("JNZ row")
	f.Label("done")
	f.end()
}
