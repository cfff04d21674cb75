package main

// Cutting float32 into parts of bfloat16. A unit holds elements i and 16+i of a
// step, in A as in B: so the halves of two registers meet without being moved.
// Parts are rounded to nearest, ties away from zero: what is left is exact, and
// after two parts a bfloat16 itself.

// Registers of what cuts: the two halves of a step, a part of each, and constants.
const (
	cutLow, cutHigh, cutPart, cutPart1 = 0, 1, 2, 3
	cutTie, cutMask                    = 8, 9
)

// beginCut loads the constants; K3 has every second word.
func (f *file) beginCut() {
	f.op("MOVL $0x8000, AX")
	f.op("VPBROADCASTD AX, V%d", cutTie)
	f.op("MOVL $0xffff0000, AX")
	f.op("VPBROADCASTD AX, V%d", cutMask)
	f.op("MOVL $0xaaaaaaaa, AX")
	f.op("KMOVD AX, K3")
}

// cut makes units of part p of the two halves in V<cutPart>, and takes it from them.
func (f *file) cut(p int) {
	for i := range 2 {
		x, part := cutLow+i, cutPart+i
		if p == parts-1 {
			f.op("VMOVAPS V%d, V%d", x, part)
			continue
		}
		f.op("VPADDD V%d, V%d, V%d", cutTie, x, part)
		f.op("VPANDD V%d, V%d, V%d", cutMask, part, part)
		f.op("VSUBPS V%d, V%d, V%d", part, x, x)
	}
	f.op("VPSRLD $16, V%d, V%d", cutPart, cutPart)
	f.op("VMOVDQU16 V%d, K3, V%d", cutPart1, cutPart)
}

// cutRows cuts rows of A: for each step of 32 elements the three parts, 64 bytes
// each. top is the largest magnitude of each row, in the bits of a float32: those
// of NaN are the largest.
func (f *file) cutRows() {
	f.begin("cutRows", "cuts rows of n > 0 elements into three parts of bfloat16.", []arg{
		{"dst", pointer}, {"ldd", "int"}, {"src", pointer}, {"lds", "int"}, {"rows", "int"}, {"n", "int"}, {"top", pointer},
	}, "DI", "R8", "SI", "DX", "R9", "R10", "R11")
	const tmp, top, abs = 4, 6, 7
	f.beginCut()
	f.op("VPTERNLOGD $255, V%d, V%d, V%d", abs, abs, abs)
	f.op("VPSRLD $1, V%d, V%d", abs, abs)
	f.label("row")
	f.op("MOVQ SI, R12")
	f.op("MOVQ DI, R13")
	f.op("MOVQ R10, BX")
	f.zero(top)
	f.op("KXNORW K1, K1, K1")
	f.op("KXNORW K2, K2, K2")
	f.label("step")
	f.op("CMPQ BX, $32")
	f.op("JGE whole")
	f.op("MOVQ BX, CX")
	f.op("MOVQ $1, AX")
	f.op("SHLQ CX, AX")
	f.op("DECQ AX")
	f.op("KMOVW AX, K1")
	f.op("SHRQ $16, AX")
	f.op("KMOVW AX, K2")
	f.label("whole")
	f.op("VMOVUPS.Z (R12), K1, V%d", cutLow)
	f.op("VMOVUPS.Z 64(R12), K2, V%d", cutHigh)
	for i := range 2 {
		f.op("VPANDD V%d, V%d, V%d", abs, cutLow+i, tmp+i)
		f.op("VPMAXUD V%d, V%d, V%d", tmp+i, top, top)
	}
	for p := range parts {
		f.cut(p)
		f.op("VMOVUPS V%d, %d(R13)", cutPart, 64*p)
	}
	f.op("ADDQ $128, R12")
	f.op("ADDQ $%d, R13", parts*64)
	f.op("SUBQ $32, BX")
	f.op("JG step")
	f.op("VEXTRACTI64X4 $1, Z%d, Y%d", top, tmp)
	f.op("VPMAXUD Y%d, Y%d, Y%d", tmp, top, top)
	f.op("VEXTRACTI128 $1, Y%d, X%d", top, tmp)
	f.op("VPMAXUD X%d, X%d, X%d", tmp, top, top)
	for _, order := range []int{0x4e, 0xb1} {
		f.op("VPSHUFD $%d, X%d, X%d", order, top, tmp)
		f.op("VPMAXUD X%d, X%d, X%d", tmp, top, top)
	}
	f.op("VMOVD X%d, (R11)", top)
	f.op("ADDQ $4, R11")
	f.op("ADDQ DX, SI")
	f.op("ADDQ R8, DI")
	f.op("DECQ R9")
	f.op("JNZ row")
	f.end()
}

const halfStep = 16 * amxUnit // bytes of a panel of float32 from row i to row 16+i

// panelSteps walks steps of a panel of 32 columns of float32 at a register, whole
// in parts at another, and has body do what is to be done with half a row v.
func (f *file) panelSteps(panel, cut string, body func(v int)) {
	f.label("step")
	f.op("MOVQ $16, CX")
	f.label("pair")
	for v := range 2 {
		body(v)
	}
	f.op("ADDQ $%d, %s", amxUnit, panel)
	f.op("ADDQ $%d, %s", amxUnit, cut)
	f.op("DECQ CX")
	f.op("JNZ pair")
	f.op("ADDQ $%d, %s", halfStep, panel)
	f.op("ADDQ $%d, %s", (parts-1)*amxStep, cut)
	f.op("DECQ R8")
	f.op("JNZ step")
	f.end()
}

// cutPanel cuts a panel into the three parts that tileParts reads, of each step.
func (f *file) cutPanel() {
	f.begin("cutPanel", "cuts steps of 32 rows of a panel into three parts of bfloat16.", []arg{
		{"dst", pointer}, {"src", pointer}, {"steps", "int"},
	}, "DI", "SI", "R8")
	f.beginCut()
	f.panelSteps("SI", "DI", func(v int) {
		f.op("VMOVUPS %d(SI), V%d", 64*v, cutLow)
		f.op("VMOVUPS %d(SI), V%d", halfStep+64*v, cutHigh)
		for p := range parts {
			f.cut(p)
			f.op("VMOVUPS V%d, %d(DI)", cutPart, amxStep*p+64*v)
		}
	})
}

// joinPanel makes the panel again that cutPanel has cut.
func (f *file) joinPanel() {
	f.begin("joinPanel", "joins the parts of steps of a panel.", []arg{
		{"dst", pointer}, {"src", pointer}, {"steps", "int"},
	}, "DI", "SI", "R8")
	f.beginCut()
	f.panelSteps("DI", "SI", func(v int) {
		f.zero(cutLow)
		f.zero(cutHigh)
		for p := parts - 1; p >= 0; p-- {
			f.op("VMOVUPS %d(SI), V%d", amxStep*p+64*v, cutPart)
			f.op("VPANDD V%d, V%d, V%d", cutMask, cutPart, cutPart1)
			f.op("VPSLLD $16, V%d, V%d", cutPart, cutPart)
			f.op("VADDPS V%d, V%d, V%d", cutPart, cutLow, cutLow)
			f.op("VADDPS V%d, V%d, V%d", cutPart1, cutHigh, cutHigh)
		}
		f.op("VMOVUPS V%d, %d(DI)", cutLow, 64*v)
		f.op("VMOVUPS V%d, %d(DI)", cutHigh, halfStep+64*v)
	})
}
