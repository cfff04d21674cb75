package main

// cut writes a part of register x, as float32 rounded to bfloat16, to register
// part, and takes it from x; half is clobbered, and holds the bfloat16.
func (f *file) cut(x, half, part int) {
	f.vcvtneps2bf16(x, half)
	f.op("VPMOVZXWD Y%d, V%d", half, part)
	f.op("VPSLLD $16, V%d, V%d", part, part)
	f.op("VSUBPS V%d, V%d, V%d", part, x, x)
}

// cutRows cuts rows of A into parts of bfloat16: for each step of 32 elements the
// three parts, 64 bytes each. top is the largest magnitude of each row, in the
// bits of a float32: those of NaN are the largest.
func (f *file) cutRows() {
	f.begin("cutRows", "cuts rows of n > 0 elements into three parts of bfloat16.", []arg{
		{"dst", pointer}, {"ldd", "int"}, {"src", pointer}, {"lds", "int"}, {"rows", "int"}, {"n", "int"}, {"top", pointer},
	}, "DI", "R8", "SI", "DX", "R9", "R10", "R11")
	const low, high, half, part, top, abs = 0, 1, 2, 3, 6, 7
	f.op("VPTERNLOGD $255, V%d, V%d, V%d", abs, abs, abs)
	f.op("VPSRLD $1, V%d, V%d", abs, abs)
	f.label("row")
	f.op("MOVQ SI, R12")
	f.op("MOVQ DI, R13")
	f.op("MOVQ R10, BX")
	f.zero(top)
	f.label("step")
	f.op("MOVQ $32, CX")
	f.op("CMPQ BX, CX")
	f.op("CMOVQLT BX, CX")
	f.op("MOVQ $1, AX")
	f.op("SHLQ CX, AX")
	f.op("DECQ AX")
	f.op("KMOVW AX, K1")
	f.op("SHRQ $16, AX")
	f.op("KMOVW AX, K2")
	f.op("VMOVUPS.Z (R12), K1, V%d", low)
	f.op("VMOVUPS.Z 64(R12), K2, V%d", high)
	for _, x := range []int{low, high} {
		f.op("VPANDD V%d, V%d, V%d", abs, x, part)
		f.op("VPMAXUD V%d, V%d, V%d", part, top, top)
	}
	for p := range parts {
		f.cut(low, half, part)
		f.op("VMOVUPS Y%d, %d(R13)", half, 64*p)
		f.cut(high, half+2, part+2)
		f.op("VMOVUPS Y%d, %d(R13)", half+2, 64*p+32)
	}
	f.op("ADDQ $128, R12")
	f.op("ADDQ $%d, R13", parts*64)
	f.op("SUBQ $32, BX")
	f.op("JG step")
	f.op("VEXTRACTI64X4 $1, Z%d, Y%d", top, part)
	f.op("VPMAXUD Y%d, Y%d, Y%d", part, top, top)
	f.op("VEXTRACTI128 $1, Y%d, X%d", top, part)
	f.op("VPMAXUD X%d, X%d, X%d", part, top, top)
	for _, order := range []int{0x4e, 0xb1} {
		f.op("VPSHUFD $%d, X%d, X%d", order, top, part)
		f.op("VPMAXUD X%d, X%d, X%d", part, top, top)
	}
	f.op("VMOVD X%d, (R11)", top)
	f.op("ADDQ $4, R11")
	f.op("ADDQ DX, SI")
	f.op("ADDQ R8, DI")
	f.op("DECQ R9")
	f.op("JNZ row")
	f.end()
}

// cutPanel cuts steps of a panel of 32 columns, k by k, into the three parts that
// tileParts reads: units of two k.
func (f *file) cutPanel() {
	f.begin("cutPanel", "cuts steps of 32 rows of a panel into three parts of bfloat16.", []arg{
		{"dst", pointer}, {"src", pointer}, {"steps", "int"},
	}, "DI", "SI", "R8")
	const even, odd, half, first, second = 0, 1, 2, 3, 4
	f.label("step")
	f.op("MOVQ $16, CX")
	f.label("pair")
	for v := range 2 {
		f.op("VMOVUPS %d(SI), V%d", 64*v, even)
		f.op("VMOVUPS %d(SI), V%d", amxUnit+64*v, odd)
		for p := range parts {
			f.cut(even, half, first)
			f.cut(odd, half, second)
			f.op("VPSRLD $16, V%d, V%d", first, first)
			f.op("VPORD V%d, V%d, V%d", first, second, second)
			f.op("VMOVUPS V%d, %d(DI)", second, amxStep*p+64*v)
		}
	}
	f.op("ADDQ $%d, SI", 2*amxUnit)
	f.op("ADDQ $%d, DI", amxUnit)
	f.op("DECQ CX")
	f.op("JNZ pair")
	f.op("ADDQ $%d, DI", (parts-1)*amxStep)
	f.op("DECQ R8")
	f.op("JNZ step")
	f.end()
}

// joinPanel makes the panel again that cutPanel has cut.
func (f *file) joinPanel() {
	f.begin("joinPanel", "joins the parts of steps of a panel.", []arg{
		{"dst", pointer}, {"src", pointer}, {"steps", "int"},
	}, "DI", "SI", "R8")
	const even, odd, part, mask = 0, 1, 2, 3
	f.op("VPTERNLOGD $255, V%d, V%d, V%d", mask, mask, mask)
	f.op("VPSLLD $16, V%d, V%d", mask, mask)
	f.label("step")
	f.op("MOVQ $16, CX")
	f.label("pair")
	for v := range 2 {
		f.zero(even)
		f.zero(odd)
		for p := parts - 1; p >= 0; p-- {
			f.op("VMOVUPS %d(SI), V%d", amxStep*p+64*v, part)
			f.op("VPANDD V%d, V%d, V%d", mask, part, mask+1)
			f.op("VPSLLD $16, V%d, V%d", part, part)
			f.op("VADDPS V%d, V%d, V%d", part, even, even)
			f.op("VADDPS V%d, V%d, V%d", mask+1, odd, odd)
		}
		f.op("VMOVUPS V%d, %d(DI)", even, 64*v)
		f.op("VMOVUPS V%d, %d(DI)", odd, amxUnit+64*v)
	}
	f.op("ADDQ $%d, DI", 2*amxUnit)
	f.op("ADDQ $%d, SI", amxUnit)
	f.op("DECQ CX")
	f.op("JNZ pair")
	f.op("ADDQ $%d, SI", (parts-1)*amxStep)
	f.op("DECQ R8")
	f.op("JNZ step")
	f.end()
}
