package x86

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cradio/cpu/internal/kernel/gen/asm"
)

// isa is an instruction set that the kernels are written for.
type isa struct {
	name  string // suffix of the kernels' names
	file  string
	reg   byte // Z or Y
	lanes int  // float32 in a register
	rows  int  // register tile of a matrix product: rows by one or two registers
	bf16  bool // it can round to bfloat16 by an instruction

	operand operand // what its products multiply
}

// operand says what a word of 32 bits of a product's operands has.
type operand int

const (
	float32s  operand = iota // a float32
	bfloat16s                // two bfloat16: sums are float32
	int8s                    // four int8, of A without a sign: sums are int32
	int16s                   // two int16: sums are int32
)

var (
	avx512 = isa{name: "AVX512", file: "avx512", reg: 'Z', lanes: 16, rows: 14}
	bf16   = isa{name: "BF16", file: "avx512bf16", reg: 'Z', lanes: 16, rows: 14, operand: bfloat16s, bf16: true}
	vnni   = isa{name: "VNNI", file: "avx512vnni", reg: 'Z', lanes: 16, rows: 14, operand: int8s, bf16: true}
	tmm    = isa{name: "AMX", file: "amxtiles", reg: 'Z', lanes: 16}
	avx2   = isa{name: "AVX2", file: "avx2", reg: 'Y', lanes: 8, rows: 6}

	avx512elementwise = isa{name: "AVX512", file: "avx512elementwise", reg: 'Z', lanes: 16, rows: 14}
	avx2elementwise   = isa{name: "AVX2", file: "avx2elementwise", reg: 'Y', lanes: 8, rows: 6}

	avxvnni     = isa{name: "AVXVNNI", file: "avxvnni", reg: 'Y', lanes: 8, rows: 6, operand: int8s}
	avx512int16 = isa{name: "AVX512Int16", file: "avx512int16", reg: 'Z', lanes: 16, rows: 14, operand: int16s}
	avx2int16   = isa{name: "AVX2Int16", file: "avx2int16", reg: 'Y', lanes: 8, rows: 6, operand: int16s}
)

// bytes is the size of a register.
func (s isa) bytes() int { return 4 * s.lanes }

// file collects the kernels of one instruction set.
type file struct {
	asm.File
	isa

	// Of the kernel being written.
	kept  map[string]int // constants that stay in registers
	floor int            // registers from here on may hold them
}

func newFile(s isa) *file { return &file{File: asm.File{Suffix: s.name}, isa: s} }

// text is the assembly file.
func (f *file) text() string {
	before, after := "", ""
	if f.operand == bfloat16s {
		before = interleaveTable
	}
	if f.reg == 'Y' {
		after = tailTable
	}
	return f.Text(before, after)
}

// tailTable is 8 lanes of ones, then 8 of zeros: read n lanes before the middle
// it is the mask of the first n.
var tailTable = func() string {
	words := make([]string, 8)
	for i := range words {
		words[i] = "0xffffffffffffffff"
		if i >= 4 {
			words[i] = "0"
		}
	}
	return asm.Data("tail", words...)
}()

// interleaveTable is the order of words of 16 bits that interleaves two halves.
var interleaveTable = func() string {
	words := make([]string, 8)
	for i := range words {
		words[i] = fmt.Sprintf("0x%04x%04x%04x%04x", 2*i+17, 2*i+1, 2*i+16, 2*i)
	}
	return asm.Data("interleaved", words...)
}()

// op writes one instruction. Registers are written V0, V1, … for the width of
// the instruction set; Go's order, destination last.
func (f *file) op(format string, args ...any) { f.Line(f.width(fmt.Sprintf(format, args...))) }

// width replaces V<n> by Z<n> or Y<n>.
func (f *file) width(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		start := i == 0 || s[i-1] == ' ' || s[i-1] == ','
		if s[i] == 'V' && start && i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9' {
			b.WriteByte(f.reg)
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// begin opens a kernel: it loads each argument into the register named for it
// ("" leaves it in memory).
func (f *file) begin(name, doc string, args []asm.Arg, regs ...string) {
	f.Begin(name, doc, args)
	f.kept, f.floor = map[string]int{}, 32
	at := 0
	for i, a := range args {
		if i < len(regs) && regs[i] != "" {
			f.op("MOVQ %s+%d(FP), %s", a.Name, at, regs[i])
		}
		at += a.Size()
	}
	f.Head()
}

// end closes a kernel, and has it load the constants that it keeps in registers.
func (f *file) end() {
	f.op("VZEROUPPER")
	f.op("RET")
	f.End(func() {
		for _, n := range slices.Sorted(maps.Keys(f.kept)) {
			f.op("VMOVUPS %s<>(SB), V%d", n, f.kept[n])
		}
	})
}

func (f *file) zero(r int) {
	if f.reg == 'Z' {
		f.op("VPXORD V%d, V%d, V%d", r, r, r)
		return
	}
	f.op("VXORPS V%d, V%d, V%d", r, r, r)
}

// and computes dst = a & mem, bit by bit.
func (f *file) and(mem string, a, dst int) {
	if f.reg == 'Z' {
		f.op("VPANDD %s, V%d, V%d", mem, a, dst)
		return
	}
	f.op("VANDPS %s, V%d, V%d", mem, a, dst)
}

// or adds the bits of register a to dst.
func (f *file) or(a, dst int) {
	if f.reg == 'Z' {
		f.op("VPORD V%d, V%d, V%d", a, dst, dst)
		return
	}
	f.op("VORPS V%d, V%d, V%d", a, dst, dst)
}

// reduce brings the lanes of register r together in its lowest by halves, with an
// instruction such as VADDPS. tmp is clobbered.
func (f *file) reduce(instruction string, r, tmp int) {
	if f.reg == 'Z' {
		f.op("VEXTRACTF64X4 $1, Z%d, Y%d", r, tmp)
		f.op("%s Y%d, Y%d, Y%d", instruction, tmp, r, r)
	}
	f.op("VEXTRACTF128 $1, Y%d, X%d", r, tmp)
	f.op("%s X%d, X%d, X%d", instruction, tmp, r, r)
	f.op("VPERMILPS $0x4e, X%d, X%d", r, tmp)
	f.op("%s X%d, X%d, X%d", instruction, tmp, r, r)
	f.op("VPERMILPS $0xb1, X%d, X%d", r, tmp)
	f.op("%s X%d, X%d, X%d", instruction, tmp, r, r)
}
