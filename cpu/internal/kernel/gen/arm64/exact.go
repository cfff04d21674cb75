package arm64

import (
	"fmt"

	"cradio/cpu/internal/kernel/gen/asm"
)

// exactRows is the height of a tile of float64, of 4 registers a row.
const exactRows = 6

// gemmExact computes a tile in float64: float32 products are exact there, so that only
// their sum is rounded, in the order of k, as on the plain level. The tile is stored, or
// begins with what is there.
func (f *file) gemmExact() {
	for m := 1; m <= exactRows; m++ {
		doc := ""
		if m == 1 {
			doc = "computes c (+)= a·b in float64 for a tile of one row; the functions after it, for more rows."
		}
		f.begin(fmt.Sprintf("gemmExact%d", m), doc, asm.Args("k int, a ptr, lda int, b ptr, c ptr, add int"), "R0", "R1", "R2", "R3", "R4", "R5")
		f.tileRows(m)
		for r := range 4 * m {
			f.zero(r)
		}
		f.op("CBZ R5, start")
		for r := range 4 * m {
			f.op("FMOVQ %d(R4), F%d", r*bytes, r)
		}
		f.Label("start")
		f.op("MOVD ZR, R19")
		f.op("SUBS $2, R0, R0")
		f.op("BLT remainder")
		f.op("PCALIGN $16")
		f.Label("loop")
		f.exactSteps(m, 2)
		f.op("SUBS $2, R0, R0")
		f.op("BGE loop")
		f.Label("remainder")
		f.op("TBZ $0, R0, done")
		f.exactSteps(m, 1)
		f.Label("done")
		for r := range 4 * m {
			f.op("FMOVQ F%d, %d(R4)", r, r*bytes)
		}
		f.end()
	}
	f.Table("gemmExact", "ExactFunc", "gemmExact", 1, exactRows)
}

// exactSteps multiplies the next one or two k. Two elements of a row of A become float64 at
// once; and so do four of B, just before they are multiplied. Conversions take the pipes that
// multiply. They could be made once for several tiles, but most such products have one row, or
// are small.
func (f *file) exactSteps(m, n int) {
	const a, b = 4 * exactRows, 5 * exactRows
	for i := range 2 * n { // half a row of B
		f.op("FMOVQ %d(R3), F%d", i*bytes, b+1)
		f.op("fcvtl v%d.2d, v%d.2s", b, b+1)
		f.op("fcvtl2 v%d.2d, v%d.4s", b+1, b+1)
		for r := range m {
			if i == 0 {
				f.op("ldr %s%d, [x%d, x19]", [...]string{1: "s", "d"}[n], a+r, rowAt(r))
				f.op("fcvtl v%d.2d, v%d.2s", a+r, a+r)
			}
			for v := range 2 {
				f.op("fmla v%d.2d, v%d.2d, v%d.d[%d]", 4*r+i%2*2+v, b+v, a+r, i/2)
			}
		}
	}
	f.op("ADD $%d, R3", 2*n*bytes)
	f.op("ADD $%d, R19", 4*n)
}
