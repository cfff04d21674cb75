package main

// softmax turns scores into weights: s is (keys, two registers), one column a
// query; state is four rows of as many float32: the maximum until now, the
// maximum with these scores, the sum of weights, and the factor that what was
// summed until now must take. factor is log2(e)/√d.
//
// Weights are 2^(factor·(score - maximum)). Four sums a column, of every fourth
// key, keep the sum's error low.
func (f *file) softmax() {
	f.begin("softmax", "turns scores into weights, and brings the running maximum and sum forward.", []arg{
		{"s", pointer}, {"keys", "int"}, {"state", pointer}, {"factor", "float32"},
	}, "SI", "DX", "DI")
	const factor, top, sums, x = 0, 1, 3, 11 // top: two registers; sums: 4×2; x, x+1, x+2 scratch
	b := f.bytes()
	f.keep(x + 3)
	f.op("VBROADCASTSS factor+24(FP), V%d", factor)
	for v := range 2 {
		old, n, p := x, x+1, x+2
		f.op("VMOVUPS %d(DI), V%d", (2+v)*b, top+v)
		f.op("VMOVUPS %d(DI), V%d", v*b, old)
		f.op("VMOVUPS V%d, %d(DI)", top+v, v*b)
		f.op("VMULPS V%d, V%d, V%d", factor, top+v, top+v)
		f.op("VFMSUB213PS V%d, V%d, V%d", top+v, factor, old)
		f.exp2(exp5, old, n, p)
		f.op("VMOVUPS V%d, %d(DI)", p, (6+v)*b)
		f.op("VMULPS %d(DI), V%d, V%d", (4+v)*b, p, p)
		f.op("VMOVUPS V%d, %d(DI)", p, (4+v)*b)
	}
	for i := range 8 {
		f.zero(sums + i)
	}
	weigh := func(key int) {
		for v := range 2 {
			i := 2*key + v
			f.op("VMOVUPS %d(SI), V%d", i*b, x)
			f.op("VFMSUB213PS V%d, V%d, V%d", top+v, factor, x)
			f.exp2(exp5, x, x+1, x+2)
			f.op("VMOVUPS V%d, %d(SI)", x+2, i*b)
			f.op("VADDPS V%d, V%d, V%d", x+2, sums+i, sums+i)
		}
	}
	f.op("SUBQ $4, DX")
	f.op("JL rest")
	f.label("loop")
	for key := range 4 {
		weigh(key)
	}
	f.op("ADDQ $%d, SI", 8*b)
	f.op("SUBQ $4, DX")
	f.op("JGE loop")
	f.label("rest")
	f.op("ADDQ $4, DX")
	f.op("JZ done")
	f.label("single")
	weigh(0)
	f.op("ADDQ $%d, SI", 2*b)
	f.op("DECQ DX")
	f.op("JNZ single")
	f.label("done")
	for v := range 2 {
		f.op("VADDPS V%d, V%d, V%d", sums+2+v, sums+v, sums+v)
		f.op("VADDPS V%d, V%d, V%d", sums+6+v, sums+4+v, sums+4+v)
		f.op("VADDPS V%d, V%d, V%d", sums+4+v, sums+v, sums+v)
		f.op("VADDPS %d(DI), V%d, V%d", (4+v)*b, sums+v, sums+v)
		f.op("VMOVUPS V%d, %d(DI)", sums+v, (4+v)*b)
	}
	f.end()
}
