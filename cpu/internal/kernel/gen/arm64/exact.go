package arm64

import (
	"fmt"

	"cradio/cpu/internal/kernel/gen/asm"
)

// exactRows is the height of a tile of float64, of 4 registers a row.
const exactRows = 6

// exactAt is the first of the registers for operands: four of A or of B, then four more.
const exactAt = 4 * exactRows

// gemmExact computes a tile in float64: float32 products are exact there, so that only
// their sum is rounded, in the order of k, as on the plain level. The tile is stored, or
// begins with what is there.
func (f *file) gemmExact() {
	f.exactTiles("gemmExact", "", 4, f.exactSteps)
}

// gemmExactWide is gemmExact for operands that are float64 already.
func (f *file) gemmExactWide() {
	f.exactTiles("gemmExactWide", " of float64", 8, f.wideSteps)
}

// exactTiles writes kernels of each height by what multiplies the next one or two k. A has
// elements of so many bytes.
func (f *file) exactTiles(name, of string, size int, steps func(m, n int)) {
	for m := 1; m <= exactRows; m++ {
		doc := ""
		if m == 1 {
			doc = "computes c (+)= a·b" + of + " in float64 for a tile of one row; the functions after it, for more rows."
		}
		f.begin(fmt.Sprintf("%s%d", name, m), doc, asm.Args("k int, a ptr, lda int, b ptr, c ptr, add int"), "R0", "R1", "R2", "R3", "R4", "R5")
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
		steps(m, 2)
		f.op("ADD $%d, R3", 2*8*size)
		f.op("ADD $%d, R19", 2*size)
		f.op("SUBS $2, R0, R0")
		f.op("BGE loop")
		f.Label("remainder")
		f.op("TBZ $0, R0, done")
		steps(m, 1)
		f.Label("done")
		for r := range 4 * m {
			f.op("FMOVQ F%d, %d(R4)", r, r*bytes)
		}
		f.end()
	}
	f.Table(name, "ExactFunc", name, 1, exactRows)
}

// exactSteps multiplies the next one or two k. Two elements of a row of A become float64 at
// once; and so do four of B, just before they are multiplied. Conversions take the pipes that
// multiply: where several tiles read an operand, wideSteps are faster.
func (f *file) exactSteps(m, n int) {
	const a, b = exactAt, exactAt + exactRows
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
}

// wideSteps is exactSteps without conversions.
func (f *file) wideSteps(m, n int) {
	const a, b = exactAt, exactAt + 4
	for u := range n {
		f.op("FLDPQ %d(R3), (F%d, F%d)", 4*u*bytes, b, b+1)
		f.op("FLDPQ %d(R3), (F%d, F%d)", (4*u+2)*bytes, b+2, b+3)
		if u == 1 {
			f.op("ADD $8, R19, R20")
		}
		for r := range m {
			t := a + r%4
			f.op("ldr d%d, [x%d, x%d]", t, rowAt(r), 19+u)
			for v := range 4 {
				f.op("fmla v%d.2d, v%d.2d, v%d.d[0]", 4*r+v, b+v, t)
			}
		}
	}
}

// toFloat64 makes float64 of float32.
func (f *file) toFloat64() {
	f.begin("toFloat64", "makes float64 of n > 0 float32: some more, up to a multiple of four.", asm.Args("dst ptr, src ptr, n int"), "R0", "R1", "R2")
	f.unrolled("R2", 4, func(_ int, full bool) {
		f.in(full, "R1", "R2", 0)
		f.op("fcvtl v1.2d, v0.2s")
		f.op("fcvtl2 v2.2d, v0.4s")
		f.op("stp q1, q2, [x0], #%d", 2*bytes)
	})
	f.end()
}
