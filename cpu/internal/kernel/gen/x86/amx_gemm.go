package x86

import (
	"fmt"

	"cradio/cpu/internal/kernel/gen/asm"
)

// A product by AMX tiles. A step is 64 bytes of A's rows: 32 bfloat16, or 64
// int8. A block is 32 rows of A by a panel of 32 columns of B: sums in tiles 0 to
// 3, A in 4 and 5, B in 6 and 7; a low block has at most 16 rows and half of
// that. Rows of a panel are 128 bytes: for each word of a step, of two bfloat16 or four
// int8, those of 32 columns side by side.
//
// What is read most is B, by each block again: it stays in the first-level cache,
// because A is loaded with the hint that it need not (TILELOADDT1); so is B from
// step amxKept on, where a slice is as large as the cache.

const (
	amxRow   = 128 // bytes between rows of a panel, and of a block's sums
	amxStep  = 16 * amxRow
	amxBlock = 32 * amxRow // sums of a block
	amxKept  = 17          // steps

	amxFetched  = 8  // lines of the panel to come, a step
	amxFetched3 = 24 // and of its three terms
)

// amxArgs are the arguments of a product: of k steps, by panels b, for blocks of
// rows of a, lda bytes apart; low if there is but one tile of rows in a block.
var amxArgs = asm.Args("k int, a ptr, lda int, b ptr, c ptr, add int, blocks int, low int, shapes ptr, next uintptr")

var amxRegs = []string{"", "R8", "DX", "", "", "", "", "", "AX", "R14"}

// tiles is the loop over blocks. step is how much of B a step reads, block writes
// what is done with one of so many tiles of rows, and end what is done after the
// last; lines are fetched ahead a step, from next on.
func (f *file) tiles(step, lines int, block func(rows int), end func()) {
	f.configure("AX")
	f.op("MOVQ $%d, R11", amxRow)
	f.op("MOVQ k+0(FP), AX")
	f.op("IMUL3Q $%d, AX, AX", step)
	f.op("ADDQ R14, AX")
	f.op("MOVQ AX, next+72(FP)") // where to stop
	f.op("MOVQ $%d, AX", 64*lines)
	f.Label("block")
	f.beginRows()
	f.op("CMPQ low+56(FP), $0")
	f.op("JNE low")
	block(2)
	f.nextRows()
	f.op("CMPQ R14, next+72(FP)")
	f.op("JLT fetching")
	f.op("XORQ AX, AX")
	f.Label("fetching")
	f.op("DECQ blocks+48(FP)")
	f.op("JNZ block")
	f.op("JMP done")
	f.Label("low")
	block(1)
	f.Label("done")
	end()
	f.release()
	f.end()
}

// beginRows has R10 and R12 begin at the rows of a block, and R15 at the panel.
func (f *file) beginRows() {
	f.op("MOVQ R8, R10")
	f.op("MOVQ DX, R12")
	f.op("SHLQ $4, R12")
	f.op("ADDQ R8, R12") // rows 16 and up
	f.op("MOVQ b+24(FP), R15")
}

// nextRows goes on to the next block.
func (f *file) nextRows() {
	f.op("MOVQ DX, R10")
	f.op("SHLQ $5, R10")
	f.op("ADDQ R10, R8")
	f.op("ADDQ $%d, c+32(FP)", amxBlock)
}

// fetchLines brings a step's share of what comes next to the second-level cache.
func (f *file) fetchLines(n int) {
	for i := range n {
		f.op("PREFETCHT1 %d(R14)", 64*i)
	}
	f.op("ADDQ AX, R14")
}

// sums calls do for each tile of sums of a block, and its place in memory.
func sums(rows int, do func(tile, disp int)) {
	for t := range 2 * rows {
		do(t, t/2*16*amxRow+t%2*64)
	}
}

// tileRows computes c (+)= a·b in tiles: products are summed in one chain.
func (f *file) tileRows(name, doc string, o amx) {
	f.begin(name, doc, amxArgs, amxRegs...)
	f.tiles(amxStep, amxFetched, func(rows int) {
		f.beginSums(rows)
		f.steps(o, rows, nil)
		f.op("MOVQ c+32(FP), DI")
		sums(rows, func(t, disp int) { f.move(tilestored, t, "DI", "R11", disp) })
	}, func() {})
}

// beginSums has tiles begin with zeros, or with what is in c.
func (f *file) beginSums(rows int) {
	f.op("CMPQ add+40(FP), $0")
	f.op("JNE add%d", rows)
	sums(rows, func(t, _ int) { f.clear(t) })
	f.op("JMP start%d", rows)
	f.Label(fmt.Sprintf("add%d", rows))
	f.op("MOVQ c+32(FP), CX")
	sums(rows, func(t, disp int) { f.move(tileloadd, t, "CX", "R11", disp) })
	f.Label(fmt.Sprintf("start%d", rows))
}

// steps are the steps of a block. Where there is something else to do, it is woven
// into as many of the first ones as R9 says.
func (f *file) steps(o amx, rows int, other func()) {
	fetch := func() { f.fetchLines(amxFetched) }
	f.op("MOVQ k+0(FP), CX")
	f.op("LEAQ -%d(CX), R10", amxKept)
	f.op("MOVQ R10, shapes+64(FP)") // the steps that are not kept
	f.op("MOVQ R8, R10")
	if other != nil {
		f.op("TESTQ R9, R9")
		f.op("JZ kept%d", rows)
		f.op("PCALIGN $32")
		f.Label(fmt.Sprintf("other%d", rows))
		f.Weave(func() { f.tileStep(o, tileloadd, rows) }, func() { other(); fetch() })
		f.op("DECQ R9")
		f.op("DECQ CX")
		f.op("JZ summed%d", rows)
		f.op("TESTQ R9, R9")
		f.op("JNZ other%d", rows)
	}
	f.op("PCALIGN $32")
	f.Label(fmt.Sprintf("kept%d", rows))
	f.op("CMPQ CX, shapes+64(FP)")
	f.op("JLE passing%d", rows)
	f.Weave(func() { f.tileStep(o, tileloadd, rows) }, fetch)
	f.op("DECQ CX")
	f.op("JNZ kept%d", rows)
	f.op("JMP summed%d", rows)
	f.op("PCALIGN $32")
	f.Label(fmt.Sprintf("passing%d", rows))
	f.Weave(func() { f.tileStep(o, tileloaddt1, rows) }, fetch)
	f.op("DECQ CX")
	f.op("JNZ passing%d", rows)
	f.Label(fmt.Sprintf("summed%d", rows))
}

// tileStep is a step of so many tiles of rows; b loads B.
func (f *file) tileStep(o, b amx, rows int) {
	f.move(tileloaddt1, 4, "R10", "DX", 0)
	f.move(b, 6, "R15", "R11", 0)
	f.multiply(o, 0, 4, 6)
	f.move(b, 7, "R15", "R11", 64)
	f.multiply(o, 1, 4, 7)
	if rows == 2 {
		f.move(tileloaddt1, 5, "R12", "DX", 0)
		f.multiply(o, 2, 5, 6)
		f.multiply(o, 3, 5, 7)
	}
	f.op("ADDQ $64, R10")
	f.op("ADDQ $64, R12")
	f.op("ADDQ $%d, R15", amxStep)
}
