package arm64

import "cradio/cpu/internal/kernel/gen/asm"

// scanStep is how many elements of a row a step of scan takes: a cache line.
const scanStep = 64

// scanAhead is how far ahead of their use bytes are fetched to the second-level cache: the
// processor's own prefetching ends with each page of 4096 bytes.
const scanAhead = 8192

// scan is for a search: the products of many rows, which come from memory, and one query. Rows
// are read one after another, since memory is the limit, and it is fastest when it is read in
// order.
func (f *file) scan() {
	f.begin("scan", "computes the products of rows of n int8, ld bytes apart, and one row of int16. n is a multiple of 64.",
		asm.Args("sums ptr, codes ptr, query ptr, ld int, rows int, n int"), "R0", "R1", "R2", "R3", "R4", "R5")
	const codes, longer, query = 8, 16, 20 // 4 registers of codes, 2 of them longer, 8 of the query
	f.op("CBZ R4, done")
	f.Label("row")
	for r := range 8 {
		f.zero(r)
	}
	f.op("MOVD R1, R6")
	f.op("MOVD R2, R7")
	f.op("MOVD R5, R8")
	f.Label("loop")
	f.op("prfm pldl2keep, [x6, #%d]", scanAhead)
	for p := range 4 { // 16 elements each
		if p%2 == 0 {
			f.op("ldp q%d, q%d, [x6], #32", codes, codes+1)
		}
		f.op("ldp q%d, q%d, [x7], #32", query, query+1)
		f.op("sshll v%d.8h, v%d.8b, #0", longer, codes+p%2)
		f.op("sshll2 v%d.8h, v%d.16b, #0", longer+1, codes+p%2)
		for h := range 2 {
			f.op("smlal v%d.4s, v%d.4h, v%d.4h", p%2*4+2*h, longer+h, query+h)
			f.op("smlal2 v%d.4s, v%d.8h, v%d.8h", p%2*4+2*h+1, longer+h, query+h)
		}
	}
	f.op("SUBS $%d, R8, R8", scanStep)
	f.op("BGT loop")
	for n := 4; n > 0; n /= 2 {
		for r := range n {
			f.op("add v%d.4s, v%d.4s, v%d.4s", r, r, r+n)
		}
	}
	f.op("addv s0, v0.4s")
	f.op("str s0, [x0], #4")
	f.op("ADD R3, R1")
	f.op("SUBS $1, R4, R4")
	f.op("BNE row")
	f.Label("done")
	f.end()
}
