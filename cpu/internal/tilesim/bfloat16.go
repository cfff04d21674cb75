package main

import (
	"encoding/binary"
	"math"
)

// TDPBF16PS in the order that Intel documents: elements of even and of odd index
// are summed apart, from zero; the two sums are added, and that to the tile. Each
// step rounds to nearest even, takes denormals for zero, and flushes them to it;
// MXCSR has no say.

// dotBFloat16 adds to c (m, n) the product of a (m, 2k) and b (2k, n), of which
// elements 2i and 2i+1 lie side by side.
func dotBFloat16(c, a, b *tile, m, k, n int) {
	var left, right widened
	plain := left.load(a, m, 2*k)
	plain = right.load(b, k, 2*n) && plain
	for i := range m {
		var sums [tileColumn / 2]float32
		for l := range k {
			even, odd, row := left[i][2*l], left[i][2*l+1], right[l][:2*n]
			if plain {
				for j := 0; j+1 < len(row); j += 2 {
					sums[j] += even * row[j]
					sums[j+1] += odd * row[j+1]
				}
				continue
			}
			for j := 0; j+1 < len(row); j += 2 {
				sums[j] = fused(even, row[j], sums[j])
				sums[j+1] = fused(odd, row[j+1], sums[j+1])
			}
		}
		for j := range n {
			d := c[i][4*j:]
			old := math.Float32frombits(binary.LittleEndian.Uint32(d))
			v := fused(1, flushed(float64(old)), fused(1, sums[2*j], sums[2*j+1]))
			binary.LittleEndian.PutUint32(d, math.Float32bits(v))
		}
	}
}

// widened is a tile of bfloat16 as float32, denormals zero.
type widened [tileRows][tileColumn / 2]float32

// load fills rows by cols elements, and reports whether their products, and sums
// of those, need no care: each is a multiple of 2⁻¹¹⁴, and far from the largest
// float32, so that products are exact and nothing is denormal.
func (w *widened) load(t *tile, rows, cols int) (plain bool) {
	plain = true
	for r := range rows {
		for i := range cols {
			x := math.Float32frombits(uint32(binary.LittleEndian.Uint16(t[r][2*i:])) << 16)
			w[r][i] = flushed(float64(x))
			a := math.Abs(float64(x))
			plain = plain && (a == 0 || a >= 0x1p-50 && a <= 0x1p50)
		}
	}
	return plain
}

// fused is a·b + c, rounded once. It is right to the last bit: where float64 must
// round the sum of a float32 and a product of bfloat16, the smaller of them is far
// below half a unit of the result's last place.
func fused(a, b, c float32) float32 { return flushed(float64(a)*float64(b) + float64(c)) }

// flushed rounds x to a float32, or zero if that is denormal.
func flushed(x float64) float32 {
	const least = 0x1p-126 // that is not denormal
	switch a := math.Abs(x); {
	case a < least-0x1p-151: // what rounds to 24 bits below least
		return float32(math.Copysign(0, x))
	case a < least:
		return float32(math.Copysign(least, x))
	}
	return float32(x)
}
