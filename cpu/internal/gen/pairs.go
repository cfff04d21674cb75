package main

// What attention needs beside the products, where their units are pairs of
// bfloat16: two rows of float32 become one of units.

// pair rounds registers low and high to pairs in dst, lane by lane: low in the
// lower half. order holds the permutation that undoes the instruction's own.
func (f *file) pair(low, high, dst, order int) {
	f.vcvtne2ps2bf16(low, high, dst)
	f.op("VPERMW V%d, V%d, V%d", dst, order, dst)
}

// pairOrder loads the permutation of pair: words 0, 16, 1, 17, …
func (f *file) pairOrder(order int) { f.op("VMOVDQU64 pairs<>(SB), V%d", order) }

// exp3 is a minimax polynomial for 2^x on [0, 1], of relative error 2^-13.7: a
// fraction of what rounding to bfloat16 adds.
var exp3 = []float64{0.9999252185627154, 0.6958335404947528, 0.226067155427483, 0.07802452264047964}

// exp3Up is exp3 and half the last place of a bfloat16 in [1, 2): cut off, its
// values are rounded.
var exp3Up = []float64{exp3[0] + 0x1p-8, exp3[1], exp3[2], exp3[3]}

// onePair is a pair of ones.
func (f *file) onePair() string { return f.bits("onePair", 0x3f803f80) }

// softmaxPairs is softmax whose weights are units, those of keys 2i and 2i+1 in
// row i, and nothing for a key that is missing. Its sums are of the rounded
// weights, which the values are to meet.
func (f *file) softmaxPairs(w int) {
	f.begin("softmax"+narrow(w), "turns scores into pairs of weights, and brings the running maximum and sum forward.", []arg{
		{"s", pointer}, {"keys", "int"}, {"state", pointer}, {"factor", "float32"},
	}, "SI", "DX", "DI")
	const factor, order, ones, top, sums, x = 0, 1, 2, 3, 5, 7 // top and sums: w registers; from x on, scratch
	b := f.bytes()
	f.keep(x + 4*w)
	f.op("VBROADCASTSS factor+24(FP), V%d", factor)
	f.pairOrder(order)
	f.op("VMOVUPS %s, V%d", f.onePair(), ones)
	for v := range w {
		old, p := x, x+1
		f.op("VMOVUPS %d(DI), V%d", (w+v)*b, top+v)
		f.op("VMOVUPS %d(DI), V%d", v*b, old)
		f.op("VMOVUPS V%d, %d(DI)", top+v, v*b)
		f.op("VMULPS V%d, V%d, V%d", factor, top+v, top+v)
		f.op("VFMSUB213PS V%d, V%d, V%d", top+v, factor, old)
		f.exp2To("exp3_", exp3, old, p+1, p, p)
		f.op("VMOVUPS V%d, %d(DI)", p, (3*w+v)*b)
		f.op("VMULPS %d(DI), V%d, V%d", (2*w+v)*b, p, sums+v)
	}
	f.op("MOVQ SI, BX")
	weigh := func(keys int) {
		for v := range w {
			t := x + 4*v // two results, then what they are made of
			for key := range keys {
				y, p := t+2, t+key
				f.op("VMOVUPS %d(SI), V%d", (w*key+v)*b, y)
				f.op("VFMSUB213PS V%d, V%d, V%d", top+v, factor, y)
				f.exp2To("exp3_", exp3, y, t+3, p, p)
			}
			if keys == 1 {
				f.zero(t + 1)
			}
			f.pair(t, t+1, t, order)
			f.op("VMOVUPS V%d, %d(BX)", t, v*b)
			f.vdpbf16ps(t, ones, sums+v)
		}
		f.op("ADDQ $%d, SI", keys*w*b)
		f.op("ADDQ $%d, BX", w*b)
	}
	f.op("SUBQ $2, DX")
	f.op("JL rest")
	f.op("PCALIGN $32")
	f.label("loop")
	weigh(2)
	f.op("SUBQ $2, DX")
	f.op("JGE loop")
	f.label("rest")
	f.op("ADDQ $2, DX")
	f.op("JZ done")
	weigh(1)
	f.label("done")
	for v := range w {
		f.op("VMOVUPS V%d, %d(DI)", sums+v, (2*w+v)*b)
	}
	f.end()
}

// joinRows divides pairs of rows, w registers each, by sums, and rounds them to
// rows of units in their place.
func (f *file) joinRows(w int) {
	f.begin("joinRows"+narrow(w), "makes n rows of pairs, in their place, of 2·n rows over sums.", []arg{
		{"x", pointer}, {"n", "int"}, {"sums", pointer},
	}, "SI", "DX", "AX")
	const order, factor, t = 0, 1, 3
	b := f.bytes()
	f.pairOrder(order)
	f.op("VMOVUPS %s, V%d", f.one(), t)
	for v := range w {
		f.op("VDIVPS %d(AX), V%d, V%d", v*b, t, factor+v)
	}
	f.op("MOVQ SI, DI")
	f.label("loop")
	for v := range w {
		f.op("VMULPS %d(SI), V%d, V%d", v*b, factor+v, t)
		f.op("VMULPS %d(SI), V%d, V%d", (w+v)*b, factor+v, t+1)
		f.pair(t, t+1, t, order)
		f.op("VMOVUPS V%d, %d(DI)", t, v*b)
	}
	f.op("ADDQ $%d, SI", 2*w*b)
	f.op("ADDQ $%d, DI", w*b)
	f.op("DECQ DX")
	f.op("JNZ loop")
	f.end()
}

// interleave makes units of rows 2i and 2i+1 of bfloat16, zero for a row that is
// missing: row i of dst, n units. K1 masks the last few columns, K2 the second row.
func (f *file) interleave() {
	join := func() {
		f.op("VPSLLD.Z $16, V1, K2, V1")
		f.op("VPORD V1, V0, V0")
	}
	f.begin("interleave", "pairs rows of n > 0 bfloat16, lds bytes apart: row i of dst has those of rows 2i and 2i+1.", []arg{
		{"dst", pointer}, {"src", pointer}, {"lds", "int"}, {"rows", "int"}, {"n", "int"},
	}, "DI", "SI", "DX", "R8", "R9")
	f.op("MOVQ R9, R10")
	f.op("ANDQ $%d, R10", f.lanes-1)
	f.op("JZ aligned")
	f.op("MOVQ R10, BX")
	f.setTail("BX", "AX")
	f.label("aligned")
	f.op("LEAQ (SI)(DX*1), R11")
	f.op("KXNORW K2, K2, K2")
	f.label("row")
	f.op("CMPQ R8, $1")
	f.op("JNE both")
	f.op("MOVQ SI, R11") // read, but not taken
	f.op("KXORW K2, K2, K2")
	f.label("both")
	f.op("XORQ AX, AX")
	f.op("MOVQ R9, CX")
	f.op("SUBQ $%d, CX", f.lanes)
	f.op("JL tail")
	f.label("loop")
	f.op("VPMOVZXWD (SI)(AX*2), V0")
	f.op("VPMOVZXWD (R11)(AX*2), V1")
	join()
	f.op("VMOVDQU32 V0, (DI)(AX*4)")
	f.op("ADDQ $%d, AX", f.lanes)
	f.op("SUBQ $%d, CX", f.lanes)
	f.op("JGE loop")
	f.label("tail")
	f.op("TESTQ R10, R10")
	f.op("JZ next")
	f.op("VPMOVZXWD.Z (SI)(AX*2), K1, V0")
	f.op("VPMOVZXWD.Z (R11)(AX*2), K1, V1")
	join()
	f.op("VMOVDQU32 V0, K1, (DI)(AX*4)")
	f.label("next")
	f.op("LEAQ (DI)(R9*4), DI")
	f.op("LEAQ (SI)(DX*2), SI")
	f.op("LEAQ (R11)(DX*2), R11")
	f.op("SUBQ $2, R8")
	f.op("JG row")
	f.end()
}
