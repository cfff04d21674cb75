package x86

import "cradio/cpu/internal/kernel/gen/asm"

// softmaxGrad makes probabilities of weights, and the derivative with respect to scores of
// that with respect to probabilities: s and dp are (keys, w registers), one column a query,
// and sums are those of the columns of weights. With p = s/sum and D = Σ p·dp:
//
//	s = p    dp = p·(dp - D)·scale
//
// D is corrected by the mean of what is left of dp: where one key has nearly all the weight,
// dp and D are nearly one number, and their difference must not lose its digits. Four sums a
// column, of every fourth key, keep errors low.
func (f *file) softmaxGrad(w int) {
	f.begin("softmaxGrad"+slim(w), "makes probabilities of weights, and derivatives with respect to scores of dp.", asm.Args("s ptr, dp ptr, keys int, sums ptr, scale float32"), "SI", "DI", "DX", "R8")
	const scale, inverse, mean, x = 0, 1, 3, 13 // inverse: w registers; mean: 4·w, of which w stay; x, x+1 scratch
	fix := mean + w                             // 4·w, in the place of sums of mean
	b := f.bytes()
	f.op("VBROADCASTSS scale+32(FP), V%d", scale)
	for v := range w {
		f.op("VMOVUPS %s, V%d", f.one(), inverse+v)
		f.op("VDIVPS %d(R8), V%d, V%d", v*b, inverse+v, inverse+v)
	}
	for i := range 4 * w {
		f.zero(mean + i)
	}
	walk := func(name string, body func(i, v int)) {
		f.op("MOVQ SI, R9")
		f.op("MOVQ DI, R10")
		f.op("MOVQ DX, R11")
		step := func(keys int) {
			for i := range keys * w {
				body(i, i%w)
			}
			f.op("ADDQ $%d, R9", keys*w*b)
			f.op("ADDQ $%d, R10", keys*w*b)
		}
		f.op("SUBQ $4, R11")
		f.op("JL %sremainder", name)
		f.Label(name + "loop")
		step(4)
		f.op("SUBQ $4, R11")
		f.op("JGE %sloop", name)
		f.Label(name + "remainder")
		f.op("ADDQ $4, R11")
		f.op("JZ %sdone", name)
		f.Label(name + "single")
		step(1)
		f.op("DECQ R11")
		f.op("JNZ %ssingle", name)
		f.Label(name + "done")
	}
	walk("mean", func(i, v int) {
		f.op("VMOVUPS %d(R9), V%d", i*b, x)
		f.op("VFMADD231PS %d(R10), V%d, V%d", i*b, x, mean+i)
	})
	total := func(sums int) {
		for v := range w {
			f.op("VADDPS V%d, V%d, V%d", sums+w+v, sums+v, sums+v)
			f.op("VADDPS V%d, V%d, V%d", sums+3*w+v, sums+2*w+v, sums+2*w+v)
			f.op("VADDPS V%d, V%d, V%d", sums+2*w+v, sums+v, sums+v)
			f.op("VMULPS V%d, V%d, V%d", inverse+v, sums+v, sums+v)
		}
	}
	total(mean)
	for i := range 4 * w {
		f.zero(fix + i)
	}
	walk("fix", func(i, v int) {
		f.op("VMOVUPS %d(R10), V%d", i*b, x)
		f.op("VSUBPS V%d, V%d, V%d", mean+v, x, x)
		f.op("VFMADD231PS %d(R9), V%d, V%d", i*b, x, fix+i)
	})
	total(fix)
	walk("grad", func(i, v int) {
		f.op("VMULPS %d(R9), V%d, V%d", i*b, inverse+v, x)
		f.op("VMOVUPS V%d, %d(R9)", x, i*b)
		f.op("VMOVUPS %d(R10), V%d", i*b, x+1)
		f.op("VSUBPS V%d, V%d, V%d", mean+v, x+1, x+1)
		f.op("VSUBPS V%d, V%d, V%d", fix+v, x+1, x+1)
		f.op("VMULPS V%d, V%d, V%d", scale, x, x)
		f.op("VMULPS V%d, V%d, V%d", x, x+1, x+1)
		f.op("VMOVUPS V%d, %d(R10)", x+1, i*b)
	})
	f.end()
}
