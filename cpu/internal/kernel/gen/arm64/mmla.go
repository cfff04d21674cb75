package arm64

import (
	"fmt"

	"cradio/cpu/internal/kernel/gen/asm"
)

// BFMMLA and USMMLA multiply two rows of A with two columns of B: of four bfloat16 each, or
// eight int8, which is two words. So a panel of B has for every two k each column's two words
// side by side, and k is even; and so are two rows of A by joinLeft, once for all panels. A
// register of sums is two rows by two columns; the last row of an odd number is its own
// neighbour.

const mmlaPairs = 4 // registers of a row of B

// gemmRowsByPairs is gemmRows by these instructions. A is what joinLeft makes, and lda the
// distance from two rows to the next two.
func (f *file) gemmRowsByPairs() {
	const name = "gemmRows"
	for m := 1; m <= f.rows; m++ {
		doc := ""
		if m == 1 {
			doc = "computes c (+)= a·b for a tile of one row, k being even; the functions after it, for more rows."
		}
		f.begin(fmt.Sprintf("%s%d", name, m), doc, asm.Args("k int, a ptr, lda int, b ptr, c ptr, add int, partial ptr, top ptr, next uintptr"), "R0", "R1", "R2", "R3", "R4", "R5", "", "", "R6")
		pairs := (m + 1) / 2
		f.tileRows(pairs)
		f.op("MOVD ZR, R19")
		f.op("MOVD $%d, R20", bytes)
		f.zeros(0, mmlaPairs*pairs)
		f.op("SUBS $%d, R0, R0", 2*unrolled)
		f.op("BLT remainder")
		f.op("PCALIGN $16")
		f.Label("loop")
		for u := range unrolled {
			f.stepByPairs(pairs, u)
		}
		f.advanceByPairs(unrolled)
		f.op("SUBS $%d, R0, R0", 2*unrolled)
		f.op("BGE loop")
		f.Label("remainder")
		f.op("TBZ $1, R0, done")
		f.stepByPairs(pairs, 0)
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

// stepByPairs multiplies two k: A at R19 from its addresses on, or of an odd step at R20.
func (f *file) stepByPairs(pairs, u int) {
	const b, a = 24, 28
	for i := 0; i < mmlaPairs; i += 2 {
		f.op("FLDPQ %d(R3), (F%d, F%d)", (mmlaPairs*u+i)*bytes, b+i, b+i+1)
	}
	for p := range pairs {
		t := a + p%4
		f.op("ldr q%d, [x%d, x%d]", t, rowAt(p), 19+u)
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
	for u := range n {
		f.op("ADD $%d, R%d", n*bytes, 19+u)
	}
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

// joinLeft joins two rows of A at a time, two words of each side by side.
func (f *file) joinLeft() {
	f.begin("joinLeft", "joins two rows of n words, n being even, for each two rows of dst: two words of one beside two of the other. The last of an odd number of rows is its own neighbour.", asm.Args("dst ptr, ldd int, src ptr, lds int, rows int, n int"), "R0", "R1", "R2", "R3", "R4", "R5")
	const step = 8 // words of a row at a time
	f.Label("rows")
	f.op("MOVD R0, R6")
	f.op("MOVD R2, R7")
	f.op("ADD R3, R2, R8")
	f.op("CMP $1, R4")
	f.op("CSEL EQ, R2, R8, R8")
	f.op("SUBS $%d, R5, R9", step)
	f.op("BLT few")
	f.Label("loop")
	f.op("ldp q0, q1, [x7], #%d", 2*bytes)
	f.op("ldp q2, q3, [x8], #%d", 2*bytes)
	for i := range 2 {
		f.op("zip1 v%d.2d, v%d.2d, v%d.2d", 4+2*i, i, 2+i)
		f.op("zip2 v%d.2d, v%d.2d, v%d.2d", 5+2*i, i, 2+i)
		f.op("stp q%d, q%d, [x6], #%d", 4+2*i, 5+2*i, 2*bytes)
	}
	f.op("SUBS $%d, R9, R9", step)
	f.op("BGE loop")
	f.Label("few")
	f.op("ADDS $%d, R9, R9", step)
	f.op("BEQ next")
	f.Label("two")
	f.op("ldr d0, [x7], #8")
	f.op("ldr d1, [x8], #8")
	f.op("stp d0, d1, [x6], #%d", bytes)
	f.op("SUBS $2, R9, R9")
	f.op("BGT two")
	f.Label("next")
	f.op("ADD R1, R0")
	f.op("ADD R3<<1, R2")
	f.op("SUBS $2, R4, R4")
	f.op("BGT rows")
	f.end()
}
