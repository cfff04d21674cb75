package arm64

import "cradio/cpu/internal/kernel/gen/asm"

// binary are the arithmetic operations on two rows of n > 0 float32.
func (f *file) binary() {
	for _, op := range []struct{ name, doc string }{
		{"add", "computes y = a + b on n > 0 elements."},
		{"sub", "computes y = a - b on n > 0 elements."},
		{"mul", "computes y = a · b on n > 0 elements."},
		{"div", "computes y = a / b on n > 0 elements."},
	} {
		f.begin(op.name, op.doc, asm.Args("y ptr, a ptr, b ptr, n int"), "R0", "R1", "R2", "R3")
		f.unrolled("R3", 4, func(_ int, full bool) {
			f.in(full, "R1", "R3", 0)
			f.in(full, "R2", "R3", 1)
			f.op("f%s v0.4s, v0.4s, v1.4s", op.name)
			f.out(full, 0, "R0", "R3")
		})
		f.end()
	}
}

// copyRows copies rows of n > 0 float32, lds bytes apart, to rows ldd bytes apart.
func (f *file) copyRows() {
	f.begin("copyRows", "copies rows of n > 0 float32, lds bytes apart, to rows ldd bytes apart.", moved, "R0", "R1", "R2", "R3", "R4", "R5")
	f.moveRows(func() {})
}

// normalizeRows is copyRows, on whose way elements become (x - mean) / std.
func (f *file) normalizeRows() {
	f.begin("normalizeRows", "is copyRows, of (x - mean) / std.", append(moved[:len(moved):len(moved)], asm.Args("mean float32, std float32")...), "R0", "R1", "R2", "R3", "R4", "R5", "F1", "F2")
	f.op("dup v1.4s, v1.s[0]")
	f.op("dup v2.4s, v2.s[0]")
	f.moveRows(func() {
		f.op("fsub v0.4s, v0.4s, v1.4s")
		f.op("fdiv v0.4s, v0.4s, v2.4s")
	})
}

var moved = asm.Args("dst ptr, ldd int, src ptr, lds int, rows int, n int")

// moveRows is the loop over rows. body works on V0.
func (f *file) moveRows(body func()) {
	f.Label("row")
	f.op("MOVD R0, R6")
	f.op("MOVD R2, R7")
	f.op("MOVD R5, R8")
	f.unrolled("R8", 4, func(_ int, full bool) {
		f.in(full, "R7", "R8", 0)
		body()
		f.out(full, 0, "R6", "R8")
	})
	f.op("ADD R1, R0")
	f.op("ADD R3, R2")
	f.op("SUBS $1, R4, R4")
	f.op("BNE row")
	f.end()
}
