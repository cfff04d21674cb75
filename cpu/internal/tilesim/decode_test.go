package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	rax = iota
	rcx
	rdx
	rbx
	rsp
	rbp
	rsi
	rdi
	r8
	r9
	r10
	r11
	r12
	r13
	r14
	r15
)

// The bytes are those of LLVM's assembler.
func TestDecode(t *testing.T) {
	for _, c := range []struct {
		name string
		code []byte
		want instruction
	}{
		{"ldtilecfg (%rax)", []byte{0xc4, 0xe2, 0x78, 0x49, 0x00}, instruction{op: ldtilecfg, mem: memory{base: rax, index: none, scale: 1}, size: 5}},
		{"ldtilecfg 16(%rip)", []byte{0xc4, 0xe2, 0x78, 0x49, 0x05, 0x10, 0, 0, 0}, instruction{op: ldtilecfg, mem: memory{base: none, index: none, scale: 1, disp: 16, next: true}, size: 9}},
		{"sttilecfg 8(%r12,%rcx,2)", []byte{0xc4, 0xc2, 0x79, 0x49, 0x44, 0x4c, 0x08}, instruction{op: sttilecfg, mem: memory{base: r12, index: rcx, scale: 2, disp: 8}, size: 7}},
		{"tilerelease", []byte{0xc4, 0xe2, 0x78, 0x49, 0xc0}, instruction{op: tilerelease, size: 5}},
		{"tilezero %tmm5", []byte{0xc4, 0xe2, 0x7b, 0x49, 0xe8}, instruction{op: tilezero, dst: 5, size: 5}},
		{"tileloadd (%rsi,%r8), %tmm3", []byte{0xc4, 0xa2, 0x7b, 0x4b, 0x1c, 0x06}, instruction{op: tileloadd, dst: 3, mem: memory{base: rsi, index: r8, scale: 1}, size: 6}},
		{"tileloadd 1024(%rbx), %tmm7", []byte{0xc4, 0xe2, 0x7b, 0x4b, 0xbc, 0x23, 0, 4, 0, 0}, instruction{op: tileloadd, dst: 7, mem: memory{base: rbx, index: none, scale: 1, disp: 1024}, size: 10}},
		{"tileloaddt1 64(%r10,%rdx,8), %tmm4", []byte{0xc4, 0xc2, 0x79, 0x4b, 0x64, 0xd2, 0x40}, instruction{op: tileloaddt1, dst: 4, mem: memory{base: r10, index: rdx, scale: 8, disp: 64}, size: 7}},
		{"tilestored %tmm2, -128(%r13,%r12)", []byte{0xc4, 0x82, 0x7a, 0x4b, 0x54, 0x25, 0x80}, instruction{op: tilestored, dst: 2, mem: memory{base: r13, index: r12, scale: 1, disp: -128}, size: 7}},
		{"tdpbf16ps %tmm7, %tmm5, %tmm3", []byte{0xc4, 0xe2, 0x42, 0x5c, 0xdd}, instruction{op: tdpbf16ps, dst: 3, a: 5, b: 7, size: 5}},
		{"tdpbssd %tmm6, %tmm4, %tmm0", []byte{0xc4, 0xe2, 0x4b, 0x5e, 0xc4}, instruction{op: tdpbssd, dst: 0, a: 4, b: 6, size: 5}},
		{"tdpbsud %tmm6, %tmm4, %tmm0", []byte{0xc4, 0xe2, 0x4a, 0x5e, 0xc4}, instruction{op: tdpbsud, dst: 0, a: 4, b: 6, size: 5}},
		{"tdpbusd %tmm6, %tmm4, %tmm0", []byte{0xc4, 0xe2, 0x49, 0x5e, 0xc4}, instruction{op: tdpbusd, dst: 0, a: 4, b: 6, size: 5}},
		{"tdpbuud %tmm6, %tmm4, %tmm0", []byte{0xc4, 0xe2, 0x48, 0x5e, 0xc4}, instruction{op: tdpbuud, dst: 0, a: 4, b: 6, size: 5}},
		{"prefetcht1 64(%r14)", []byte{0x41, 0x0f, 0x18, 0x56, 0x40}, instruction{op: prefetch, mem: memory{base: r14, index: none, scale: 1, disp: 64}, size: 5}},
		{"prefetcht0 (%rsi,%rax)", []byte{0x0f, 0x18, 0x0c, 0x06}, instruction{op: prefetch, mem: memory{base: rsi, index: rax, scale: 1}, size: 4}},
	} {
		got, ok := decode(append(c.code, 0x90, 0x90))
		require.True(t, ok, c.name)
		require.Equal(t, c.want, got, c.name)
		for n := range c.code {
			_, ok := decode(c.code[:n])
			require.False(t, ok, "%s, the first %d bytes", c.name, n)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, code := range map[string][]byte{
		"ud2":                                 {0x0f, 0x0b, 0, 0, 0, 0},
		"vfmadd231ps %ymm2, %ymm1, %ymm0":     {0xc4, 0xe2, 0x75, 0xb8, 0xc2, 0},
		"a tile load without a SIB byte":      {0xc4, 0xe2, 0x7b, 0x4b, 0x1e, 0},
		"a tile load with a fourth operand":   {0xc4, 0xa2, 0x73, 0x4b, 0x1c, 0x06},
		"a product with a memory operand":     {0xc4, 0xe2, 0x42, 0x5c, 0x1d, 0},
		"a product of a tile beyond the last": {0xc4, 0xe2, 0x02, 0x5c, 0xdd, 0},
		"a 256-bit product":                   {0xc4, 0xe2, 0x46, 0x5c, 0xdd, 0},
		"tdpfp16ps":                           {0xc4, 0xe2, 0x43, 0x5c, 0xdd, 0},
	} {
		_, ok := decode(code)
		require.False(t, ok, name)
	}
}
