package x86

import (
	"fmt"
	"slices"
	"strings"
)

// Go's assembler lacks AMX. Its instructions are written as bytes, in the VEX
// encoding (Intel's manual, volume 2, section 2.3), all of map 0F38.

// amx is an AMX instruction: its prefix (0, 1, 2, 3 for none, 66, F3, F2) and
// opcode.
type amx struct {
	name       string
	mark, code byte
}

var (
	ldtilecfg   = amx{"LDTILECFG", 0, 0x49}
	tilerelease = amx{"TILERELEASE", 0, 0x49}
	tilezero    = amx{"TILEZERO", 3, 0x49}
	tileloadd   = amx{"TILELOADD", 3, 0x4b}
	tileloaddt1 = amx{"TILELOADDT1", 1, 0x4b}
	tilestored  = amx{"TILESTORED", 2, 0x4b}
	tdpbf16ps   = amx{"TDPBF16PS", 2, 0x5c}
	tdpbusd     = amx{"TDPBUSD", 1, 0x5e}
)

// numbered are the general registers in the machine's order.
var numbered = []string{"AX", "CX", "DX", "BX", "SP", "BP", "SI", "DI", "R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15"}

func number(register string) int {
	n := slices.Index(numbered, register)
	if n < 0 {
		panic("no register " + register)
	}
	return n
}

// registers is the instruction on tiles dst, a and b.
func (o amx) registers(dst, a, b int) []byte {
	return []byte{0xc4, 0xe2, byte(^b&15)<<3 | o.mark, o.code, 3<<6 | byte(dst<<3|a)}
}

// rows is the instruction on a tile and its rows in memory: the first at base +
// disp, each index further.
func (o amx) rows(tile int, base, index string, disp int) []byte {
	b, x := number(base), number(index)
	if x == number("SP") {
		panic("SP is no index")
	}
	code := []byte{0xc4, 0x80 | byte(^x>>3&1)<<6 | byte(^b>>3&1)<<5 | 2, 0x78 | o.mark, o.code, byte(tile<<3 | 4), byte(x&7<<3 | b&7)}
	switch {
	case disp == 0 && b&7 != 5:
	case disp == int(int8(disp)):
		code[4] |= 1 << 6
		code = append(code, byte(disp))
	default:
		code[4] |= 2 << 6
		code = append(code, byte(disp), byte(disp>>8), byte(disp>>16), byte(disp>>24))
	}
	return code
}

// at is the instruction on what lies at a register.
func (o amx) at(base string) []byte {
	b := number(base)
	if b&7 == 4 || b&7 == 5 {
		panic(base + " needs more than a ModRM byte")
	}
	return []byte{0xc4, 0xc2 | byte(^b>>3&1)<<5, 0x78 | o.mark, o.code, byte(b & 7)}
}

// coded writes an instruction as bytes, with what they mean in Go's order.
func (f *file) coded(code []byte, format string, args ...any) {
	var b strings.Builder
	for i, c := range code {
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "BYTE $0x%02x", c)
	}
	f.op("%s // %s", b.String(), fmt.Sprintf(format, args...))
}

// configure begins the life of tiles of the shapes at a register; release ends
// it. Both belong in one kernel: a goroutine may be on another thread after a
// call, and there its tiles are not.
func (f *file) configure(shapes string) {
	f.coded(ldtilecfg.at(shapes), "%s (%s)", ldtilecfg.name, shapes)
}

func (f *file) release() { f.coded(tilerelease.registers(0, 0, 0), "%s", tilerelease.name) }

func (f *file) clear(tile int) {
	f.coded(tilezero.registers(tile, 0, 0), "%s TMM%d", tilezero.name, tile)
}

// move is a tile load or store.
func (f *file) move(o amx, tile int, base, index string, disp int) {
	mem := fmt.Sprintf("%d(%s)(%s*1)", disp, base, index)
	text := fmt.Sprintf("%s %s, TMM%d", o.name, mem, tile)
	if o == tilestored {
		text = fmt.Sprintf("%s TMM%d, %s", o.name, tile, mem)
	}
	f.coded(o.rows(tile, base, index, disp), "%s", text)
}

// multiply adds the product of tiles a and b to dst.
func (f *file) multiply(o amx, dst, a, b int) {
	f.coded(o.registers(dst, a, b), "%s TMM%d, TMM%d, TMM%d", o.name, b, a, dst)
}
