package kernel

import "unsafe"

// Conversions to bfloat16 and from it, four elements at a time: see plainWiden and plainRound.

func portableWiden(dst, src unsafe.Pointer, lds, rows, n int) {
	for r := range rows {
		y, x := floats(unsafe.Add(dst, 4*r*n), n), halves(unsafe.Add(src, r*lds), n)
		for len(x) >= 4 && len(y) >= 4 {
			y[0], y[1], y[2], y[3] = FromBFloat16(x[0]), FromBFloat16(x[1]), FromBFloat16(x[2]), FromBFloat16(x[3])
			x, y = x[4:], y[4:]
		}
		for i, v := range x {
			y[i] = FromBFloat16(v)
		}
	}
}

func portableRound(dst, src unsafe.Pointer, n int) {
	y, x := halves(dst, n), floats(src, n)
	for len(x) >= 4 && len(y) >= 4 {
		y[0], y[1], y[2], y[3] = RoundBFloat16(x[0]), RoundBFloat16(x[1]), RoundBFloat16(x[2]), RoundBFloat16(x[3])
		x, y = x[4:], y[4:]
	}
	for i, v := range x {
		y[i] = RoundBFloat16(v)
	}
}

// halves are n bfloat16 at an address.
func halves(p unsafe.Pointer, n int) []uint16 { return unsafe.Slice((*uint16)(p), n) }
