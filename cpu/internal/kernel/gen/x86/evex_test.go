package x86

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The bytes are those of GNU as.
func TestEVEX(t *testing.T) {
	for _, c := range []struct {
		op                 evex
		dst, first, second int
		want               [6]byte
	}{
		{vdpbf16ps, 30, 29, 28, [6]byte{0x62, 0x02, 0x16, 0x40, 0x52, 0xf4}},
		{vcvtne2ps2bf16, 30, 29, 28, [6]byte{0x62, 0x02, 0x17, 0x40, 0x72, 0xf4}},
		{vcvtneps2bf16, 30, 0, 29, [6]byte{0x62, 0x02, 0x7e, 0x48, 0x72, 0xf5}},
		{vdpbf16ps, 10, 17, 1, [6]byte{0x62, 0x72, 0x76, 0x40, 0x52, 0xd1}},
		{vcvtne2ps2bf16, 8, 21, 4, [6]byte{0x62, 0x72, 0x57, 0x40, 0x72, 0xc4}},
		{vcvtneps2bf16, 3, 0, 9, [6]byte{0x62, 0xd2, 0x7e, 0x48, 0x72, 0xd9}},
	} {
		require.Equal(t, c.want, c.op.encode(c.dst, c.first, c.second), c.op.name)
	}
}

// What GNU as makes of {vex} vpdpbusd %ymm13, %ymm14, %ymm3 and %ymm2, %ymm9, %ymm11.
func TestVEX(t *testing.T) {
	require.Equal(t, [5]byte{0xc4, 0xc2, 0x0d, 0x50, 0xdd}, vpdpbusdVEX(3, 14, 13))
	require.Equal(t, [5]byte{0xc4, 0x62, 0x35, 0x50, 0xda}, vpdpbusdVEX(11, 9, 2))
}
