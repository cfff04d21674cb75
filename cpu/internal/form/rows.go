package form

import (
	"encoding/binary"
	"math"
	"unsafe"

	"cradio/cpu/internal/kernel"
)

// Conversions of a row: with the kernels of a table as far as whole steps of them go, and
// what remains by the definition.

// wholeSteps is how many of n elements the kernels convert.
func wholeSteps(n int) int { return n / kernel.ConvertStep * kernel.ConvertStep }

// start is the address of the first byte.
func start(b []byte) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(b)) }

// Round writes x as bfloat16 to dst.
func Round(t *kernel.Table, dst []byte, x []float32) {
	n := wholeSteps(len(x))
	if n > 0 {
		t.Round(start(dst), kernel.At(x, 0), n)
	}
	for i, v := range x[n:] {
		binary.NativeEndian.PutUint16(dst[2*(n+i):], kernel.RoundBFloat16(v))
	}
}

// Widen writes the bfloat16 of src to dst, as many as that takes.
func Widen(t *kernel.Table, dst []float32, src []byte) {
	t.Widen(kernel.At(dst, 0), start(src), 0, 1, len(dst))
}

// Dequantise writes scale·q + offset to dst, as many as that takes.
func Dequantise(t *kernel.Table, dst []float32, q []byte, scale, offset float32) {
	n := wholeSteps(len(dst))
	if n > 0 {
		t.Dequantise(kernel.At(dst, 0), start(q), n, scale, offset)
	}
	for i := n; i < len(dst); i++ {
		dst[i] = kernel.DequantiseOne(q[i], scale, offset)
	}
}

// Quantise writes (x - offset)·inverse, rounded to nearest even, as uint8 to dst. NaN
// becomes 0.
func Quantise(t *kernel.Table, dst []byte, x []float32, offset, inverse float32) {
	quantise(t.Quantise, dst, x, offset, inverse)
}

// QuantiseInt8 is Quantise to int8, without an offset.
func QuantiseInt8(t *kernel.Table, dst []byte, x []float32, inverse float32) {
	quantise(t.QuantiseInt8, dst, x, 0, inverse)
}

func quantise(by func(dst, src unsafe.Pointer, n int, offset, inverse float32), dst []byte, x []float32, offset, inverse float32) {
	n := wholeSteps(len(x))
	if n > 0 {
		by(start(dst), kernel.At(x, 0), n, offset, inverse)
	}
	for i, v := range x[n:] {
		dst[n+i] = kernel.QuantiseOne(v, offset, inverse)
	}
}

// Scale is the scale that divides a range into steps: 0 if the range is as good as empty.
func Scale(width, steps float32) float32 {
	s := width / steps
	if s < 0x1p-126 {
		return 0
	}
	return s
}

// Inverse is 1/s, and 0 for 0.
func Inverse(s float32) float32 {
	if s == 0 {
		return 0
	}
	return 1 / s
}

// Extent is the least and the largest element. Where one is NaN or infinite their
// difference is too, and so every element of a row with that scale is not a number.
// scratch is 8 bytes.
func Extent(t *kernel.Table, x []float32, scratch []byte) (lo, hi float32) {
	if len(x) == 0 {
		return 0, 0
	}
	lo, hi = x[0], x[0]
	n := wholeSteps(len(x))
	if n > 0 {
		t.Extent(start(scratch), kernel.At(x, 0), n)
		lo, hi = twoFloats(scratch)
	}
	for _, v := range x[n:] {
		lo, hi = min(lo, v), max(hi, v)
	}
	return lo, hi
}

// twoFloats reads two float32.
func twoFloats(b []byte) (x, y float32) {
	return math.Float32frombits(binary.NativeEndian.Uint32(b)), math.Float32frombits(binary.NativeEndian.Uint32(b[4:]))
}
