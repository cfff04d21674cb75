package arm64

import "cradio/cpu/internal/kernel/gen/asm"

// prefetch brings rows of n bytes, lds bytes apart, to the second-level cache. It reads
// nothing, and so cannot fault.
func (f *file) prefetch() {
	f.fetchBy("prefetch", "brings rows of n bytes, lds bytes apart, to the second-level cache.", "PLDL2KEEP")
}

// prefetchWrite is prefetch for rows that are to be written.
func (f *file) prefetchWrite() {
	f.fetchBy("prefetchWrite", "brings rows of n bytes, lds bytes apart, closer, to be written.", "PSTL1KEEP")
}

func (f *file) fetchBy(name, doc, how string) {
	f.begin(name, doc, asm.Args("src ptr, lds int, rows int, n int"), "R0", "R1", "R2", "R3")
	f.op("CBZ R2, done")
	f.Label("row")
	f.op("MOVD R0, R4")
	f.op("ADD R3, R0, R5")
	f.Label("line")
	f.op("PRFM (R4), %s", how)
	f.op("ADD $64, R4")
	f.op("CMP R5, R4")
	f.op("BLT line")
	f.op("ADD R1, R0")
	f.op("SUBS $1, R2, R2")
	f.op("BNE row")
	f.Label("done")
	f.end()
}
