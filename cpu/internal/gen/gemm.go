package main

import "fmt"

// A register tile of a matrix product is m rows by w registers, 2 or (narrow) 1:
// m·w sums, w registers of B, and what a row of A needs. B is a panel: for each k,
// the tile's columns side by side. Each element of the tile is one chain of fused
// multiply-adds over k, whatever m and w are.

const (
	unrolled = 4 // k at a time
	pointer  = "unsafe.Pointer"
)

// bases hold the addresses of rows 0, 3, 6, …; rows between are one or two
// strides (DX) further.
var bases = []string{"R8", "R9", "R10", "R11", "R12"}

func row(r, offset int) string {
	return fmt.Sprintf("%d(%s)", offset, bases[r/3]) + []string{"", "(DX*1)", "(DX*2)"}[r%3]
}

// gemmRows reads A by rows, lda bytes apart. The tile is stored, or added to what
// is there; or stored with the largest element of each column kept in max.
func (f *file) gemmRows(w int) {
	name := "gemmRows" + narrow(w)
	for m := 1; m <= f.rows; m++ {
		doc := ""
		if m == 1 {
			doc = "computes c (+)= a·b for a tile of one row; the functions after it, for more rows."
		}
		f.begin(fmt.Sprintf("%s%d", name, m), doc, []arg{
			{"k", "int"}, {"a", pointer}, {"lda", "int"}, {"b", pointer}, {"c", pointer}, {"add", "int"}, {"top", pointer}, {"next", "uintptr"},
		}, "CX", "R8", "DX", "BX", "DI", "R13", "AX", "R14")
		if m > 3 {
			f.op("LEAQ (DX)(DX*2), R15")
		}
		for i := 1; i*3 < m; i++ {
			f.op("LEAQ (%s)(R15*1), %s", bases[i-1], bases[i])
		}
		f.sum(m, w, true, func(r, u int) string { return row(r, 4*u) }, func(n int) {
			for i := 0; i*3 < m; i++ {
				f.op("ADDQ $%d, %s", 4*n, bases[i])
			}
		})
		f.keepTop(m, w)
		f.op("TESTQ R13, R13")
		f.op("JZ store")
		for r := range w * m {
			f.op("VADDPS %d(DI), V%d, V%d", r*f.bytes(), r, r)
		}
		f.label("store")
		for r := range w * m {
			f.op("VMOVUPS V%d, %d(DI)", r, r*f.bytes())
		}
		f.end()
	}
	f.decl.table(name+f.name, "rowsFunc", name, f.name, f.rows)
}

// keepTop raises the columns' maxima at AX, if any, to those of the tile. Of NaN
// and a number either may be kept: the NaN itself makes the sum of its row NaN.
func (f *file) keepTop(m, w int) {
	f.op("TESTQ AX, AX")
	f.op("JZ notop")
	for v := range w {
		t := 2*f.rows + v
		f.op("VMOVUPS %d(AX), V%d", v*f.bytes(), t)
		for r := range m {
			f.op("VMAXPS V%d, V%d, V%d", w*r+v, t, t)
		}
		f.op("VMOVUPS V%d, %d(AX)", t, v*f.bytes())
	}
	f.label("notop")
}

// gemmCols reads A by columns: the m elements for one k lie side by side, those
// for the next lda bytes further. The tile is added to c times alpha, column by
// column.
func (f *file) gemmCols(w int) {
	name := "gemmCols" + narrow(w)
	for m := 1; m <= f.rows; m++ {
		doc := ""
		if m == 1 {
			doc = "computes c = c·alpha + aᵀ·b for a tile of one row; the functions after it, for more rows."
		}
		f.begin(fmt.Sprintf("%s%d", name, m), doc, []arg{
			{"k", "int"}, {"a", pointer}, {"lda", "int"}, {"b", pointer}, {"c", pointer}, {"alpha", pointer},
		}, "CX", "R8", "DX", "BX", "DI", "AX")
		f.op("LEAQ (DX)(DX*2), R15")
		at := []string{"(R8)", "(R8)(DX*1)", "(R8)(DX*2)", "(R8)(R15*1)"}
		f.sum(m, w, false, func(r, u int) string { return fmt.Sprintf("%d%s", 4*r, at[u]) }, func(n int) {
			if n == 1 {
				f.op("ADDQ DX, R8")
				return
			}
			f.op("LEAQ (R8)(DX*%d), R8", n)
		})
		for v := range w {
			f.op("VMOVUPS %d(AX), V%d", v*f.bytes(), 2*f.rows+v)
		}
		for r := range w * m {
			f.op("VFMADD231PS %d(DI), V%d, V%d", r*f.bytes(), 2*f.rows+r%w, r)
		}
		for r := range w * m {
			f.op("VMOVUPS V%d, %d(DI)", r, r*f.bytes())
		}
		f.end()
	}
	f.decl.table(name+f.name, "colsFunc", name, f.name, f.rows)
}

func narrow(w int) string {
	if w == 1 {
		return "Narrow"
	}
	return ""
}

// sum computes the tile in V0, V1, …: CX times a step, a(r, u) being the element
// of A in row r, u steps ahead, and advance what moves A. prefetch fetches a cache
// line at R14 a step.
func (f *file) sum(m, w int, prefetch bool, a func(r, u int) string, advance func(n int)) {
	for r := range w * m {
		f.zero(r)
	}
	step := func(u int) {
		for v := range w {
			f.op("VMOVUPS %d(BX), V%d", (u*w+v)*f.bytes(), 2*f.rows+v)
		}
		for r := range m {
			t := 2*f.rows + 2 + r%2
			if f.reg == 'Y' {
				f.op("VBROADCASTSS %s, V%d", a(r, u), t)
			}
			for v := range w {
				if f.reg == 'Z' {
					f.op("VFMADD231PS.BCST %s, V%d, V%d", a(r, u), 2*f.rows+v, w*r+v)
				} else {
					f.op("VFMADD231PS V%d, V%d, V%d", 2*f.rows+v, t, w*r+v)
				}
			}
		}
	}
	f.op("SUBQ $%d, CX", unrolled)
	f.op("JL rest")
	f.op("PCALIGN $32")
	f.label("loop")
	for u := range unrolled {
		step(u)
	}
	if prefetch {
		for u := range unrolled {
			f.op("PREFETCHT1 %d(R14)", 64*u)
		}
		f.op("ADDQ $%d, R14", 64*unrolled)
	}
	advance(unrolled)
	f.op("ADDQ $%d, BX", unrolled*w*f.bytes())
	f.op("SUBQ $%d, CX", unrolled)
	f.op("JGE loop")
	f.label("rest")
	f.op("ADDQ $%d, CX", unrolled)
	f.op("JZ done")
	f.label("single")
	step(0)
	advance(1)
	f.op("ADDQ $%d, BX", w*f.bytes())
	f.op("DECQ CX")
	f.op("JNZ single")
	f.label("done")
}
