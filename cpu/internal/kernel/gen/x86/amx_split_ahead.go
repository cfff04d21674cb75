package x86

import "cradio/cpu/internal/kernel/gen/asm"

// Splitting what a later product reads, while tiles multiply: the tiles leave the vector units
// nothing else to do. What is to be split are items: each is two vectors of one place and two of
// another, 16 elements each, and becomes two vectors of words for each term. Items lie in memory, as
// kernel.SplitItem.

const (
	splitAhead = 6  // items a step
	itemSize   = 40 // bytes
)

// Registers of what splits ahead: those of addRows are below.
const aheadFirst, aheadTie, aheadMask = 16, 30, 31

// beginAhead loads the constants.
func (f *file) beginAhead() {
	f.op("MOVL $0x8000, R13")
	f.op("VPBROADCASTD R13, V%d", aheadTie)
	f.op("MOVL $0xffff0000, R13")
	f.op("VPBROADCASTD R13, V%d", aheadMask)
	f.op("MOVL $0xaaaaaaaa, R13")
	f.op("KMOVD R13, K3")
}

// splitItem splits the item at R14, and goes on to the next. The argument off has a place, and so have
// fetch, stride and dst, which follow one another.
func (f *file) splitItem(off, fetch int) {
	f.op("MOVQ (R14), R13")
	f.op("ADDQ off+%d(FP), R13", off)
	f.op("MOVQ 8(R14), DI")
	f.op("ADDQ off+%d(FP), DI", off)
	f.op("MOVQ 16(R14), AX")
	f.op("ADDQ dst+%d(FP), AX", fetch+16)
	for v := range 2 {
		x := aheadFirst + 4*v
		t := x + 2
		if v > 0 {
			f.op("ADDQ stride+%d(FP), R13", fetch+8)
			f.op("ADDQ stride+%d(FP), DI", fetch+8)
		}
		f.op("VMOVUPS (R13), V%d", x)
		f.op("VMOVUPS (DI), V%d", x+1)
		for p := range terms {
			for i := range 2 {
				if p == terms-1 {
					t = x
					continue
				}
				f.op("VPADDD V%d, V%d, V%d", aheadTie, x+i, t+i)
				f.op("VPANDD V%d, V%d, V%d", aheadMask, t+i, t+i)
				f.op("VSUBPS V%d, V%d, V%d", t+i, x+i, x+i)
			}
			f.op("VPSRLD $16, V%d, V%d", t, t)
			f.op("VMOVDQU16 V%d, K3, V%d", t+1, t)
			f.op("VMOVUPS V%d, %d(AX)", t, amxStep*p+64*v)
		}
	}
	for i := range 2 {
		f.op("MOVQ %d(R14), R13", 24+8*i)
		f.op("ADDQ fetch+%d(FP), R13", fetch)
		f.op("PREFETCHT1 (R13)")
		f.op("PREFETCHT1 64(R13)")
	}
	f.op("ADDQ $%d, R14", itemSize)
}

// splitItems splits items without multiplying.
func (f *file) splitItems() {
	f.begin("splitItems", "splits n > 0 items into three bfloat16: off and fetch are added to their addresses, stride is what is between two vectors.",
		asm.Args("items ptr, n int, off int, fetch int, stride int, dst ptr"), "R14", "CX")
	f.beginAhead()
	f.Label("item")
	f.splitItem(16, 24)
	f.op("DECQ CX")
	f.op("JNZ item")
	f.end()
}

// tileSplitAhead is tileSplit for whole blocks, with splitAhead items split in each step.
func (f *file) tileSplitAhead() {
	f.begin("tileSplitAhead", "computes c (+)= a·b for whole blocks of rows that are split into three bfloat16, and splits items.",
		append(amxArgs[:7:7], asm.Args("items ptr, shapes ptr, off int, partial ptr, fetch int, stride int, dst ptr")...), "", "R8", "DX", "", "", "", "", "R14", "AX")
	f.beginAhead()
	f.configure("AX")
	f.op("XORQ R9, R9")
	f.op("MOVQ $%d, R11", amxRow)
	f.Label("block")
	f.beginRows()
	f.splitBlock(2, func() {
		for range splitAhead {
			f.splitItem(72, 88)
		}
	})
	f.nextRows()
	f.op("DECQ blocks+48(FP)")
	f.op("JNZ block")
	f.drain("end")
	f.release()
	f.end()
}
