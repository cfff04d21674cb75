package x86

import (
	"fmt"

	"cradio/cpu/internal/kernel/gen/asm"
)

// gemmExact computes a tile in float64: float32 products are exact there, so that
// only their sum is rounded, in the order of k, as on the plain level. The tile
// is m rows by 4 registers of float64, as many columns as the others have; it is
// stored, or begins with what is there.
func (f *file) gemmExact() {
	rows := 6
	if f.reg == 'Y' {
		rows = 2
	}
	half := map[byte]string{'Z': "Y", 'Y': "X"}[f.reg]
	for m := 1; m <= rows; m++ {
		doc := ""
		if m == 1 {
			doc = "computes c (+)= a·b in float64 for a tile of one row; the functions after it, for more rows."
		}
		f.begin(fmt.Sprintf("gemmExact%d", m), doc, asm.Args("k int, a ptr, lda int, b ptr, c ptr, add int"), "CX", "R8", "DX", "BX", "DI", "R13")
		if m > 3 {
			f.op("LEAQ (DX)(DX*2), R9")
			f.op("ADDQ R8, R9")
		}
		for r := range 4 * m {
			f.zero(r)
		}
		f.op("TESTQ R13, R13")
		f.op("JZ start")
		for r := range 4 * m {
			f.op("VMOVUPS %d(DI), V%d", r*f.bytes(), r)
		}
		f.Label("start")
		f.op("TESTQ CX, CX")
		f.op("JZ done")
		f.Label("loop")
		b, a := 4*rows, 4*rows+4
		for v := range 4 {
			f.op("VCVTPS2PD %d(BX), V%d", v*f.bytes()/2, b+v)
		}
		for r := range m {
			f.op("VBROADCASTSS %s, %s%d", exactRow(r), half, a)
			f.op("VCVTPS2PD %s%d, V%d", half, a, a)
			for v := range 4 {
				f.op("VFMADD231PD V%d, V%d, V%d", b+v, a, 4*r+v)
			}
		}
		f.op("ADDQ $4, R8")
		if m > 3 {
			f.op("ADDQ $4, R9")
		}
		f.op("ADDQ $%d, BX", 2*f.bytes())
		f.op("DECQ CX")
		f.op("JNZ loop")
		f.Label("done")
		f.storeTile(4 * m)
		f.end()
	}
	f.Table("gemmExact", "ExactFunc", "gemmExact", 1, rows)
}

// exactRow is the address of a row of A: R8 and R9 hold rows 0 and 3.
func exactRow(r int) string {
	return fmt.Sprintf("(%s)", []string{"R8", "R9"}[r/3]) + []string{"", "(DX*1)", "(DX*2)"}[r%3]
}
