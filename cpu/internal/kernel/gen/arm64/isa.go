package arm64

import (
	"fmt"
	"math"

	"cradio/cpu/internal/kernel/gen/asm"
)

// isa is a set of instructions that kernels are written for. Registers have 128 bits.
type isa struct {
	name string // suffix of the kernels' names
	file string
	bf16 bool // it can round to bfloat16 by an instruction
	rows int  // register tile of a matrix product: rows by one or two registers

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
	neon      = isa{name: "NEON", file: "neon", rows: 12}
	neonInt16 = isa{name: "NEONInt16", file: "neonint16", rows: 12, operand: int16s}
	dotprod   = isa{name: "DotProd", file: "dotprod", rows: 12, operand: int8s}
	i8mm      = isa{name: "I8MM", file: "i8mm", rows: 12, operand: int8s}
	bf16      = isa{name: "BF16", file: "bf16", bf16: true, rows: 12, operand: bfloat16s}
)

const (
	lanes = 4         // float32 in a register
	bytes = 4 * lanes // of a register
)

// Registers. A kernel uses R0 to R17 and R19 to R25 as it likes, and all of V0 to V31:
// nothing is to be saved. R26 has the address of the kernel's constants, where it has any.
// R18 and R27 to R30 belong to the system, the assembler and Go.

// file collects the kernels of one instruction set.
type file struct {
	asm.File
	isa
	after string // data after the constants

	// Of the kernel being written.
	kernel string         // its name
	consts []uint32       // its constants, four equal words each, by their number
	kept   map[uint32]int // constants that stay in registers, by their bits
	floor  int            // registers from here on may hold them
	labels int            // made so far
	block  *block         // what is worked on by several registers at a time
}

func newFile(s isa) *file { return &file{File: asm.File{Suffix: s.name}, isa: s} }

// op writes one instruction. One that begins with a small letter is in Arm's syntax,
// destination first, and becomes a word with the text as its comment. Any other is in Go's.
func (f *file) op(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if text[0] < 'a' || text[0] > 'z' {
		f.Line(text)
		return
	}
	word, err := encode(text)
	if err != nil {
		panic(err)
	}
	f.Line(fmt.Sprintf("WORD $0x%08x // %s", word, text))
}

// begin opens a kernel: it loads each argument into the register named for it
// ("" leaves it in memory; a float32 goes to F<n>).
func (f *file) begin(name, doc string, args []asm.Arg, regs ...string) {
	f.Begin(name, doc, args)
	f.kernel, f.consts, f.kept, f.floor, f.labels = name+f.Suffix, nil, map[uint32]int{}, 32, 0
	at := 0
	for i, a := range args {
		if i < len(regs) && regs[i] != "" {
			move := "MOVD"
			if a.Size() == 4 {
				move = "FMOVS"
			}
			f.op("%s %s+%d(FP), %s", move, a.Name, at, regs[i])
		}
		at += a.Size()
	}
	f.Head()
}

// end closes a kernel, and has it load the constants that it keeps in registers.
func (f *file) end() {
	f.op("RET")
	f.End(func() {
		if len(f.consts) == 0 {
			return
		}
		name := "constants" + f.kernel
		var words []uint32
		for _, c := range f.consts {
			words = append(words, c, c, c, c)
		}
		f.Constant(name, words)
		f.op("MOVD $%s<>(SB), R26", name)
		for i, c := range f.consts {
			if r, ok := f.kept[c]; ok {
				f.op("FMOVQ %d(R26), F%d", bytes*i, r)
			}
		}
	})
}

// keep lets constants stay in registers from floor on.
func (f *file) keep(floor int) { f.floor = floor }

// c is the register that keeps a constant of all lanes.
func (f *file) c(v float64) int { return f.bits(math.Float32bits(float32(v))) }

// bits is the register that keeps these bits in all lanes.
func (f *file) bits(v uint32) int {
	r, ok := f.kept[v]
	if !ok {
		f.number(v)
		r = 31 - len(f.kept)
		if r < f.floor {
			panic(f.kernel + " keeps too many constants")
		}
		f.kept[v] = r
	}
	return r
}

// constant loads a constant of all lanes into V<r>.
func (f *file) constant(v float64, r int) { f.constantBits(math.Float32bits(float32(v)), r) }

// constantBits loads these bits into all lanes of V<r>.
func (f *file) constantBits(v uint32, r int) {
	if v == 0 {
		f.zero(r)
		return
	}
	f.op("FMOVQ %d(R26), F%d", bytes*f.number(v), r)
}

// number is that of a constant.
func (f *file) number(v uint32) int {
	for i, c := range f.consts {
		if c == v {
			return i
		}
	}
	f.consts = append(f.consts, v)
	return len(f.consts) - 1
}

func (f *file) zero(r int) { f.op("movi v%d.4s, #0", r) }

// label is a name for a label that the kernel does not have yet.
func (f *file) label(name string) string {
	f.labels++
	return fmt.Sprintf("%s%d", name, f.labels)
}
