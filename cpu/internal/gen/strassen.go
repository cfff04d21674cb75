package main

// Kernels of Strassen's algorithm, with gemmRowsPlus and gemmRowsMinus: see
// cpu/strassen.go.

// term is an operand of a sum, with a minus where it is subtracted.
type term struct {
	of    int
	minus bool
}

func plus(i int) term  { return term{of: i} }
func minus(i int) term { return term{i, true} }

var (
	// leftSums are the left operands, of quarters 11, 12, 21 and 22.
	leftSums = [][]term{
		{plus(0), plus(3)}, {plus(2), plus(3)}, {plus(0)}, {plus(3)}, {plus(0), plus(1)}, {plus(2), minus(0)}, {plus(1), minus(3)},
	}
	// quarterSums are quarters of the result, of the products.
	quarterSums = [][]term{
		{plus(0), plus(3), minus(4), plus(6)}, {plus(2), plus(4)}, {plus(1), plus(3)}, {plus(0), minus(1), plus(2), plus(5)},
	}
)

// strassen writes the kernels that work on operands and results in memory.
func (f *file) strassen() {
	if f.unit == words {
		f.leftOperands("leftOperands", ofBytes)
	} else {
		f.leftOperands("leftOperands", ofUnits)
		f.leftOperands("leftOperandsRounded", ofBFloat16)
	}
	f.begin("joinProducts", "makes four tiles of n > 0 elements of seven products, ldd bytes apart, in place of the first four.", []arg{
		{"dst", pointer}, {"ldd", "int"}, {"n", "int"},
	}, "DI", "DX", "CX")
	join := ofUnits
	if f.unit == words {
		join = operands{"", "VPADDD", "VPSUBD", (*file).loadUnits}
	}
	f.sums(sevenfold, quarterSums, join)
	f.end()
}

// operands are what sums are made of, and how.
type operands struct {
	doc, add, subtract string
	load               func(f *file, from string, r int) // units at AX of what begins at from
}

var (
	ofUnits    = operands{"", "VADDPS", "VSUBPS", (*file).loadUnits}
	ofBFloat16 = operands{", bfloat16", "VADDPS", "VSUBPS", (*file).loadBFloat16}
	ofBytes    = operands{", two uint8", "VPADDW", "VPSUBW", (*file).loadBytes}
)

func (f *file) loadUnits(from string, r int) { f.op("VMOVUPS (%s)(AX*4), V%d", from, r) }

func (f *file) loadBFloat16(from string, r int) {
	f.op("VPMOVZXWD (%s)(AX*2), V%d", from, r)
	f.op("VPSLLD $16, V%d, V%d", r, r)
}

func (f *file) loadBytes(from string, r int) { f.op("VPMOVZXBW (%s)(AX*2), V%d", from, r) }

func (f *file) leftOperands(name string, of operands) {
	f.begin(name, "makes the seven left operands, ldd bytes apart, of n > 0 elements"+of.doc+", of rows x and y, whose halves are half bytes apart.", []arg{
		{"dst", pointer}, {"ldd", "int"}, {"x", pointer}, {"y", pointer}, {"half", "int"}, {"n", "int"},
	}, "DI", "DX", "R8", "R10", "R9", "CX")
	f.op("LEAQ (R10)(R9*1), R11")
	f.op("ADDQ R8, R9")
	f.sums([]string{"R8", "R9", "R10", "R11"}, leftSums, of)
	f.end()
}

// sevenfold are the addresses of seven arrays: DI, and those DX bytes apart.
var sevenfold = []string{"DI", "SI", "BX", "R12", "R13", "R14", "R15"}

// sums is a loop over CX elements, some registers full, which stores sums of operands
// to the first of sevenfold. All operands are loaded before any sum is stored.
func (f *file) sums(from []string, sums [][]term, of operands) {
	f.op("LEAQ (DI)(DX*1), SI")
	for i, to := range sevenfold[2:max(len(from), len(sums))] {
		f.op("LEAQ (%s)(DX*2), %s", sevenfold[i], to)
	}
	f.op("XORQ AX, AX")
	f.label("loop")
	for i, from := range from {
		of.load(f, from, i)
	}
	for i, terms := range sums {
		r := terms[0].of
		for _, t := range terms[1:] {
			instruction, sum := of.add, 8+i%4
			if t.minus {
				instruction = of.subtract
			}
			f.op("%s V%d, V%d, V%d", instruction, t.of, r, sum)
			r = sum
		}
		f.op("VMOVUPS V%d, (%s)(AX*4)", r, sevenfold[i])
	}
	f.op("ADDQ $%d, AX", f.lanes)
	f.op("CMPQ AX, CX")
	f.op("JLT loop")
}
