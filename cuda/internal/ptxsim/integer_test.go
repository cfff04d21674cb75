package ptxsim

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Sections 9.7.1 and 9.7.8 of the ISA: integers and bits.
func TestIntegers(t *testing.T) {
	const m = 0xffffffff
	for _, c := range []struct {
		instruction string
		in          []uint32
		want        uint32
	}{
		{"add.s32 %d, %a, %b;", []uint32{m, 2}, 1},
		{"add.s32 %d, %a, -3;", []uint32{1}, 0xfffffffe},
		{"sub.u32 %d, %a, %b;", []uint32{1, 2}, m},
		{"mul.lo.s32 %d, %a, %b;", []uint32{0x10001, 0x10001}, 0x20001},
		{"mul.hi.s32 %d, %a, %b;", []uint32{m, m}, 0},
		{"mul.hi.u32 %d, %a, %b;", []uint32{m, m}, 0xfffffffe},
		{"mad.lo.s32 %d, %a, %b, %x;", []uint32{3, 4, 5}, 17},
		{"mad.hi.u32 %d, %a, %b, %x;", []uint32{m, 2, 5}, 6},
		{"cvt.u16.u32 %h, %a; mul.wide.s16 %d, %h, %h;", []uint32{0xffff}, 1},
		{"cvt.u16.u32 %h, %a; mul.wide.u16 %d, %h, %h;", []uint32{0xffff}, 0xfffe0001},
		{"div.s32 %d, %a, %b;", []uint32{0xfffffff9, 2}, 0xfffffffd}, // towards zero
		{"rem.s32 %d, %a, %b;", []uint32{0xfffffff9, 2}, m},          // of the sign of the dividend
		{"div.u32 %d, %a, %b;", []uint32{0xfffffff9, 2}, 0x7ffffffc},
		{"min.s32 %d, %a, %b;", []uint32{m, 1}, m},
		{"min.u32 %d, %a, %b;", []uint32{m, 1}, 1},
		{"max.s32 %d, %a, %b;", []uint32{m, 1}, 1},
		{"max.u32 %d, %a, %b;", []uint32{m, 1}, m},
		{"neg.s32 %d, %a;", []uint32{5}, 0xfffffffb},
		{"abs.s32 %d, %a;", []uint32{0xfffffffb}, 5},
		{"shl.b32 %d, %a, %b;", []uint32{m, 31}, 0x80000000},
		{"shl.b32 %d, %a, %b;", []uint32{m, 32}, 0}, // more than the width: zeros
		{"shr.u32 %d, %a, %b;", []uint32{m, 200}, 0},
		{"shr.s32 %d, %a, %b;", []uint32{0x80000000, 200}, m}, // or the sign
		{"shr.s32 %d, %a, %b;", []uint32{0x80000000, 4}, 0xf8000000},
		{"and.b32 %d, %a, %b;", []uint32{12, 10}, 8},
		{"or.b32 %d, %a, %b;", []uint32{12, 10}, 14},
		{"xor.b32 %d, %a, %b;", []uint32{12, 10}, 6},
		{"not.b32 %d, %a;", []uint32{12}, 0xfffffff3},
		{"popc.b32 %d, %a;", []uint32{0xf0f}, 8},
		{"clz.b32 %d, %a;", []uint32{1}, 31},
		{"brev.b32 %d, %a;", []uint32{1}, 0x80000000},
		{"bfind.u32 %d, %a;", []uint32{0x80000001}, 31},
		{"bfind.u32 %d, %a;", []uint32{0}, m},
		{"bfind.s32 %d, %a;", []uint32{0xfffffff0}, 3}, // the highest zero
		{"bfind.s32 %d, %a;", []uint32{m}, m},
		{"bfind.shiftamt.u32 %d, %a;", []uint32{4}, 29},
		{"bfind.shiftamt.s32 %d, %a;", []uint32{0xfffffff0}, 28},
		{"bfe.u32 %d, %a, 8, 8;", []uint32{0x1234fe78}, 0xfe},
		{"bfe.s32 %d, %a, 8, 8;", []uint32{0x1234fe78}, 0xfffffffe},
		{"bfe.s32 %d, %a, 28, 8;", []uint32{0x80000000}, 0xfffffff8}, // beyond: the sign
		{"bfe.u32 %d, %a, 40, 8;", []uint32{m}, 0},
		{"bfe.s32 %d, %a, 40, 8;", []uint32{m}, m},
		{"bfe.u32 %d, %a, 4, 0;", []uint32{m}, 0},
		{"bfi.b32 %d, %a, %b, 8, 4;", []uint32{0xab, 0x1111}, 0x1b11},
		{"bfi.b32 %d, %a, %b, 28, 8;", []uint32{0xab, 0}, 0xb0000000},
		{"bfi.b32 %d, %a, %b, 40, 8;", []uint32{0xab, 7}, 7},
		{"lop3.b32 %d, %a, %b, %x, 0x80;", []uint32{12, 10, 9}, 8},                // a & b & c
		{"lop3.b32 %d, %a, %b, %x, 0xEA;", []uint32{12, 10, 1}, 9},                // (a & b) | c
		{"lop3.b32 %d, %a, %b, %x, 0x1A;", []uint32{12, 10, 1}, (12&10 | 1) ^ 12}, // the ISA's example: (a & b | c) ^ a
		{"shf.l.wrap.b32 %d, %a, %b, %x;", []uint32{0x80000000, 1, 33}, 3},
		{"shf.l.clamp.b32 %d, %a, %b, %x;", []uint32{0x80000000, 1, 40}, 0x80000000},
		{"shf.r.wrap.b32 %d, %a, %b, %x;", []uint32{2, 1, 1}, 0x80000001},
		{"shf.r.clamp.b32 %d, %a, %b, %x;", []uint32{2, 7, 40}, 7},
		{"prmt.b32 %d, %a, %b, 0x7531;", []uint32{0x33221100, 0x77665544}, 0x77553311},
		{"prmt.b32 %d, %a, %b, 0x8000;", []uint32{0x80, 0}, 0xff808080}, // the sign of byte 0
		{"mov.b32 {%h, %g}, %a; mov.b32 %d, {%g, %h};", []uint32{0x12345678}, 0x56781234},
		{"cvt.s32.s8 %d, %a;", []uint32{0x1fe}, 0xfffffffe},
		{"cvt.u32.u8 %d, %a;", []uint32{0x1fe}, 0xfe},
		{"cvt.sat.s8.s32 %d, %a;", []uint32{200}, 127},
		{"cvt.sat.u8.s32 %d, %a;", []uint32{0xffffff00}, 0},
		{"setp.lt.s32 %p, %a, %b; selp.b32 %d, 1, 2, %p;", []uint32{m, 1}, 1},
		{"mov.pred %p, -1; selp.b32 %d, 1, 2, %p;", nil, 1}, // constants
		{"mov.pred %p, 0; selp.b32 %d, 1, 2, %p;", nil, 2},
		{"setp.lt.u32 %p, %a, %b; selp.b32 %d, 1, 2, %p;", []uint32{m, 1}, 2},
		{"setp.eq.s32 %q, %a, %a; setp.lt.and.s32 %p|%c, %a, %b, !%q; selp.b32 %d, 1, 0, %p; @%c add.s32 %d, %d, 2;", []uint32{1, 2}, 0},
		{"setp.ne.s32 %q, %a, %a; setp.lt.or.s32 %p|%c, %a, %b, %q; selp.b32 %d, 1, 0, %p; @!%c add.s32 %d, %d, 2;", []uint32{1, 2}, 3},
	} {
		require.Equal(t, hex(c.want), hex(words(t, c.instruction, c.in...)), "%s %x", c.instruction, c.in)
	}
}

func TestIntegersOf64Bits(t *testing.T) {
	const m = ^uint64(0)
	for _, c := range []struct {
		instruction string
		a, b, want  uint64
	}{
		{"add.s64 %dd, %ad, %bd;", m, 2, 1},
		{"mul.lo.s64 %dd, %ad, %bd;", m, 5, ^uint64(4)},
		{"mul.hi.s64 %dd, %ad, %bd;", m, m, 0},
		{"mul.hi.u64 %dd, %ad, %bd;", m, m, m - 1},
		{"mul.hi.s64 %dd, %ad, %bd;", m, 2, m},
		{"cvt.u32.u64 %a, %ad; mul.wide.s32 %dd, %a, %a;", m, 0, 1},
		{"cvt.u32.u64 %a, %ad; mul.wide.u32 %dd, %a, %a;", m, 0, 0xfffffffe00000001},
		{"cvt.u32.u64 %a, %ad; mad.wide.s32 %dd, %a, %a, %bd;", m, 7, 8},
		{"cvt.u32.u64 %a, %ad; cvt.s64.s32 %dd, %a;", 0x80000000, 0, 0xffffffff80000000},
		{"cvt.u32.u64 %a, %ad; cvt.u64.u32 %dd, %a;", m, 0, 0xffffffff},
		{"cvt.s64.s32 %dd, %ad;", 0x7_80000000, 0, 0xffffffff80000000},   // the lower bits of a register
		{"ld.global.s32 %dd, [%in];", 0x80000000, 0, 0xffffffff80000000}, // into a register of 64 bits
		{"ld.global.u16 %dd, [%in];", 0x8000ffff, 0, 0xffff},
		{"ld.global.s8 %dd, [%in];", 0xff, 0, m},
		{"shl.b64 %dd, %ad, 63;", 3, 0, 1 << 63},
		{"shl.b64 %dd, %ad, 64;", 3, 0, 0},
		{"shr.s64 %dd, %ad, 70;", 1 << 63, 0, m},
		{"mov.b64 {%a, %b}, %ad; mov.b64 %dd, {%b, %a};", 0x0123456789abcdef, 0, 0x89abcdef01234567},
		{"setp.gt.u64 %p, %ad, %bd; selp.b64 %dd, %ad, %bd, %p;", m, 1, m},
		{"setp.gt.s64 %p, %ad, %bd; selp.b64 %dd, %ad, %bd, %p;", m, 1, 1},
		{"div.s64 %dd, %ad, %bd;", ^uint64(6), 2, ^uint64(2)},
		{"rem.u64 %dd, %ad, %bd;", 7, 4, 3},
	} {
		require.Equal(t, c.want, doubles(t, c.instruction, c.a, c.b), "%s %x %x", c.instruction, c.a, c.b)
	}
}
