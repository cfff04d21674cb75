package arm64

import "cradio/cpu/internal/kernel/gen/asm"

// transpose transposes a square of at most 4 by 4: rows rows of src, of cols elements each,
// become cols rows of dst, of which keep elements each are written. Rows of src that are
// missing read as zeros. If factor is not nil, column i of src is multiplied by factor[i]
// first (of a full register).
func (f *file) transpose() {
	f.begin("transpose", "transposes a square of at most one register by one register.", asm.Args("dst ptr, ldd int, src ptr, lds int, rows int, cols int, keep int, factor ptr"), "R0", "R1", "R2", "R3", "R4", "R5", "R6", "R7")
	for r := 1; r < lanes; r++ {
		f.zero(r)
	}
	rows := func(load func(r int)) {
		for r := range lanes {
			load(r)
			f.op("CMP $%d, R4", r+1)
			f.op("BEQ loaded")
			f.op("ADD R3, R2")
		}
	}
	f.op("CMP $%d, R5", lanes)
	f.op("BLT few")
	rows(func(r int) { f.op("FMOVQ (R2), F%d", r) })
	f.Label("few")
	rows(func(r int) { f.loadTail("R2", "R5", r) })
	f.Label("loaded")
	f.op("CBZ R7, plain")
	f.op("FMOVQ (R7), F4")
	for r := range lanes {
		f.op("fmul v%d.4s, v%d.4s, v4.4s", r, r)
	}
	f.Label("plain")
	for i := 0; i < lanes; i += 2 {
		f.op("trn1 v%d.4s, v%d.4s, v%d.4s", 4+i, i, i+1)
		f.op("trn2 v%d.4s, v%d.4s, v%d.4s", 5+i, i, i+1)
	}
	for i := range 2 {
		f.op("trn1 v%d.2d, v%d.2d, v%d.2d", i, 4+i, 6+i)
		f.op("trn2 v%d.2d, v%d.2d, v%d.2d", 2+i, 4+i, 6+i)
	}
	store := func(store func(c int)) {
		for c := range lanes {
			store(c)
			f.op("CMP $%d, R5", c+1)
			f.op("BEQ done")
			f.op("ADD R1, R0")
		}
	}
	f.op("CMP $%d, R6", lanes)
	f.op("BLT short")
	store(func(c int) { f.op("FMOVQ F%d, (R0)", c) })
	f.Label("short")
	store(func(c int) { f.storeTail(c, "R0", "R6") })
	f.Label("done")
	f.end()
}
