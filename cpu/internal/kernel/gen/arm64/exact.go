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
		f.op("CBZ R0, done")
		f.op("MOVD ZR, R19")
		b, a := 4*exactRows, 4*exactRows+4
		f.Label("loop")
		f.op("FLDPQ (R3), (F%d, F%d)", b+1, b+3)
		f.op("ADD $%d, R3", 2*bytes)
		for v := 0; v < 4; v += 2 {
			f.op("fcvtl v%d.2d, v%d.2s", b+v, b+v+1)
			f.op("fcvtl2 v%d.2d, v%d.4s", b+v+1, b+v+1)
		}
		for r := range m {
			t := a + r%4
			f.op("ldr s%d, [x%d, x19]", t, rowAt(r))
			f.op("fcvt d%d, s%d", t, t)
			for v := range 4 {
				f.op("fmla v%d.2d, v%d.2d, v%d.d[0]", 4*r+v, b+v, t)
			}
		}
		f.op("ADD $4, R19")
		f.op("SUBS $1, R0, R0")
		f.op("BNE loop")
		f.Label("done")
		for r := range 4 * m {
			f.op("FMOVQ F%d, %d(R4)", r, r*bytes)
		}
		f.end()
	}
	f.Table("gemmExact", "ExactFunc", "gemmExact", 1, exactRows)
}
