package x86

import "cradio/cpu/internal/kernel/gen/asm"

// transpose transposes a square of at most one register by one register: rows rows of
// src, of cols elements each, become cols rows of dst, of which keep elements
// each are written. Rows of src that are missing read as zeros. If factor is not
// nil, column i of src is multiplied by factor[i] first (of a full register).
func (f *file) transpose() {
	f.begin("transpose", "transposes a square of at most one register by one register.", asm.Args("dst ptr, ldd int, src ptr, lds int, rows int, cols int, keep int, factor ptr"), "DI", "DX", "SI", "R8", "R9", "R10", "R11", "R12")
	f.op("MOVQ R10, BX")
	f.setTail("BX", "AX")
	for r := range f.lanes {
		f.zero(r)
	}
	for r := range f.lanes {
		f.loadTail("(SI)", r)
		f.op("ADDQ R8, SI")
		f.op("CMPQ R9, $%d", r+1)
		f.op("JEQ loaded")
	}
	f.Label("loaded")
	f.op("TESTQ R12, R12")
	f.op("JZ plain")
	for r := range f.lanes {
		f.op("VMULPS (R12), V%d, V%d", r, r)
	}
	f.Label("plain")
	out := f.transposeSquare()
	f.op("CMPQ R11, $%d", f.lanes)
	f.op("JL masked")
	for c, r := range out { // masked stores are slow
		f.op("VMOVUPS V%d, (DI)", r)
		f.op("ADDQ DX, DI")
		f.op("CMPQ R10, $%d", c+1)
		f.op("JEQ done")
	}
	f.op("JMP done")
	f.Label("masked")
	f.op("MOVQ R11, BX")
	f.setTail("BX", "AX")
	for c, r := range out {
		f.storeTail(r, "(DI)")
		f.op("ADDQ DX, DI")
		f.op("CMPQ R10, $%d", c+1)
		f.op("JEQ done")
	}
	f.Label("done")
	f.end()
}

// transposeSquare transposes the square in registers 0 … lanes-1 and returns the registers
// that then hold its columns. Quarters of 4×4 are transposed inside each 128-bit
// lane, then lanes are exchanged.
func (f *file) transposeSquare() []int {
	n := f.lanes
	for i := 0; i < n; i += 2 {
		f.op("VUNPCKLPS V%d, V%d, V%d", i+1, i, n+i)
		f.op("VUNPCKHPS V%d, V%d, V%d", i+1, i, n+i+1)
	}
	for g := 0; g < n; g += 4 { // register g+j: column j of each lane, rows g … g+3
		for j := range 4 {
			name := [...]string{"VUNPCKLPD", "VUNPCKHPD"}[j%2]
			f.op("%s V%d, V%d, V%d", name, n+g+2+j/2, n+g+j/2, g+j)
		}
	}
	out := make([]int, n)
	if f.reg == 'Y' {
		for j := range 4 {
			f.op("VPERM2F128 $0x20, V%d, V%d, V%d", 4+j, j, 8+j)
			f.op("VPERM2F128 $0x31, V%d, V%d, V%d", 4+j, j, j)
			out[j], out[4+j] = 8+j, j
		}
		return out
	}
	const first, second = "$0x88", "$0xdd" // lanes 0 and 2, or 1 and 3, of both operands
	for j := range 4 {
		t := 16 + 4*j
		f.op("VSHUFF32X4 %s, V%d, V%d, V%d", first, 4+j, j, t)
		f.op("VSHUFF32X4 %s, V%d, V%d, V%d", second, 4+j, j, t+1)
		f.op("VSHUFF32X4 %s, V%d, V%d, V%d", first, 12+j, 8+j, t+2)
		f.op("VSHUFF32X4 %s, V%d, V%d, V%d", second, 12+j, 8+j, t+3)
		f.op("VSHUFF32X4 %s, V%d, V%d, V%d", first, t+2, t, j)
		f.op("VSHUFF32X4 %s, V%d, V%d, V%d", first, t+3, t+1, 4+j)
		f.op("VSHUFF32X4 %s, V%d, V%d, V%d", second, t+2, t, 8+j)
		f.op("VSHUFF32X4 %s, V%d, V%d, V%d", second, t+3, t+1, 12+j)
		for l := range 4 {
			out[4*l+j] = 4*l + j
		}
	}
	return out
}
