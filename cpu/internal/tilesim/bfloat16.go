package main

import (
	"encoding/binary"
	"math"
)

// TDPBF16PS in the order that Intel documents: elements of even and of odd index
// are summed apart, from zero; the two sums are added, and that to the tile. Each
// step rounds to nearest even, takes denormals for zero, and flushes them to it;
// MXCSR has no say.

// dotBFloat16 adds to c (m, n) the product of a (m, 2k) and b (k, n), pairs of
// elements.
func dotBFloat16(c, a, b *tile, m, k, n int) {
	var wide [tileRows][tileColumn / 2]float64
	for l := range k {
		for j := range 2 * n {
			wide[l][j] = bfloat16(b[l][2*j:])
		}
	}
	for i := range m {
		var sums [tileColumn / 2]float64
		for l := range k {
			even, odd := bfloat16(a[i][4*l:]), bfloat16(a[i][4*l+2:])
			row := wide[l][:2*n]
			for j := 0; j+1 < len(row); j += 2 {
				x, y := sums[j]+even*row[j], sums[j+1]+odd*row[j+1]
				sums[j], sums[j+1] = float64(float32(x)), float64(float32(y))
				if math.Abs(sums[j]) < 2*least || math.Abs(sums[j+1]) < 2*least {
					sums[j], sums[j+1] = float32Of(x), float32Of(y)
				}
			}
		}
		for j := range n {
			d := c[i][4*j:]
			old := math.Float32frombits(binary.LittleEndian.Uint32(d))
			v := float32Of(float32Of(float64(old)) + float32Of(sums[2*j]+sums[2*j+1]))
			binary.LittleEndian.PutUint32(d, math.Float32bits(float32(v)))
		}
	}
}

// bfloat16 is the element at the start of x, denormals zero.
func bfloat16(x []byte) float64 {
	return float32Of(float64(math.Float32frombits(uint32(binary.LittleEndian.Uint16(x)) << 16)))
}

// least is the smallest magnitude of a float32 that is not denormal.
const least = 0x1p-126

// float32Of rounds x to a float32, or zero if that is denormal. Sums of a float32
// and a product of bfloat16 are right to the last bit: where float64 must round
// one, its smaller part is far below half a unit of the result's last place.
func float32Of(x float64) float64 {
	switch a := math.Abs(x); {
	case a < least-0x1p-151: // what rounds to 24 bits below least
		return math.Copysign(0, x)
	case a < least:
		return math.Copysign(least, x)
	}
	return float64(float32(x))
}
