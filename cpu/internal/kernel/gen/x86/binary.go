package x86

import "cradio/cpu/internal/kernel/gen/asm"

// binary are the arithmetic operations on two rows of n > 0 float32.
func (f *file) binary() {
	for _, op := range []struct{ name, doc, instruction string }{
		{"add", "computes y = a + b on n > 0 elements.", "VADDPS"},
		{"sub", "computes y = a - b on n > 0 elements.", "VSUBPS"},
		{"mul", "computes y = a · b on n > 0 elements.", "VMULPS"},
		{"div", "computes y = a / b on n > 0 elements.", "VDIVPS"},
	} {
		f.begin(op.name, op.doc, asm.Args("y ptr, a ptr, b ptr, n int"), "DI", "SI", "R8", "R9")
		f.op("XORQ R10, R10")
		f.op("SUBQ $%d, R9", f.lanes)
		f.op("JL tail")
		f.Label("loop")
		f.op("VMOVUPS (SI)(R10*4), V0")
		f.op("%s (R8)(R10*4), V0, V0", op.instruction)
		f.op("VMOVUPS V0, (DI)(R10*4)")
		f.op("ADDQ $%d, R10", f.lanes)
		f.op("SUBQ $%d, R9", f.lanes)
		f.op("JGE loop")
		f.Label("tail")
		f.op("ADDQ $%d, R9", f.lanes)
		f.op("JZ done")
		f.setTail("R9", "AX")
		f.loadTail("(SI)(R10*4)", 0)
		f.loadTail("(R8)(R10*4)", 1)
		f.op("%s V1, V0, V0", op.instruction)
		f.storeTail(0, "(DI)(R10*4)")
		f.Label("done")
		f.end()
	}
}
