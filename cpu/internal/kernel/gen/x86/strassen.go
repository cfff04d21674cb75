package x86

import (
	"cradio/cpu/internal/kernel/gen/asm"
	"cradio/cpu/internal/kernel/gen/numeric"
)

// Kernels of Strassen's algorithm, with gemmRowsPlus and gemmRowsMinus: see
// cpu/strassen.go.

// strassen writes the kernels that work on operands and results in memory.
func (f *file) strassen() {
	if f.operand == int16s {
		f.leftOperands("leftOperands", ofBytes)
	} else {
		f.leftOperands("leftOperands", ofWords)
		f.leftOperands("leftOperandsBFloat16", ofBFloat16)
	}
	f.begin("joinProducts", "makes four tiles of n > 0 elements of seven products, ldd bytes apart, in place of the first four.", asm.Args("dst ptr, ldd int, n int"), "DI", "DX", "CX")
	join := ofWords
	if f.operand == int16s {
		join = operands{"", "VPADDD", "VPSUBD", (*file).loadWords}
	}
	f.sums(sevenfold, numeric.QuarterSums, join)
	f.end()
}

// operands are what sums are made of, and how.
type operands struct {
	doc, add, subtract string
	load               func(f *file, from string, r int) // words at AX of what begins at from
}

var (
	ofWords    = operands{"", "VADDPS", "VSUBPS", (*file).loadWords}
	ofBFloat16 = operands{", bfloat16", "VADDPS", "VSUBPS", (*file).loadBFloat16}
	ofBytes    = operands{", two uint8", "VPADDW", "VPSUBW", (*file).loadBytes}
)

func (f *file) loadWords(from string, r int) { f.op("VMOVUPS (%s)(AX*4), V%d", from, r) }

func (f *file) loadBFloat16(from string, r int) {
	f.op("VPMOVZXWD (%s)(AX*2), V%d", from, r)
	f.op("VPSLLD $16, V%d, V%d", r, r)
}

func (f *file) loadBytes(from string, r int) { f.op("VPMOVZXBW (%s)(AX*2), V%d", from, r) }

func (f *file) leftOperands(name string, of operands) {
	f.begin(name, "makes the seven left operands, ldd bytes apart, of n > 0 elements"+of.doc+", of rows x and y, whose halves are half bytes apart.", asm.Args("dst ptr, ldd int, x ptr, y ptr, half int, n int"), "DI", "DX", "R8", "R10", "R9", "CX")
	f.op("LEAQ (R10)(R9*1), R11")
	f.op("ADDQ R8, R9")
	f.sums([]string{"R8", "R9", "R10", "R11"}, numeric.LeftSums, of)
	f.end()
}

// sevenfold are the addresses of seven arrays: DI, and those DX bytes apart.
var sevenfold = []string{"DI", "SI", "BX", "R12", "R13", "R14", "R15"}

// sums is a loop over CX elements, some registers full, which stores sums of operands
// to the first of sevenfold. All operands are loaded before any sum is stored.
func (f *file) sums(from []string, sums [][]numeric.Term, of operands) {
	f.op("LEAQ (DI)(DX*1), SI")
	for i, to := range sevenfold[2:max(len(from), len(sums))] {
		f.op("LEAQ (%s)(DX*2), %s", sevenfold[i], to)
	}
	f.op("XORQ AX, AX")
	f.Label("loop")
	for i, from := range from {
		of.load(f, from, i)
	}
	for i, terms := range sums {
		r := terms[0].Of
		for _, t := range terms[1:] {
			instruction, sum := of.add, 8+i%4
			if t.Minus {
				instruction = of.subtract
			}
			f.op("%s V%d, V%d, V%d", instruction, t.Of, r, sum)
			r = sum
		}
		f.op("VMOVUPS V%d, (%s)(AX*4)", r, sevenfold[i])
	}
	f.op("ADDQ $%d, AX", f.lanes)
	f.op("CMPQ AX, CX")
	f.op("JLT loop")
}
