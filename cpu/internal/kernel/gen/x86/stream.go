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
