package arm64

import (
	"fmt"

	"cradio/cpu/internal/kernel/gen/asm"
)

// BFMMLA and USMMLA multiply two rows of A with two columns of B: of four bfloat16 each, or
// eight int8, which is two words. So a panel of B has for every two k each column's two words
// side by side, and k is even. Two rows of A are joined as they are loaded. A register of
// sums is two rows by two columns; the last row of an odd number is its own neighbour.

const mmlaPairs = 4 // registers of a row of B

// gemmRowsByPairs is gemmRows by these instructions.
func (f *file) gemmRowsByPairs() {
	const name = "gemmRows"
	for m := 1; m <= f.rows; m++ {
		doc := ""
		if m == 1 {
			doc = "computes c (+)= a·b for a tile of one row, k being even; the functions after it, for more rows."
		}
		f.begin(fmt.Sprintf("%s%d", name, m), doc, asm.Args("k int, a ptr, lda int, b ptr, c ptr, add int, partial ptr, top ptr, next uintptr"), "R0", "R1", "R2", "R3", "R4", "R5", "", "", "R6")
		f.tileRows(m)
		f.op("MOVD ZR, R19")
		pairs := (m + 1) / 2
		for r := range mmlaPairs * pairs {
			f.zero(r)
		}
		f.op("SUBS $%d, R0, R0", 2*unrolled)
		f.op("BLT remainder")
		f.op("PCALIGN $16")
		f.Label("loop")
		for u := range unrolled {
			f.stepByPairs(m, u)
		}
		f.advanceByPairs(unrolled)
		f.op("SUBS $%d, R0, R0", 2*unrolled)
		f.op("BGE loop")
		f.Label("remainder")
		f.op("TBZ $1, R0, done")
		f.stepByPairs(m, 0)
		f.Label("done")
		f.op("CBNZ R5, add")
		f.storePairs(m, false)
		f.op("RET")
		f.Label("add")
		f.storePairs(m, true)
		f.end()
	}
	f.Table(name, "RowsFunc", name, 1, f.rows)
}

// stepByPairs multiplies two k, 2·u further: A at R19 and, of an odd step, R20.
func (f *file) stepByPairs(m, u int) {
	const b, a = 24, 28
	for i := 0; i < mmlaPairs; i += 2 {
		f.op("FLDPQ %d(R3), (F%d, F%d)", (mmlaPairs*u+i)*bytes, b+i, b+i+1)
	}
	if u > 0 {
		f.op("ADD $%d, R19, R20", 8*u)
	}
	for p := range (m + 1) / 2 {
		t := a + p%2*2
		f.op("ldr d%d, [x%d, x%d]", t, rowAt(2*p), 19+u)
		if 2*p+1 < m {
			f.op("ldr d%d, [x%d, x%d]", t+1, rowAt(2*p+1), 19+u)
			f.op("zip1 v%d.2d, v%d.2d, v%d.2d", t, t, t+1)
		}
		for i := range mmlaPairs {
			to := mmlaPairs*p + i
			if f.operand == int8s {
				f.op("usmmla v%d.4s, v%d.16b, v%d.16b", to, t, b+i)
			} else {
				f.op("bfmmla v%d.4s, v%d.8h, v%d.8h", to, t, b+i)
			}
		}
	}
}

// advanceByPairs goes on by n steps, and fetches as many lines for each k as other tiles do.
func (f *file) advanceByPairs(n int) {
	f.op("ADD $%d, R3", n*mmlaPairs*bytes)
	f.op("ADD $%d, R19", 8*n)
	for u := range 2 * n {
		f.op("PRFM %d(R6), PLDL2KEEP", 64*u)
	}
	f.op("ADD $%d, R6", 64*2*n)
}

// storePairs stores the sums by rows, or adds them to what is there.
func (f *file) storePairs(m int, add bool) {
	const t = 24
	instruction := "fadd"
	if f.operand == int8s {
		instruction = "add"
	}
	for p := range (m + 1) / 2 {
		for i := 0; i < mmlaPairs; i += 2 {
			x, y := mmlaPairs*p+i, mmlaPairs*p+i+1
			for r := 2 * p; r < min(2*p+2, m); r++ {
				at := fmt.Sprintf("%d(R4)", (2*r+i/2)*bytes)
				f.op("zip%d v%d.2d, v%d.2d, v%d.2d", 1+r%2, t, x, y)
				if add {
					f.op("FMOVQ %s, F%d", at, t+1)
					f.op("%s v%d.4s, v%d.4s, v%d.4s", instruction, t, t, t+1)
				}
				f.op("FMOVQ F%d, %s", t, at)
			}
		}
	}
}
