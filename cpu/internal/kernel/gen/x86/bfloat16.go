package x86

import (
	"cradio/cpu/internal/kernel/gen/asm"
	"cradio/cpu/internal/kernel/gen/numeric"
)

// What attention needs beside the products of bfloat16. Two rows of float32 become one row
// of words, interleaved by two.

// roundTwo rounds registers low and high to words in dst, lane by lane: low in the lower
// half. order holds the permutation that undoes the instruction's own.
func (f *file) roundTwo(low, high, dst, order int) {
	f.vcvtne2ps2bf16(low, high, dst)
	f.op("VPERMW V%d, V%d, V%d", dst, order, dst)
}

// interleaveOrder loads the permutation of roundTwo: halves of words 0, 16, 1, 17, …
func (f *file) interleaveOrder(order int) { f.op("VMOVDQU64 interleaved<>(SB), V%d", order) }

// twoOnes is a word of two ones.
func (f *file) twoOnes() string { return f.bits("twoOnes", 0x3f803f80) }

// softmaxBFloat16 is softmax whose weights are words, those of keys 2i and 2i+1 in row
// i, and nothing for a key that is missing. Its sums are of the rounded
// weights, which the values are to meet.
func (f *file) softmaxBFloat16(w int) {
	f.begin("softmax"+slim(w), "makes words of two weights of scores, and brings the running maximum and sum forward.", asm.Args("s ptr, keys int, state ptr, factor float32"), "SI", "DX", "DI")
	const factor, order, ones, top, sums, x = 0, 1, 2, 3, 5, 7 // top and sums: w registers; from x on, scratch
	b := f.bytes()
	f.keep(x + 4*w)
	f.op("VBROADCASTSS factor+24(FP), V%d", factor)
	f.interleaveOrder(order)
	f.op("VMOVUPS %s, V%d", f.twoOnes(), ones)
	for v := range w {
		old, p := x, x+1
		f.op("VMOVUPS %d(DI), V%d", (w+v)*b, top+v)
		f.op("VMOVUPS %d(DI), V%d", v*b, old)
		f.op("VMOVUPS V%d, %d(DI)", top+v, v*b)
		f.op("VMULPS V%d, V%d, V%d", factor, top+v, top+v)
		f.op("VFMSUB213PS V%d, V%d, V%d", top+v, factor, old)
		f.exp2To("exp3_", numeric.Exp3, old, p+1, p, p)
		f.op("VMOVUPS V%d, %d(DI)", p, (3*w+v)*b)
		f.op("VMULPS %d(DI), V%d, V%d", (2*w+v)*b, p, sums+v)
	}
	f.op("MOVQ SI, BX")
	weights := func(keys int) {
		for v := range w {
			t := x + 4*v // two results, then what they are made of
			for key := range keys {
				y, p := t+2, t+key
				f.op("VMOVUPS %d(SI), V%d", (w*key+v)*b, y)
				f.op("VFMSUB213PS V%d, V%d, V%d", top+v, factor, y)
				f.exp2To("exp3_", numeric.Exp3, y, t+3, p, p)
			}
			if keys == 1 {
				f.zero(t + 1)
			}
			f.roundTwo(t, t+1, t, order)
			f.op("VMOVUPS V%d, %d(BX)", t, v*b)
			f.vdpbf16ps(t, ones, sums+v)
		}
		f.op("ADDQ $%d, SI", keys*w*b)
		f.op("ADDQ $%d, BX", w*b)
	}
	f.op("SUBQ $2, DX")
	f.op("JL remainder")
	f.op("PCALIGN $32")
	f.Label("loop")
	weights(2)
	f.op("SUBQ $2, DX")
	f.op("JGE loop")
	f.Label("remainder")
	f.op("ADDQ $2, DX")
	f.op("JZ done")
	weights(1)
	f.Label("done")
	for v := range w {
		f.op("VMOVUPS V%d, %d(DI)", sums+v, (2*w+v)*b)
	}
	f.end()
}

// joinRows divides rows 2i and 2i+1, w registers each, by sums, and rounds them to row i of
// words, in their place.
func (f *file) joinRows(w int) {
	f.begin("joinRows"+slim(w), "makes n rows of words, in their place, of 2·n rows over sums.", asm.Args("x ptr, n int, sums ptr"), "SI", "DX", "AX")
	const order, factor, t = 0, 1, 3
	b := f.bytes()
	f.interleaveOrder(order)
	f.op("VMOVUPS %s, V%d", f.one(), t)
	for v := range w {
		f.op("VDIVPS %d(AX), V%d, V%d", v*b, t, factor+v)
	}
	f.op("MOVQ SI, DI")
	f.Label("loop")
	for v := range w {
		f.op("VMULPS %d(SI), V%d, V%d", v*b, factor+v, t)
		f.op("VMULPS %d(SI), V%d, V%d", (w+v)*b, factor+v, t+1)
		f.roundTwo(t, t+1, t, order)
		f.op("VMOVUPS V%d, %d(DI)", t, v*b)
	}
	f.op("ADDQ $%d, SI", 2*w*b)
	f.op("ADDQ $%d, DI", w*b)
	f.op("DECQ DX")
	f.op("JNZ loop")
	f.end()
}

// interleave makes words of rows 2i and 2i+1 of bfloat16, zero for a row that is missing:
// row i of dst, n words. K1 masks the last few columns, K2 the second row.
func (f *file) interleave() {
	join := func() {
		f.op("VPSLLD.Z $16, V1, K2, V1")
		f.op("VPORD V1, V0, V0")
	}
	f.begin("interleave", "interleaves rows of n > 0 bfloat16, lds bytes apart: row i of dst has those of rows 2i and 2i+1.", asm.Args("dst ptr, src ptr, lds int, rows int, n int"), "DI", "SI", "DX", "R8", "R9")
	f.op("MOVQ R9, R10")
	f.op("ANDQ $%d, R10", f.lanes-1)
	f.op("JZ aligned")
	f.op("MOVQ R10, BX")
	f.setTail("BX", "AX")
	f.Label("aligned")
	f.op("LEAQ (SI)(DX*1), R11")
	f.op("KXNORW K2, K2, K2")
	f.Label("row")
	f.op("CMPQ R8, $1")
	f.op("JNE both")
	f.op("MOVQ SI, R11") // read, but not taken
	f.op("KXORW K2, K2, K2")
	f.Label("both")
	f.op("XORQ AX, AX")
	f.op("MOVQ R9, CX")
	f.op("SUBQ $%d, CX", f.lanes)
	f.op("JL tail")
	f.Label("loop")
	f.op("VPMOVZXWD (SI)(AX*2), V0")
	f.op("VPMOVZXWD (R11)(AX*2), V1")
	join()
	f.op("VMOVDQU32 V0, (DI)(AX*4)")
	f.op("ADDQ $%d, AX", f.lanes)
	f.op("SUBQ $%d, CX", f.lanes)
	f.op("JGE loop")
	f.Label("tail")
	f.op("TESTQ R10, R10")
	f.op("JZ next")
	f.op("VPMOVZXWD.Z (SI)(AX*2), K1, V0")
	f.op("VPMOVZXWD.Z (R11)(AX*2), K1, V1")
	join()
	f.op("VMOVDQU32 V0, K1, (DI)(AX*4)")
	f.Label("next")
	f.op("LEAQ (DI)(R9*4), DI")
	f.op("LEAQ (SI)(DX*2), SI")
	f.op("LEAQ (R11)(DX*2), R11")
	f.op("SUBQ $2, R8")
	f.op("JG row")
	f.end()
}
