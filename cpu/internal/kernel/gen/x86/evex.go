package x86

import "fmt"

// Go's assembler lacks AVX512_BF16. Its instructions are written as bytes, in the
// EVEX encoding (Intel's manual, volume 2, section 2.7), on registers alone.

// evex is an instruction's opcode: its map, prefix and byte.
type evex struct {
	name         string
	mapped, mark byte // 2 for 0F38; 0, 1, 2, 3 for no prefix, 66, F3, F2
	code         byte
}

var (
	vdpbf16ps      = evex{"VDPBF16PS", 2, 2, 0x52}
	vcvtneps2bf16  = evex{"VCVTNEPS2BF16", 2, 2, 0x72}
	vcvtne2ps2bf16 = evex{"VCVTNE2PS2BF16", 2, 3, 0x72}
)

// encode is the instruction on registers of 512 bits, without a mask: dst, first
// and second operand in Intel's order. An instruction of one operand has it
// second, and 0 first.
func (e evex) encode(dst, first, second int) [6]byte {
	not := func(register, bit int) byte { return byte(^register >> bit & 1) }
	return [6]byte{
		0x62,
		not(dst, 3)<<7 | not(second, 4)<<6 | not(second, 3)<<5 | not(dst, 4)<<4 | e.mapped,
		byte(^first&15)<<3 | 1<<2 | e.mark,
		2<<5 | not(first, 4)<<3,
		e.code,
		3<<6 | byte(dst&7)<<3 | byte(second&7),
	}
}

// raw writes an instruction as bytes, with what they mean in Go's order.
func (f *file) raw(b [6]byte, format string, args ...any) {
	f.op("LONG $0x%02x%02x%02x%02x; WORD $0x%02x%02x // %s", b[3], b[2], b[1], b[0], b[5], b[4], fmt.Sprintf(format, args...))
}

// vdpbf16ps adds the products of the bfloat16 in registers a and b to the sums in acc.
func (f *file) vdpbf16ps(b, a, acc int) {
	f.raw(vdpbf16ps.encode(acc, a, b), "%s Z%d, Z%d, Z%d", vdpbf16ps.name, b, a, acc)
}

// vpdpbusd adds to the sums in acc the products of the int8 in registers a, without a sign,
// and b. That of AVX-VNNI, which Go's assembler lacks, is in the VEX encoding
// (Intel's manual, volume 2, section 2.3).
func (f *file) vpdpbusd(b, a, acc int) {
	if f.reg == 'Z' {
		f.op("VPDPBUSD Z%d, Z%d, Z%d", b, a, acc)
		return
	}
	e := vpdpbusdVEX(acc, a, b)
	f.op("LONG $0x%02x%02x%02x%02x; BYTE $0x%02x // VPDPBUSD Y%d, Y%d, Y%d", e[3], e[2], e[1], e[0], e[4], b, a, acc)
}

// vpdpbusdVEX is VEX.256.66.0F38.W0 50 /r, its operands in Intel's order.
func vpdpbusdVEX(dst, first, second int) [5]byte {
	not := func(register int) byte { return byte(^register >> 3 & 1) }
	return [5]byte{
		0xc4,
		not(dst)<<7 | 1<<6 | not(second)<<5 | 2,
		byte(^first&15)<<3 | 1<<2 | 1,
		0x50,
		3<<6 | byte(dst&7)<<3 | byte(second&7),
	}
}

// vcvtneps2bf16 rounds register src to the lower half of dst.
func (f *file) vcvtneps2bf16(src, dst int) {
	f.raw(vcvtneps2bf16.encode(dst, 0, src), "%s Z%d, Y%d", vcvtneps2bf16.name, src, dst)
}

// vcvtne2ps2bf16 rounds registers low and high to the halves of dst.
func (f *file) vcvtne2ps2bf16(low, high, dst int) {
	f.raw(vcvtne2ps2bf16.encode(dst, high, low), "%s Z%d, Z%d, Z%d", vcvtne2ps2bf16.name, low, high, dst)
}
