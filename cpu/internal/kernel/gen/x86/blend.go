package x86

import (
	"fmt"

	"cradio/cpu/internal/kernel/gen/asm"
)

// blend is the bilinear combination of four rows, in float64 and in the order of
// the plain level: the bits are the same.
func (f *file) blend() {
	f.begin("blend", "combines four rows of n float32 in float64: (a·w0 + b·w1)·w2 + (c·w0 + d·w1)·w3.", asm.Args("y ptr, a ptr, b ptr, c ptr, d ptr, n int, w0 float64, w1 float64, w2 float64, w3 float64"), "DI", "R8", "R9", "R10", "R11", "CX")
	const weight = 12 // and the three after it
	for i := range 4 {
		f.op("VBROADCASTSD w%d+%d(FP), V%d", i, 48+8*i, weight+i)
	}
	rows := []string{"R8", "R9", "R10", "R11"}
	// combine works on registers r … r+3, or on their lowest elements.
	combine := func(r int, reg, suffix string) {
		for i := range 4 {
			f.op("VMUL%s %s%d, %s%d, %s%d", suffix, reg, weight+i%2, reg, r+i, reg, r+i)
		}
		f.op("VADD%s %s%d, %s%d, %s%d", suffix, reg, r+1, reg, r, reg, r)
		f.op("VADD%s %s%d, %s%d, %s%d", suffix, reg, r+3, reg, r+2, reg, r+2)
		f.op("VMUL%s %s%d, %s%d, %s%d", suffix, reg, weight+2, reg, r, reg, r)
		f.op("VMUL%s %s%d, %s%d, %s%d", suffix, reg, weight+3, reg, r+2, reg, r+2)
		f.op("VADD%s %s%d, %s%d, %s%d", suffix, reg, r+2, reg, r, reg, r)
	}
	f.op("XORQ BX, BX")
	f.op("SUBQ $%d, CX", f.lanes)
	f.op("JL remainder")
	f.Label("loop")
	for v := range 2 {
		for i, row := range rows {
			f.op("VCVTPS2PD %d(%s)(BX*4), V%d", v*f.bytes()/2, row, 4*v+i)
		}
		combine(4*v, string(f.reg), "PD")
		to := fmt.Sprintf("%d(DI)(BX*4)", v*f.bytes()/2)
		if f.reg == 'Z' {
			f.op("VCVTPD2PS Z%d, Y%d", 4*v, 4*v)
			f.op("VMOVUPS Y%d, %s", 4*v, to)
		} else {
			f.op("VCVTPD2PSY Y%d, X%d", 4*v, 4*v)
			f.op("VMOVUPS X%d, %s", 4*v, to)
		}
	}
	f.op("ADDQ $%d, BX", f.lanes)
	f.op("SUBQ $%d, CX", f.lanes)
	f.op("JGE loop")
	f.Label("remainder")
	f.op("ADDQ $%d, CX", f.lanes)
	f.op("JZ done")
	f.Label("single")
	for i, row := range rows {
		f.op("VMOVSS (%s)(BX*4), X%d", row, i)
		f.op("VCVTSS2SD X%d, X%d, X%d", i, i, i)
	}
	combine(0, "X", "SD")
	f.op("VCVTSD2SS X0, X0, X0")
	f.op("VMOVSS X0, (DI)(BX*4)")
	f.op("INCQ BX")
	f.op("DECQ CX")
	f.op("JNZ single")
	f.Label("done")
	f.end()
}
