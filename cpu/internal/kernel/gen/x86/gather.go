package x86

import "cradio/cpu/internal/kernel/gen/asm"

// gather copies rows of n > 0 float32, lds bytes apart, to rows ldd bytes apart.
func (f *file) copyRows() {
	f.begin("copyRows", "copies rows of n > 0 float32, lds bytes apart, to rows ldd bytes apart.", moved,
		"DI", "R11", "SI", "DX", "R8", "R9")
	f.moveRows(func() {})
}

// condition is gather on the way of which elements become (x - mean) / std.
func (f *file) normalizeRows() {
	f.begin("normalizeRows", "is copyRows, of (x - mean) / std.",
		append(moved[:len(moved):len(moved)], asm.Args("mean float32, std float32")...),
		"DI", "R11", "SI", "DX", "R8", "R9")
	f.op("VBROADCASTSS mean+48(FP), V1")
	f.op("VBROADCASTSS std+52(FP), V2")
	f.moveRows(func() {
		f.op("VSUBPS V1, V0, V0")
		f.op("VDIVPS V2, V0, V0")
	})
}

var moved = asm.Args("dst ptr, ldd int, src ptr, lds int, rows int, n int")

// moveRows is the loop of gather. body works on V0.
func (f *file) moveRows(body func()) {
	f.op("MOVQ R9, R10")
	f.op("ANDQ $%d, R10", f.lanes-1)
	f.op("JZ row")
	f.op("MOVQ R10, BX")
	f.setTail("BX", "AX")
	f.Label("row")
	f.op("XORQ AX, AX")
	f.op("MOVQ R9, CX")
	f.op("SUBQ $%d, CX", f.lanes)
	f.op("JL tail")
	f.Label("loop")
	f.op("VMOVUPS (SI)(AX*4), V0")
	body()
	f.op("VMOVUPS V0, (DI)(AX*4)")
	f.op("ADDQ $%d, AX", f.lanes)
	f.op("SUBQ $%d, CX", f.lanes)
	f.op("JGE loop")
	f.Label("tail")
	f.op("TESTQ R10, R10")
	f.op("JZ next")
	f.loadTail("(SI)(AX*4)", 0)
	body()
	f.storeTail(0, "(DI)(AX*4)")
	f.Label("next")
	f.op("ADDQ R11, DI")
	f.op("ADDQ DX, SI")
	f.op("DECQ R8")
	f.op("JNZ row")
	f.end()
}
