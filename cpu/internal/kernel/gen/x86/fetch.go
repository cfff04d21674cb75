package x86

import "cradio/cpu/internal/kernel/gen/asm"

// fetch brings rows of n bytes, lds bytes apart, to the second-level cache. It
// reads nothing, and so cannot fault.
func (f *file) prefetch() {
	f.fetchBy("prefetch", "brings rows of n bytes, lds bytes apart, to the second-level cache.", "PREFETCHT1 (SI)(AX*1)")
}

// own is fetch for rows that are to be written. Go's assembler lacks PREFETCHW.
func (f *file) prefetchWrite() {
	f.fetchBy("prefetchWrite", "brings rows of n bytes, lds bytes apart, closer, to be written.", "LONG $0x060c0d0f // PREFETCHW (SI)(AX*1)")
}

func (f *file) fetchBy(name, doc, prefetch string) {
	f.begin(name, doc, asm.Args("src ptr, lds int, rows int, n int"), "SI", "DX", "CX", "BX")
	f.op("TESTQ CX, CX")
	f.op("JZ done")
	f.Label("row")
	f.op("XORQ AX, AX")
	f.Label("line")
	f.op("%s", prefetch)
	f.op("ADDQ $64, AX")
	f.op("CMPQ AX, BX")
	f.op("JLT line")
	f.op("ADDQ DX, SI")
	f.op("DECQ CX")
	f.op("JNZ row")
	f.Label("done")
	f.end()
}
