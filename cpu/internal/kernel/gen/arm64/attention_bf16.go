package arm64

import (
	"fmt"
	"math"

	"cradio/cpu/internal/kernel/gen/asm"
	"cradio/cpu/internal/kernel/gen/numeric"
)

// What attention needs beside the scores, which gemmRowsByPairs makes: its weights and values
// are bfloat16, those of four keys side by side.

const joined = 4 // keys that lie side by side

// softmaxWords is softmax whose weights are bfloat16, in the place of scores: for every four
// keys, each column's four side by side, and nothing for a key that is missing. The maximum
// with these scores is found here. Sums are of the rounded weights, which the values are to
// meet. Scores are followed by room for three keys.
func (f *file) softmaxWords() {
	f.begin("softmaxWords", "makes weights of scores, each column's of four keys side by side, and brings the running maximum and sum forward.", asm.Args("s ptr, keys int, state ptr, factor float32"), "R0", "R1", "R2", "F0")
	const w = 2
	const factor, below, tops, sums, weights, x, n, t, ones = 0, 1, 3, 3, 11, 15, 16, 17, 20 // tops: 4·w, later 4 sums
	f.keep(21)
	f.op("dup v%d.4s, v%d.s[0]", factor, factor)
	state := func(row, v int) string { return at((w*row+v)*bytes, "R2") }
	for i := range 4 * w {
		f.op("FMOVQ %s, F%d", state(0, i%w), tops+i)
	}
	f.op("MOVD R0, R3")
	f.op("MOVD R1, R4")
	f.keys("R4", func(key int) {
		f.op("FLDPQ %s, (F%d, F%d)", at(key*w*bytes, "R3"), x, x+1)
		for v := range w {
			f.op("fmax v%d.4s, v%d.4s, v%d.4s", tops+w*key+v, tops+w*key+v, x+v)
		}
	}, func(keys int) { f.op("ADD $%d, R3", keys*w*bytes) })
	f.missingKeys(w)
	for v := range w {
		for _, p := range [][2]int{{0, 1}, {2, 3}, {0, 2}} {
			f.op("fmax v%d.4s, v%d.4s, v%d.4s", tops+w*p[0]+v, tops+w*p[0]+v, tops+w*p[1]+v)
		}
		f.op("fmul v%d.4s, v%d.4s, v%d.4s", below+v, tops+v, factor)
		f.op("fneg v%d.4s, v%d.4s", below+v, below+v)
		f.op("FMOVQ %s, F%d", state(0, v), n)
		f.op("FMOVQ F%d, %s", tops+v, state(0, v))
		f.op("mov v%d.16b, v%d.16b", x, below+v)
		f.op("fmla v%d.4s, v%d.4s, v%d.4s", x, n, factor)
		f.exp2(numeric.Exp5, x, n, weights, t)
		f.op("FMOVQ F%d, %s", weights, state(3, v))
		f.op("FMOVQ %s, F%d", state(2, v), t)
		f.op("fmul v%d.4s, v%d.4s, v%d.4s", t, t, weights)
		f.op("FMOVQ F%d, %s", t, state(2, v))
	}
	f.zeros(sums, 2*w)
	f.constantBits(0x3f803f80, ones)
	f.op("MOVD R0, R3") // where weights go
	f.Label("group")
	for v := range w {
		for key := range joined {
			f.op("FMOVQ %s, F%d", at((w*key+v)*bytes, "R0"), n)
			f.op("mov v%d.16b, v%d.16b", x, below+v)
			f.op("fmla v%d.4s, v%d.4s, v%d.4s", x, n, factor)
			f.exp2(numeric.Exp3, x, n, weights+key, t)
		}
		low, high := 7+2*v, 8+2*v // columns 0 and 1, and 2 and 3
		for _, p := range []int{0, 2} {
			f.op("bfcvtn v%d.4h, v%d.4s", weights+p, weights+p)
			f.op("bfcvtn2 v%d.8h, v%d.4s", weights+p, weights+p+1)
		}
		f.op("zip1 v%d.8h, v%d.8h, v%d.8h", x, weights, weights+2)
		f.op("zip2 v%d.8h, v%d.8h, v%d.8h", n, weights, weights+2)
		for i, to := range []int{low, high} {
			f.op("zip%d v%d.8h, v%d.8h, v%d.8h", 1+i, to, x, n)
			f.op("bfdot v%d.4s, v%d.8h, v%d.8h", sums+2*v+i, to, ones)
		}
	}
	for i := range 2 * w {
		f.op("FMOVQ.P F%d, %d(R3)", 7+i, bytes)
	}
	f.op("ADD $%d, R0", joined*w*bytes)
	f.op("SUBS $%d, R1, R1", joined)
	f.op("BGT group")
	for v := range w {
		f.op("faddp v%d.4s, v%d.4s, v%d.4s", sums+2*v, sums+2*v, sums+2*v+1)
		f.op("FMOVQ %s, F%d", state(2, v), t)
		f.op("fadd v%d.4s, v%d.4s, v%d.4s", t, t, sums+2*v)
		f.op("FMOVQ F%d, %s", t, state(2, v))
	}
	f.end()
}

// missingKeys gives keys after those of R1, up to a multiple of four, scores whose weight is
// 0. R3 is where they go.
func (f *file) missingKeys(w int) {
	const none = 15
	f.constantBits(math.Float32bits(float32(math.Inf(-1))), none)
	f.op("MOVD R1, R4")
	f.Label("missing")
	f.op("ANDS $%d, R4, R5", joined-1)
	f.op("BEQ complete")
	for range w {
		f.op("FMOVQ.P F%d, %d(R3)", none, bytes)
	}
	f.op("ADD $1, R4")
	f.op("B missing")
	f.Label("complete")
}

// gemmColsJoined is gemmCols for weights of softmaxWords and values of joinValues, lda bytes
// from four keys to the next: k counts four keys at a time, and a tile has an even number of rows.
func (f *file) gemmColsJoined() {
	list := []string{"nil"}
	for m := 2; m <= f.rows; m += 2 {
		doc := ""
		if m == 2 {
			doc = "computes c = c·alpha + aᵀ·b for a tile of two rows, k of four keys each; the functions after it, for more rows."
		}
		name := fmt.Sprintf("gemmCols%d", m)
		list = append(list, "nil", name+f.Suffix)
		f.begin(name, doc, asm.Args("k int, a ptr, lda int, b ptr, c ptr, alpha ptr"), "R0", "R1", "R2", "R3", "R4", "R5")
		const b, a, scratch = 24, 28, 26
		pairs := m / 2
		f.zeros(0, mmlaPairs*pairs)
		f.op("CBZ R5, loop")
		f.op("FLDPQ (R5), (F24, F25)") // alpha
		for p := range pairs {
			for half := range 2 { // columns 0 to 3, and 4 to 7
				for r := range 2 {
					f.op("FMOVQ %s, F%d", at((2*(2*p+r)+half)*bytes, "R4"), scratch+r)
					f.op("fmul v%d.4s, v%d.4s, v%d.4s", scratch+r, scratch+r, 24+half)
				}
				to := mmlaPairs*p + 2*half
				f.op("zip1 v%d.2d, v%d.2d, v%d.2d", to, scratch, scratch+1)
				f.op("zip2 v%d.2d, v%d.2d, v%d.2d", to+1, scratch, scratch+1)
			}
		}
		f.op("PCALIGN $16")
		f.Label("loop")
		for i := 0; i < mmlaPairs; i += 2 {
			f.op("FLDPQ %s, (F%d, F%d)", at(i*bytes, "R3"), b+i, b+i+1)
		}
		for p := range pairs {
			t := a + p%4
			f.op("FMOVQ %s, F%d", at(p*bytes, "R1"), t)
			for i := range mmlaPairs {
				f.op("bfmmla v%d.4s, v%d.8h, v%d.8h", mmlaPairs*p+i, t, b+i)
			}
		}
		f.op("ADD $%d, R3", mmlaPairs*bytes)
		f.op("ADD R2, R1")
		f.op("SUBS $1, R0, R0")
		f.op("BGT loop")
		f.storePairs(m, false)
		f.end()
	}
	f.TableOf("gemmCols", "ColsFunc", list)
}

// joinValues puts those of four rows side by side, zeros for a row that is missing: for every
// four rows, n times four bfloat16.
func (f *file) joinValues() {
	f.begin("joinValues", "joins rows of n bfloat16, lds bytes apart, four at a time, each column's side by side: n is a multiple of 4.", asm.Args("dst ptr, src ptr, lds int, rows int, n int"), "R0", "R1", "R2", "R3", "R4")
	const mask = 16 // of rows 1 to 3
	f.Label("rows")
	f.op("MOVD R1, R5")
	for r := 1; r < joined; r++ { // a row that is missing is read where the first one is, and cleared
		f.op("ADD R2, R%d, R%d", 4+r, 5+r)
		f.op("CMP $%d, R3", r+1)
		f.op("CSEL GE, R%d, R5, R%d", 5+r, 5+r)
		f.op("CSETM GE, R10")
		f.op("dup v%d.2d, x10", mask+r-1)
	}
	f.op("MOVD R4, R9")
	load := func(register string, size int) {
		for r := range joined {
			f.op("ldr %s%d, [x%d], #%d", register, r, 5+r, size)
			if r > 0 {
				f.op("and v%d.16b, v%d.16b, v%d.16b", r, r, mask+r-1)
			}
		}
		f.op("zip1 v4.8h, v0.8h, v2.8h")
		f.op("zip1 v5.8h, v1.8h, v3.8h")
		f.op("zip1 v8.8h, v4.8h, v5.8h")
		f.op("zip2 v9.8h, v4.8h, v5.8h")
		f.op("stp q8, q9, [x0], #32")
	}
	f.op("SUBS $8, R9, R9")
	f.op("BLT few")
	f.Label("loop")
	load("q", 16)
	f.op("zip2 v4.8h, v0.8h, v2.8h")
	f.op("zip2 v5.8h, v1.8h, v3.8h")
	f.op("zip1 v8.8h, v4.8h, v5.8h")
	f.op("zip2 v9.8h, v4.8h, v5.8h")
	f.op("stp q8, q9, [x0], #32")
	f.op("SUBS $8, R9, R9")
	f.op("BGE loop")
	f.Label("few")
	f.op("ADDS $8, R9, R9")
	f.op("BEQ next")
	load("d", 8)
	f.Label("next")
	f.op("ADD R2<<2, R1")
	f.op("SUBS $%d, R3, R3", joined)
	f.op("BGT rows")
	f.end()
}
