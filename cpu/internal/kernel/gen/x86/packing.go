package x86

// A tile can pack a panel of B on the way: it reads rows where they lie, R10 bytes apart, and leaves them side by side at
// R9, for the tiles after it. So nothing waits for the packing, which takes an eighth of the time of a product of few rows.

const rowsAhead = 8 // that are brought to the first-level cache

// openPacking reads where to and how far apart. R11 is three times R10, and AX some rows ahead of BX.
func (f *file) openPacking() {
	f.op("MOVQ beside+56(FP), R11")
	f.op("MOVQ 0(R11), R9")
	f.op("MOVQ 8(R11), R10")
	f.op("LEAQ (R10)(R10*2), R11")
	f.op("LEAQ (BX)(R10*%d), AX", rowsAhead)
}

// loadAndPack loads register v of row u, and stores it.
func (f *file) loadAndPack(s *sum, u, v int) {
	at := []string{"", "(R10*1)", "(R10*2)", "(R11*1)"}[u]
	f.op("VMOVUPS %d(BX)%s, V%d", v*f.bytes(), at, 2*f.rows+v)
	f.op("PREFETCHT0 %d(AX)%s", v*f.bytes(), at)
	f.op("VMOVUPS V%d, %d(R9)", 2*f.rows+v, (u*s.w+v)*f.bytes())
}

// nextOfPanel moves B on by n rows.
func (f *file) nextOfPanel(s *sum, n int) {
	if !s.packs {
		f.op("ADDQ $%d, BX", n*s.w*f.bytes())
		return
	}
	f.op("ADDQ $%d, R9", n*s.w*f.bytes())
	f.op("LEAQ (BX)(R10*%d), BX", n)
	f.op("LEAQ (AX)(R10*%d), AX", n)
}
