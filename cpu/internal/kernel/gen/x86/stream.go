package x86

import "cradio/cpu/internal/kernel/gen/asm"

// streamTile writes a tile of two registers a row without reading what it replaces: whole
// cache lines, which go to memory past the caches.
func (f *file) streamTile() {
	f.begin("streamTile", "copies a tile of n > 0 rows to rows ldd bytes apart, each at a register's multiple, past the caches.", asm.Args("dst ptr, ldd int, tile ptr, n int"), "DI", "DX", "SI", "CX")
	f.Label("row")
	for v := range 2 {
		f.op("VMOVUPS %d(SI), V%d", v*f.bytes(), v)
	}
	for v := range 2 {
		f.op("VMOVNTPS V%d, %d(DI)", v, v*f.bytes())
	}
	f.op("ADDQ $%d, SI", 2*f.bytes())
	f.op("ADDQ DX, DI")
	f.op("DECQ CX")
	f.op("JNZ row")
	f.end()
}

// A tile can copy one that was finished before, past the caches, while it multiplies. In one go such stores hold up what
// comes after them: a core has room for few lines on their way to memory.

// openBeside reads a Beside, if there is one: where to R9, from row to row R10, the tile AX, its rows R12.
func (f *file) openBeside() {
	f.op("XORQ R12, R12")
	f.op("MOVQ beside+56(FP), R11")
	f.op("TESTQ R11, R11")
	f.op("JZ alone")
	for i, r := range []string{"R9", "R10", "AX", "R12"} {
		f.op("MOVQ %d(R11), %s", 8*i, r)
	}
	f.Label("alone")
}

// copyBeside copies a row, if one is left. Elements of B are no longer needed where it is called.
func (f *file) copyBeside() {
	b := 2 * f.rows
	f.op("DECQ R12")
	f.op("JS copied")
	for v := range 2 {
		f.op("VMOVUPS %d(AX), V%d", v*f.bytes(), b+v)
	}
	for v := range 2 {
		f.op("VMOVNTPS V%d, %d(R9)", b+v, v*f.bytes())
	}
	f.op("ADDQ $%d, AX", 2*f.bytes())
	f.op("ADDQ R10, R9")
	f.Label("copied")
}
