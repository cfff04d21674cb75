package arm64

import (
	"fmt"

	"cradio/cpu/internal/kernel/gen/asm"
)

// A register tile of a matrix product is m rows by 2 registers: their sums, a row of B for
// one or two k, and what a row of A needs. B is a panel: for each k, the
// tile's columns side by side. A sum is multiplied by an element of a register, so that
// nothing of A is to be spread over one.
//
// One long chain of additions would lose digits. So products are added by fused
// multiply-adds in short chains, and each chain's sum to a tile in memory. The two columns
// of registers end their chains alternately, half a chain apart. Where chains end depends on
// k and the column alone: an element is the same whatever m is. Sums of integers are exact,
// and one chain.
//
// Tiles are so slim that there are none of half the width.

const (
	width     = 2  // registers of a row of a tile
	unrolled  = 2  // k at a time
	rowsChain = 32 // k in a chain of gemmRows
	colsChain = 64 // and of gemmCols
)

// rowAt is the register with the address of row r of A.
func rowAt(r int) int {
	if r == 0 {
		return 1
	}
	return 6 + r
}

// chain is the length of chains of k products where they are to end.
func (f *file) chain(k int) int {
	if f.operand != float32s {
		return 0
	}
	return k
}

// tileRows loads the addresses of m rows of A, from R1 on and R2 bytes apart.
func (f *file) tileRows(m int) {
	for r := 1; r < m; r++ {
		f.op("ADD R2, R%d, R%d", rowAt(r-1), rowAt(r))
	}
}

// gemmRows reads A by rows, lda bytes apart. The tile is stored, or added to what is there;
// and the largest element of each column kept in top, if that is not nil and operands are
// float32. Chains are summed in partial, a tile of scratch; of int8, it has what the sums of
// each row begin with, or is nil.
func (f *file) gemmRows() { f.rowsOfSum("gemmRows", 1, "") }

// gemmRowsOfTwo is gemmRows for a panel that is the sum or difference of two, of which top is
// the other, or a TwoPanels. Tiles are at least half as high as a tile may be.
func (f *file) gemmRowsOfTwo() {
	f.rowsOfSum("gemmRowsPlus", f.rows/2, "add")
	f.rowsOfSum("gemmRowsMinus", f.rows/2, "sub")
}

// keepsPanel says that gemmRowsOfTwo store the panel that they make, for the tiles after. Their
// additions take the pipes that multiply float32; those of int16 have others on some cores, and
// stores would take as long.
func (f *file) keepsPanel() bool { return f.operand == float32s }

// rowsOfSum writes gemmRows from so many rows on, of two panels if they are to be joined.
func (f *file) rowsOfSum(name string, least int, join string) {
	add := "fadd"
	if f.operand != float32s {
		add = "add"
	}
	for m := least; m <= f.rows; m++ {
		doc := ""
		switch {
		case m > least:
		case join == "":
			doc = "computes c (+)= a·b for a tile of one row; the functions after it, for more rows."
		default:
			doc = fmt.Sprintf("computes c (+)= a·(b %s top) for a tile of %d rows; the functions after it, for more rows.", map[string]string{"add": "+", "sub": "-"}[join], m)
		}
		f.begin(fmt.Sprintf("%s%d", name, m), doc, asm.Args("k int, a ptr, lda int, b ptr, c ptr, add int, partial ptr, top ptr, next uintptr"), "R0", "R1", "R2", "R3", "R4", "", "", "", "R6")
		f.tileRows(m)
		if f.operand == float32s || f.operand == int8s {
			f.op("MOVD partial+48(FP), R5")
		}
		if join != "" {
			f.op("MOVD top+56(FP), R23")
			if f.keepsPanel() {
				f.op("LDP (R23), (R23, R24)")
			}
		}
		s := sum{m: m, chain: f.chain(rowsChain), prefetch: true, join: join}
		addPart := func(v int, place string) {
			if s.chain == 0 {
				return
			}
			f.op("TBZ $%d, R22, first%s%d", v, place, v)
			f.addTo("fadd", "R5", &s, v)
			f.Label(fmt.Sprintf("first%s%d", place, v))
		}
		s.end = func(v int) {
			addPart(v, "")
			f.storeColumn("R5", &s, v)
		}
		f.sum(&s)
		for v := range width {
			addPart(v, "last")
		}
		f.op("MOVD add+40(FP), R20")
		f.op("CBZ R20, store")
		for v := range width {
			f.addTo(add, "R4", &s, v)
		}
		f.Label("store")
		for v := range width {
			f.storeColumn("R4", &s, v)
		}
		if f.operand == float32s && join == "" {
			f.keepTop(&s)
		}
		f.end()
	}
	f.Table(name, "RowsFunc", name, least, f.rows)
}

// addTo adds what is in memory to the sums of column v of a tile.
func (f *file) addTo(add, at string, s *sum, v int) {
	for r := range s.m {
		t := f.operandAt(r % 4)
		f.op("FMOVQ %d(%s), F%d", (r*width+v)*bytes, at, t)
		f.op("%s v%d.4s, v%d.4s, v%d.4s", add, f.at(s, r, v), f.at(s, r, v), t)
	}
}

func (f *file) storeColumn(at string, s *sum, v int) {
	for r := range s.m {
		f.op("FMOVQ F%d, %d(%s)", f.at(s, r, v), (r*width+v)*bytes, at)
	}
}

// keepTop raises the columns' maxima at top, if any, to those of the tile. Of NaN and a
// number either may be kept: the NaN itself makes the sum of its row NaN.
func (f *file) keepTop(s *sum) {
	f.op("MOVD top+56(FP), R20")
	f.op("CBZ R20, notop")
	for v := range width {
		t := f.operandAt(v)
		f.op("FMOVQ %d(R20), F%d", v*bytes, t)
		for r := range s.m {
			f.op("fmax v%d.4s, v%d.4s, v%d.4s", t, t, f.at(s, r, v))
		}
		f.op("FMOVQ F%d, %d(R20)", t, v*bytes)
	}
	f.Label("notop")
}

// gemmCols reads A by columns: the m words for one k lie side by side, those for the next
// lda bytes further. The tile is added to c times alpha, column by column, or stored if
// there is no alpha.
func (f *file) gemmCols() {
	const name = "gemmCols"
	for m := 1; m <= f.rows; m++ {
		doc := ""
		if m == 1 {
			doc = "computes c = c·alpha + aᵀ·b for a tile of one row; the functions after it, for more rows."
		}
		f.begin(fmt.Sprintf("%s%d", name, m), doc, asm.Args("k int, a ptr, lda int, b ptr, c ptr, alpha ptr"), "R0", "R1", "R2", "R3", "R4", "R5")
		s := sum{m: m, chain: f.chain(colsChain), byCols: true}
		end := func(v int, place string) { // only the first sum meets what is there without this product
			f.op("TBNZ $%d, R22, next%s%d", v, place, v)
			f.op("CBZ R5, added%s%d", place, v)
			alpha := f.operandAt(4)
			f.op("FMOVQ %d(R5), F%d", v*bytes, alpha)
			for r := range m {
				t := f.operandAt(r % 4)
				f.op("FMOVQ %d(R4), F%d", (r*width+v)*bytes, t)
				f.op("fmla v%d.4s, v%d.4s, v%d.4s", f.at(&s, r, v), t, alpha)
			}
			f.op("B added%s%d", place, v)
			f.Label(fmt.Sprintf("next%s%d", place, v))
			f.addTo("fadd", "R4", &s, v)
			f.Label(fmt.Sprintf("added%s%d", place, v))
			f.storeColumn("R4", &s, v)
		}
		s.end = func(v int) { end(v, "") }
		f.sum(&s)
		for v := range width {
			end(v, "last")
		}
		f.end()
	}
	f.Table(name, "ColsFunc", name, 1, f.rows)
}
