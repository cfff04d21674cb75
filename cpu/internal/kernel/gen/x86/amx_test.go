package x86

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The bytes are those of LLVM's assembler, whose syntax the names are in.
func TestAMXEncoding(t *testing.T) {
	for name, c := range map[string]struct{ got, want []byte }{
		"ldtilecfg (%rax)":                  {ldtilecfg.at("AX"), []byte{0xc4, 0xe2, 0x78, 0x49, 0x00}},
		"ldtilecfg (%r11)":                  {ldtilecfg.at("R11"), []byte{0xc4, 0xc2, 0x78, 0x49, 0x03}},
		"tilerelease":                       {tilerelease.registers(0, 0, 0), []byte{0xc4, 0xe2, 0x78, 0x49, 0xc0}},
		"tilezero %tmm5":                    {tilezero.registers(5, 0, 0), []byte{0xc4, 0xe2, 0x7b, 0x49, 0xe8}},
		"tileloadd (%rsi,%r8), %tmm3":       {tileloadd.rows(3, "SI", "R8", 0), []byte{0xc4, 0xa2, 0x7b, 0x4b, 0x1c, 0x06}},
		"tileloadd (%r13,%rdx), %tmm0":      {tileloadd.rows(0, "R13", "DX", 0), []byte{0xc4, 0xc2, 0x7b, 0x4b, 0x44, 0x15, 0x00}},
		"tileloaddt1 64(%r10,%rdx), %tmm4":  {tileloaddt1.rows(4, "R10", "DX", 64), []byte{0xc4, 0xc2, 0x79, 0x4b, 0x64, 0x12, 0x40}},
		"tileloadd 4160(%r15,%r11), %tmm7":  {tileloadd.rows(7, "R15", "R11", 4160), []byte{0xc4, 0x82, 0x7b, 0x4b, 0xbc, 0x1f, 0x40, 0x10, 0x00, 0x00}},
		"tilestored %tmm2, -128(%r13,%r12)": {tilestored.rows(2, "R13", "R12", -128), []byte{0xc4, 0x82, 0x7a, 0x4b, 0x54, 0x25, 0x80}},
		"tilestored %tmm3, 2112(%rdi,%r11)": {tilestored.rows(3, "DI", "R11", 2112), []byte{0xc4, 0xa2, 0x7a, 0x4b, 0x9c, 0x1f, 0x40, 0x08, 0x00, 0x00}},
		"tdpbf16ps %tmm7, %tmm5, %tmm3":     {tdpbf16ps.registers(3, 5, 7), []byte{0xc4, 0xe2, 0x42, 0x5c, 0xdd}},
		"tdpbusd %tmm6, %tmm4, %tmm0":       {tdpbusd.registers(0, 4, 6), []byte{0xc4, 0xe2, 0x49, 0x5e, 0xc4}},
	} {
		require.Equal(t, c.want, c.got, name)
	}
	require.Panics(t, func() { ldtilecfg.at("R12") })
	require.Panics(t, func() { tileloadd.rows(0, "AX", "SP", 0) })
	require.Panics(t, func() { number("X0") })
}
