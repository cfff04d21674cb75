package x86

import (
	"cradio/cpu/internal/kernel/gen/asm"
	"cradio/cpu/internal/kernel/gen/numeric"
)

// softmax makes weights of scores: s is (keys, w registers), one column a query;
// state is four rows of as many float32: the maximum until now, the
// maximum with these scores, the sum of weights, and the factor that what was
// summed until now must take. factor is log2(e)/√d.
//
// Weights are 2^(factor·(score - maximum)). Four sums a column, of every fourth
// key, keep the sum's error low.
func (f *file) softmax(w int) {
	f.begin("softmax"+slim(w), "makes weights of scores, and brings the running maximum and sum forward.", asm.Args("s ptr, keys int, state ptr, factor float32"), "SI", "DX", "DI")
	const factor, top, sums, x = 0, 1, 3, 11 // top: w registers; sums: 4·w; x, x+1, x+2 scratch
	b := f.bytes()
	f.keep(x + 3)
	f.op("VBROADCASTSS factor+24(FP), V%d", factor)
	for v := range w {
		old, n, p := x, x+1, x+2
		f.op("VMOVUPS %d(DI), V%d", (w+v)*b, top+v)
		f.op("VMOVUPS %d(DI), V%d", v*b, old)
		f.op("VMOVUPS V%d, %d(DI)", top+v, v*b)
		f.op("VMULPS V%d, V%d, V%d", factor, top+v, top+v)
		f.op("VFMSUB213PS V%d, V%d, V%d", top+v, factor, old)
		f.exp2(numeric.Exp5, old, n, p)
		f.op("VMOVUPS V%d, %d(DI)", p, (3*w+v)*b)
		f.op("VMULPS %d(DI), V%d, V%d", (2*w+v)*b, p, p)
		f.op("VMOVUPS V%d, %d(DI)", p, (2*w+v)*b)
	}
	for i := range 4 * w {
		f.zero(sums + i)
	}
	weights := func(key int) {
		for v := range w {
			i := w*key + v
			f.op("VMOVUPS %d(SI), V%d", i*b, x)
			f.op("VFMSUB213PS V%d, V%d, V%d", top+v, factor, x)
			f.exp2(numeric.Exp5, x, x+1, x+2)
			f.op("VMOVUPS V%d, %d(SI)", x+2, i*b)
			f.op("VADDPS V%d, V%d, V%d", x+2, sums+i, sums+i)
		}
	}
	f.op("SUBQ $4, DX")
	f.op("JL remainder")
	f.Label("loop")
	for key := range 4 {
		weights(key)
	}
	f.op("ADDQ $%d, SI", 4*w*b)
	f.op("SUBQ $4, DX")
	f.op("JGE loop")
	f.Label("remainder")
	f.op("ADDQ $4, DX")
	f.op("JZ done")
	f.Label("single")
	weights(0)
	f.op("ADDQ $%d, SI", w*b)
	f.op("DECQ DX")
	f.op("JNZ single")
	f.Label("done")
	for v := range w {
		f.op("VADDPS V%d, V%d, V%d", sums+w+v, sums+v, sums+v)
		f.op("VADDPS V%d, V%d, V%d", sums+3*w+v, sums+2*w+v, sums+2*w+v)
		f.op("VADDPS V%d, V%d, V%d", sums+2*w+v, sums+v, sums+v)
		f.op("VADDPS %d(DI), V%d, V%d", (2*w+v)*b, sums+v, sums+v)
		f.op("VMOVUPS V%d, %d(DI)", sums+v, (2*w+v)*b)
	}
	f.end()
}
