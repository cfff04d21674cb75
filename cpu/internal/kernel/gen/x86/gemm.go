package x86

import (
	"fmt"

	"cradio/cpu/internal/kernel/gen/asm"
)

// A register tile of a matrix product is m rows by w registers, 2 or (slim) 1:
// m·w sums, w registers of B, and what a row of A needs. B is a panel: for each k,
// the tile's columns side by side.
//
// One long chain of additions would lose digits. So products are added by fused
// multiply-adds in short chains, and each chain's sum to a tile in memory. The
// two columns of registers end their chains alternately, half a chain apart, which
// makes that almost free: a burst of half as many stores hides behind the
// multiplications. Where chains end depends on k and the column alone: an
// element is the same whatever m is.
//
// Sums in low precision are one chain: those of bfloat16 are exact enough for
// operands of 8 bits, and those of int8 and int16 are exact.

const (
	unrolled    = 4  // k at a time
	rowsChain   = 32 // k in a chain of gemmRows
	joinedChain = 64 // of gemmJoined
	colsChain   = 64 // and of gemmCols
)

// bases hold the addresses of rows 0, 3, 6, …; rows between are one or two
// strides (DX) further.
var bases = []string{"R8", "R9", "R10", "R11", "R12"}

func row(r, offset int) string {
	return fmt.Sprintf("%d(%s)", offset, bases[r/3]) + []string{"", "(DX*1)", "(DX*2)"}[r%3]
}

// chain is the length of chains of k products where they are to end.
func (f *file) chain(k int) int {
	if f.operand != float32s {
		return 0
	}
	return k
}

// fetched is how many cache lines gemmRows bring closer in unrolled steps. With one a step, an
// Intel core has as many lines on their way from a third-level cache as it can keep, and then
// waits for those of the second-level cache too.
func (f *file) fetched() int {
	if f.operand == float32s || f.operand == int16s {
		return unrolled / 2
	}
	return unrolled
}

// gemmRows reads A by rows, lda bytes apart. The tile is stored, or added to what
// is there; and the largest element of each column kept in top, if that is not
// nil and operands are float32. Chains are summed in partial, a tile of scratch.
func (f *file) gemmRows(w int) {
	f.rowsOfSum(rowsKernel{name: "gemmRows" + slim(w), doc: "computes c (+)= a·b", w: w, least: 1, chain: rowsChain})
}

// gemmJoined is gemmRows where the words of A for one k lie side by side, without gaps: it
// has a single address. So lda is free to say how far apart are the lines that it fetches, one
// in unrolled steps: they need not lie side by side. Meanwhile it copies a finished tile past the caches.
func (f *file) gemmJoined(w int) {
	f.rowsOfSum(rowsKernel{name: "gemmJoined", doc: "computes c (+)= aᵀ·b, where a has no gaps,", w: w, least: 1, chain: joinedChain, joined: true})
}

// gemmPacking is gemmJoined where B is yet to be packed, for the first tile of many rows. It copies no other tile.
func (f *file) gemmPacking(w int) {
	f.rowsOfSum(rowsKernel{name: "gemmPacking", doc: "computes c (+)= aᵀ·b and packs b", w: w, least: f.rows - f.rows/4, chain: joinedChain, joined: true, packs: true})
}

// gemmRowsOfTwo writes gemmRows by the sum of two panels, b and other, and by their
// difference, of at least half as many rows as there are: the additions, on pipes of
// their own, take no time.
func (f *file) gemmRowsOfTwo(w int) {
	plus, minus := "VADDPS", "VSUBPS"
	if f.operand == int16s {
		plus, minus = "VPADDW", "VPSUBW"
	}
	const doc = "is gemmRows by what is made of b and another panel"
	f.rowsOfSum(rowsKernel{name: "gemmRowsPlus", doc: doc, w: w, least: f.rows / 2, chain: rowsChain, join: plus})
	f.rowsOfSum(rowsKernel{name: "gemmRowsMinus", doc: doc, w: w, least: f.rows / 2, chain: rowsChain, join: minus})
}

// rowsKernel is gemmRows, of one panel or of what an instruction makes of two.
type rowsKernel struct {
	name, doc string
	w, least  int
	chain     int
	join      string // the instruction
	joined    bool   // A lies by columns
	packs     bool   // B is packed
}

func (f *file) rowsOfSum(of rowsKernel) {
	name, w, least, join := of.name, of.w, of.least, of.join
	add := "VADDPS"
	if f.operand == int8s || f.operand == int16s {
		add = "VPADDD"
	}
	for m := least; m <= f.rows; m++ {
		doc, last := of.doc+" for a tile of one row; the functions after it, for more rows.", "top"
		if join != "" {
			doc, last = of.doc+"; the functions after it, for more rows.", "other"
		}
		if of.joined {
			last = "beside"
		}
		if m > least {
			doc = ""
		}
		f.begin(fmt.Sprintf("%s%d", name, m), doc, asm.Args("k int, a ptr, lda int, b ptr, c ptr, add int, partial ptr, "+last+" ptr, next uintptr"), "SI", "R8", "DX", "BX", "DI", "", "", "", "R14")
		if join != "" {
			f.op("MOVQ other+56(FP), AX")
			f.op("SUBQ BX, AX")
		}
		if m > 3 && !of.joined {
			f.op("LEAQ (DX)(DX*2), R15")
		}
		for i := 1; i*3 < m && !of.joined; i++ {
			f.op("LEAQ (%s)(R15*1), %s", bases[i-1], bases[i])
		}
		if f.operand == float32s {
			f.op("MOVQ partial+48(FP), R15")
		}
		switch {
		case of.packs:
			f.openPacking()
		case of.joined:
			f.openBeside()
		}
		s := sum{m: m, w: w, chain: f.chain(of.chain), prefetch: f.fetched(), join: join,
			a: func(r, u int) string { return row(r, 4*u) },
			advance: func(n int) {
				for i := 0; i*3 < m; i++ {
					f.op("ADDQ $%d, %s", 4*n, bases[i])
				}
			},
		}
		if of.joined {
			s.a = func(r, u int) string { return fmt.Sprintf("%d(R8)", 4*(m*u+r)) }
			s.advance = func(n int) { f.op("ADDQ $%d, R8", 4*m*n) }
			s.prefetch, s.apart = 1, "DX"
			if s.packs = of.packs; !s.packs {
				s.beside = f.copyBeside
			}
		}
		addPart := func(v int) {
			if s.chain == 0 {
				return
			}
			f.op("TESTQ $%d, R13", 1<<v)
			f.op("JZ first%s%d", s.place, v)
			s.column(v, func(r int) { f.op("VADDPS %d(R15), V%d, V%d", r*f.bytes(), r, r) })
			f.Label(fmt.Sprintf("first%s%d", s.place, v))
		}
		s.end = func(v int) {
			addPart(v)
			s.column(v, func(r int) { f.op("VMOVUPS V%d, %d(R15)", r, r*f.bytes()) })
		}
		f.sum(&s)
		for v := range w {
			addPart(v)
		}
		f.op("MOVQ add+40(FP), R13")
		f.op("TESTQ R13, R13")
		f.op("JZ store")
		for r := range w * m {
			f.op("%s %d(DI), V%d, V%d", add, r*f.bytes(), r, r)
		}
		f.Label("store")
		f.storeTile(w * m)
		if f.operand == float32s && join == "" && !of.joined {
			f.op("MOVQ top+56(FP), AX")
			f.keepTop(m, w)
		}
		f.end()
	}
	f.Table(name, "RowsFunc", name, least, f.rows)
}

func (f *file) storeTile(n int) {
	for r := range n {
		f.op("VMOVUPS V%d, %d(DI)", r, r*f.bytes())
	}
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
	f.Label("notop")
}

// gemmCols reads A by columns: the m words for one k lie side by side, those for
// the next lda bytes further. The tile is added to c times alpha, column by
// column, or stored if there is no alpha.
func (f *file) gemmCols(w int) {
	name := "gemmCols" + slim(w)
	for m := 1; m <= f.rows; m++ {
		doc := ""
		if m == 1 {
			doc = "computes c = c·alpha + aᵀ·b for a tile of one row; the functions after it, for more rows."
		}
		f.begin(fmt.Sprintf("%s%d", name, m), doc, asm.Args("k int, a ptr, lda int, b ptr, c ptr, alpha ptr"), "SI", "R8", "DX", "BX", "DI", "AX")
		f.op("LEAQ (DX)(DX*2), R15")
		at := []string{"(R8)", "(R8)(DX*1)", "(R8)(DX*2)", "(R8)(R15*1)"}
		s := sum{m: m, w: w, chain: f.chain(colsChain),
			a: func(r, u int) string { return fmt.Sprintf("%d%s", 4*r, at[u]) },
			advance: func(n int) {
				if n == 1 {
					f.op("ADDQ DX, R8")
					return
				}
				f.op("LEAQ (R8)(DX*%d), R8", n)
			},
		}
		s.end = func(v int) { // only the first sum meets what is there without this product
			alpha := 2*f.rows + v
			if s.chain > 0 {
				f.op("TESTQ $%d, R13", 1<<v)
				f.op("JNZ next%s%d", s.place, v)
			}
			f.op("TESTQ AX, AX")
			f.op("JZ added%s%d", s.place, v)
			f.op("VMOVUPS %d(AX), V%d", v*f.bytes(), alpha)
			s.column(v, func(r int) { f.op("VFMADD231PS %d(DI), V%d, V%d", r*f.bytes(), alpha, r) })
			if s.chain > 0 {
				f.op("JMP added%s%d", s.place, v)
				f.Label(fmt.Sprintf("next%s%d", s.place, v))
				s.column(v, func(r int) { f.op("VADDPS %d(DI), V%d, V%d", r*f.bytes(), r, r) })
			}
			f.Label(fmt.Sprintf("added%s%d", s.place, v))
			s.column(v, func(r int) { f.op("VMOVUPS V%d, %d(DI)", r, r*f.bytes()) })
		}
		f.sum(&s)
		for v := range w {
			s.end(v)
		}
		f.end()
	}
	f.Table(name, "ColsFunc", name, 1, f.rows)
}

func slim(w int) string {
	if w == 1 {
		return "Slim"
	}
	return ""
}
