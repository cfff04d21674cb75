package kernel

import (
	"encoding/binary"
	"math"
	"unsafe"
)

// RoundBFloat16 is the bfloat16, the upper half of a float32, that is nearest to x; of two,
// the one whose last bit is 0. NaN becomes a quiet NaN.
func RoundBFloat16(x float32) uint16 {
	b := math.Float32bits(x)
	if x != x {
		return uint16(b>>16) | 0x40
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}

// FromBFloat16 is the float32 of a bfloat16.
func FromBFloat16(h uint16) float32 { return math.Float32frombits(uint32(h) << 16) }

// QuantiseOne is (v - offset)·inverse as the nearest integer, of two the even one, and its
// lowest byte. NaN becomes 0.
func QuantiseOne(v, offset, inverse float32) byte {
	q := math.RoundToEven(float64((v - offset) * inverse))
	if q != q {
		q = 0
	}
	return byte(int32(q))
}

// DequantiseOne is scale·q + offset, each step rounded: the same at every level.
func DequantiseOne(q byte, scale, offset float32) float32 {
	return float32(scale*float32(q)) + offset
}

// These are the definitions of conversions, of rows at an address.

func plainWiden(dst, src unsafe.Pointer, lds, rows, n int) {
	y := floats(dst, rows*n)
	for r := range rows {
		x := bytes(unsafe.Add(src, r*lds), 2*n)
		for i := range n {
			y[r*n+i] = FromBFloat16(binary.NativeEndian.Uint16(x[2*i:]))
		}
	}
}

func plainRound(dst, src unsafe.Pointer, n int) {
	y := bytes(dst, 2*n)
	for i, v := range floats(src, n) {
		binary.NativeEndian.PutUint16(y[2*i:], RoundBFloat16(v))
	}
}

func plainDequantise(dst, src unsafe.Pointer, n int, scale, offset float32) {
	y := floats(dst, n)
	for i, q := range bytes(src, n) {
		y[i] = DequantiseOne(q, scale, offset)
	}
}

func plainQuantise(dst, src unsafe.Pointer, n int, offset, inverse float32) {
	y := bytes(dst, n)
	for i, v := range floats(src, n) {
		y[i] = QuantiseOne(v, offset, inverse)
	}
}

// plainExtent writes the least and the largest of n > 0 elements.
func plainExtent(bounds, src unsafe.Pointer, n int) {
	x := floats(src, n)
	lo, hi := x[0], x[0]
	for _, v := range x {
		lo, hi = min(lo, v), max(hi, v)
	}
	to := bytes(bounds, 8)
	binary.NativeEndian.PutUint32(to, math.Float32bits(lo))
	binary.NativeEndian.PutUint32(to[4:], math.Float32bits(hi))
}

func plainUint8ToInt16(dst, src unsafe.Pointer, n int) {
	y := unsafe.Slice((*int16)(dst), n)
	for i, v := range bytes(src, n) {
		y[i] = int16(v)
	}
}

func plainInt8ToInt16(dst, src unsafe.Pointer, n int) {
	y := unsafe.Slice((*int16)(dst), n)
	for i, v := range bytes(src, n) {
		y[i] = int16(int8(v))
	}
}

// bytes are n bytes at an address.
func bytes(p unsafe.Pointer, n int) []byte { return unsafe.Slice((*byte)(p), n) }
