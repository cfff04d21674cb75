package arm64

import (
	"fmt"

	"cradio/cpu/internal/kernel/gen/asm"
	"cradio/cpu/internal/kernel/gen/numeric"
)

// softmax makes weights of scores: s is (keys, w registers), one column a query; state is four
// rows of as many float32: the maximum until now, the maximum with these scores, the sum of
// weights, and the factor that what was summed until now must take. factor is log2(e)/√d.
//
// Weights are 2^(factor·(score - maximum)). Four sums a column, of every fourth key, keep the
// sum's error low.
func (f *file) softmax() {
	const w = width
	f.begin("softmax", "makes weights of scores, and brings the running maximum and sum forward.", asm.Args("s ptr, keys int, state ptr, factor float32"), "R0", "R1", "R2", "F0")
	const factor, below, sums, x, n, p, t = 0, 1, 3, 11, 12, 13, 14 // below: w registers; sums: 4·w
	f.keep(16)
	f.op("dup v%d.4s, v%d.s[0]", factor, factor)
	weight := func(from string, v int) { // of the scores at from, into p
		f.op("FMOVQ %s, F%d", from, n)
		f.op("mov v%d.16b, v%d.16b", x, below+v)
		f.op("fmla v%d.4s, v%d.4s, v%d.4s", x, n, factor)
		f.exp2(numeric.Exp5, x, n, p, t)
	}
	state := func(row, v int) string { return at((w*row+v)*bytes, "R2") }
	for v := range w {
		f.op("FMOVQ %s, F%d", state(1, v), t)
		f.op("fmul v%d.4s, v%d.4s, v%d.4s", below+v, t, factor)
		f.op("fneg v%d.4s, v%d.4s", below+v, below+v)
		weight(state(0, v), v)
		f.op("FMOVQ %s, F%d", state(1, v), t)
		f.op("FMOVQ F%d, %s", t, state(0, v))
		f.op("FMOVQ F%d, %s", p, state(3, v))
		f.op("FMOVQ %s, F%d", state(2, v), t)
		f.op("fmul v%d.4s, v%d.4s, v%d.4s", t, t, p)
		f.op("FMOVQ F%d, %s", t, state(2, v))
	}
	f.zeros(sums, 4*w)
	f.keys("R1", func(key int) {
		for v := range w {
			i := w*key + v
			weight(at(i*bytes, "R0"), v)
			f.op("FMOVQ F%d, %s", p, at(i*bytes, "R0"))
			f.op("fadd v%d.4s, v%d.4s, v%d.4s", sums+i, sums+i, p)
		}
	}, func(keys int) { f.op("ADD $%d, R0", keys*w*bytes) })
	for v := range w {
		f.columns(sums+v, w)
		f.op("FMOVQ %s, F%d", state(2, v), t)
		f.op("fadd v%d.4s, v%d.4s, v%d.4s", t, t, sums+v)
		f.op("FMOVQ F%d, %s", t, state(2, v))
	}
	f.end()
}

// softmaxGrad makes probabilities of weights, and the derivative with respect to scores of
// that with respect to probabilities: s and dp are (keys, w registers), one column a query,
// and sums are those of the columns of weights. With p = s/sum and D = Σ p·dp:
//
//	s = p    dp = p·(dp - D)·scale
//
// D is corrected by the mean of what is left of dp: where one key has nearly all the weight,
// dp and D are nearly one number, and their difference must not lose its digits. Four sums a
// column, of every fourth key, keep errors low.
func (f *file) softmaxGrad() {
	const w = width
	f.begin("softmaxGrad", "makes probabilities of weights, and derivatives with respect to scores of dp.", asm.Args("s ptr, dp ptr, keys int, sums ptr, scale float32"), "R0", "R1", "R2", "R3", "F0")
	const scale, inverse, x, y = 0, 1, 1 + w, 2 + w // inverse: w registers
	const mean = y + 1                              // 4·w, of which w stay
	const fix = mean + 4*w                          // 4·w
	f.keep(fix + 4*w)
	f.op("dup v%d.4s, v%d.s[0]", scale, scale)
	for v := range w {
		f.op("FMOVQ %s, F%d", at(v*bytes, "R3"), inverse+v)
		f.op("fdiv v%d.4s, v%d.4s, v%d.4s", inverse+v, f.c(1), inverse+v)
	}
	f.zeros(mean, 8*w)
	walk := func(body func(i, v int)) {
		f.op("MOVD R0, R4")
		f.op("MOVD R1, R5")
		f.op("MOVD R2, R6")
		f.keys("R6", func(key int) {
			for v := range w {
				body(w*key+v, v)
			}
		}, func(keys int) {
			f.op("ADD $%d, R4", keys*w*bytes)
			f.op("ADD $%d, R5", keys*w*bytes)
		})
	}
	load := func(i int) {
		f.op("FMOVQ %s, F%d", at(i*bytes, "R4"), x)
		f.op("FMOVQ %s, F%d", at(i*bytes, "R5"), y)
	}
	total := func(sums int) {
		for v := range w {
			f.columns(sums+v, w)
			f.op("fmul v%d.4s, v%d.4s, v%d.4s", sums+v, sums+v, inverse+v)
		}
	}
	walk(func(i, v int) {
		load(i)
		f.op("fmla v%d.4s, v%d.4s, v%d.4s", mean+i, x, y)
	})
	total(mean)
	walk(func(i, v int) {
		load(i)
		f.op("fsub v%d.4s, v%d.4s, v%d.4s", y, y, mean+v)
		f.op("fmla v%d.4s, v%d.4s, v%d.4s", fix+i, x, y)
	})
	total(fix)
	walk(func(i, v int) {
		load(i)
		f.op("fmul v%d.4s, v%d.4s, v%d.4s", x, x, inverse+v)
		f.op("FMOVQ F%d, %s", x, at(i*bytes, "R4"))
		f.op("fsub v%d.4s, v%d.4s, v%d.4s", y, y, mean+v)
		f.op("fsub v%d.4s, v%d.4s, v%d.4s", y, y, fix+v)
		f.op("fmul v%d.4s, v%d.4s, v%d.4s", x, x, scale)
		f.op("fmul v%d.4s, v%d.4s, v%d.4s", y, y, x)
		f.op("FMOVQ F%d, %s", y, at(i*bytes, "R5"))
	})
	f.end()
}

// keys is a loop over rows of scores, four at a time and then one at a time, their number in a
// general register, which is clobbered.
func (f *file) keys(n string, body func(key int), advance func(keys int)) {
	loop, few, single, done := f.label("loop"), f.label("few"), f.label("single"), f.label("done")
	f.op("SUBS $4, %s, %s", n, n)
	f.op("BLT %s", few)
	f.Label(loop)
	for key := range 4 {
		body(key)
	}
	advance(4)
	f.op("SUBS $4, %s, %s", n, n)
	f.op("BGE %s", loop)
	f.Label(few)
	f.op("ADDS $4, %s, %s", n, n)
	f.op("BEQ %s", done)
	f.Label(single)
	body(0)
	advance(1)
	f.op("SUBS $1, %s, %s", n, n)
	f.op("BNE %s", single)
	f.Label(done)
}

// columns adds up four sums of a column, w registers apart, in the first of them.
func (f *file) columns(r, w int) {
	for _, p := range [][2]int{{0, 1}, {2, 3}, {0, 2}} {
		f.op("fadd v%d.4s, v%d.4s, v%d.4s", r+p[0]*w, r+p[0]*w, r+p[1]*w)
	}
}

// at is an address in Go's syntax.
func at(offset int, base string) string { return fmt.Sprintf("%d(%s)", offset, base) }
