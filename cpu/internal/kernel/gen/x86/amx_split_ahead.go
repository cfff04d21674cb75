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
// fetch, stride, dst, term and next, which follow one another.
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
			f.op("ADDQ next+%d(FP), AX", fetch+32)
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
			f.op("VMOVUPS V%d, (AX)", t)
			if p < terms-1 {
				f.op("ADDQ term+%d(FP), AX", fetch+24)
			}
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

const itemDoc = "off and fetch are added to the addresses of items, stride is what is between two vectors, " +
	"term between the terms of one, next between the last term of the first and the first of the second."

// splitItems splits items without multiplying.
func (f *file) splitItems() {
	f.begin("splitItems", "splits n > 0 items into three bfloat16: "+itemDoc,
		asm.Args("items ptr, n int, off int, fetch int, stride int, dst ptr, term int, next int"), "R14", "CX")
	f.beginAhead()
	f.Label("item")
	f.splitItem(16, 24)
	f.op("DECQ CX")
	f.op("JNZ item")
	f.end()
}

// splitAheadArgs: so many blocks while items are split, so many without, and half of one if half is 1. aStep is what is
// between the rows of a block and those of the next, bStep what is between their panels.
var splitAheadArgs = append(amxArgs[:6:6], asm.Args("ahead int, plain int, half int, shapes ptr, partial ptr, "+
	"items ptr, off int, fetch int, stride int, dst ptr, term int, next int, aStep int, bStep int")...)

// tileSplitAhead is tileSplit for whole blocks, with splitAhead items split in each step.
func (f *file) tileSplitAhead() {
	f.splitAhead("tileSplitAhead", "multiplies blocks of rows with a panel, half a block has 16 rows; and splits items: ", splitShape{rows: 2, cols: 2}, splitShape{rows: 1, cols: 2})
}

// tileSplitAcross is tileSplitAhead for a block of rows that meets many panels.
func (f *file) tileSplitAcross() {
	f.splitAhead("tileSplitAcross", "multiplies a block of rows with panels, half a panel has 16 columns; and splits items: ",
		splitShape{rows: 2, cols: 2, keepA: true}, splitShape{rows: 2, cols: 1, keepA: true})
}

func (f *file) splitAhead(name, doc string, whole, half splitShape) {
	f.begin(name, doc+itemDoc, splitAheadArgs, "", "R8", "DX", "", "", "", "", "", "", "AX", "", "R14")
	f.configure("AX")
	f.beginAhead()
	f.op("XORQ R9, R9")
	f.op("MOVQ $%d, R11", amxRow)
	blocks := func(name, count string, s splitShape, other func()) {
		f.op("CMPQ %s, $0", count)
		f.op("JE after%s", name)
		f.Label("block" + name)
		f.beginRows()
		f.splitBlock(name, s, other)
		f.op("ADDQ aStep+144(FP), R8")
		f.op("MOVQ bStep+152(FP), R10")
		f.op("ADDQ R10, b+24(FP)")
		f.op("ADDQ $%d, c+32(FP)", amxBlock)
		f.op("DECQ %s", count)
		f.op("JNZ block%s", name)
		f.Label("after" + name)
	}
	blocks("Ahead", "ahead+48(FP)", whole, func() {
		for range splitAhead {
			f.splitItem(96, 104)
		}
	})
	blocks("Plain", "plain+56(FP)", whole, func() {})
	blocks("Half", "half+64(FP)", half, func() {})
	f.drain("end")
	f.release()
	f.end()
}
