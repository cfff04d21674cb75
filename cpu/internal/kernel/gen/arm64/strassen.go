package arm64

import (
	"cradio/cpu/internal/kernel/gen/asm"
	"cradio/cpu/internal/kernel/gen/numeric"
)

// Kernels of Strassen's algorithm, with gemmRowsPlus and gemmRowsMinus: see
// gemm/strassen.go. Additions run on the pipes that multiply. Those of right operands would be
// a twelfth of the multiplications of five products of seven, which is half of what an eighth
// fewer products save. So the first tile of rows alone makes float32 ones, and keeps them for
// the others. A pass of its own that makes all five of four quarters would take longer: 28 cycles
// for two k on neoverse-n1, where these tiles take 20 more than others (llvm-mca).

// strassen writes the kernels that work on operands and results in memory.
func (f *file) strassen() {
	if f.operand == int16s {
		f.leftOperands("leftOperands", ofBytes)
	} else {
		f.leftOperands("leftOperands", ofWords)
		f.leftOperands("leftOperandsBFloat16", ofBFloat16)
	}
	f.begin("joinProducts", "makes four tiles of n > 0 elements of seven products, ldd bytes apart, in place of the first four.", asm.Args("dst ptr, ldd int, n int"), "R0", "R1", "R5")
	join := ofWords
	if f.operand == int16s {
		join.instruction, join.lanes = "", "4s"
	}
	f.sums(sevenfold, numeric.QuarterSums, join)
	f.end()
}

// operands are what sums are made of, and how.
type operands struct {
	doc         string
	size        int    // bytes that become a register
	instruction string // what the names of additions begin with
	lanes       string
	widen       string // makes elements of what is loaded, or nothing
}

var (
	ofWords    = operands{"", bytes, "f", "4s", ""}
	ofBFloat16 = operands{", bfloat16", bytes / 2, "f", "4s", "shll v%d.4s, v%d.4h, #16"}
	ofBytes    = operands{", two uint8", bytes / 2, "", "8h", "ushll v%d.8h, v%d.8b, #0"}
)

func (f *file) leftOperands(name string, of operands) {
	f.begin(name, "makes the seven left operands, ldd bytes apart, of n > 0 elements"+of.doc+", of rows x and y, whose halves are half bytes apart.", asm.Args("dst ptr, ldd int, x ptr, y ptr, half int, n int"), "R0", "R1", "R2", "R3", "R4", "R5")
	f.op("ADD R4, R2, R13")
	f.op("ADD R4, R3, R14")
	f.sums([]int{2, 13, 3, 14}, numeric.LeftSums, of)
	f.end()
}

// sevenfold are the addresses of seven arrays: R0, and those R1 bytes apart.
var sevenfold = []int{0, 6, 7, 8, 9, 10, 11}

// sums is a loop over R5 elements, some registers full, which stores sums of operands to the
// first of sevenfold. All operands are loaded before any sum is stored.
func (f *file) sums(from []int, sums [][]numeric.Term, of operands) {
	for i, to := range sevenfold[1:max(len(from), len(sums))] {
		f.op("ADD R1, R%d, R%d", sevenfold[i], to)
	}
	f.op("MOVD ZR, R19") // bytes of sums so far
	f.op("MOVD ZR, R20") // and of operands
	f.Label("loop")
	for i, at := range from {
		f.op("ldr %s%d, [x%d, x20]", map[int]string{bytes: "q", bytes / 2: "d"}[of.size], i, at)
		if of.widen != "" {
			f.op(of.widen, i, i)
		}
	}
	for i, terms := range sums {
		r := terms[0].Of
		for _, t := range terms[1:] {
			name, sum := of.instruction+"add", 16+i
			if t.Minus {
				name = of.instruction + "sub"
			}
			f.op("%s v%d.%s, v%d.%s, v%d.%s", name, sum, of.lanes, r, of.lanes, t.Of, of.lanes)
			r = sum
		}
		f.op("str q%d, [x%d, x19]", r, sevenfold[i])
	}
	f.op("ADD $%d, R19", bytes)
	f.op("ADD $%d, R20", of.size)
	f.op("SUBS $%d, R5, R5", lanes)
	f.op("BGT loop")
}
