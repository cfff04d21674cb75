package cpu

import (
	"encoding/binary"
	"math"
	"unsafe"
)

// Conversions of a row: by the kernels of a level, if it has them, as far as
// these go, and the rest by the definition.

// perKernel is what the kernels take elements in multiples of.
const perKernel = 16

// byKernel is how many of n elements the kernels convert.
func byKernel(k *kernels, n int) int {
	if k == nil {
		return 0
	}
	return n / perKernel * perKernel
}

func start(b []byte) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(b)) }

// round writes x as bfloat16 to dst.
func round(k *kernels, dst []byte, x []float32) {
	n := byKernel(k, len(x))
	if n > 0 {
		k.round(start(dst), at(x, 0), n)
	}
	for i, v := range x[n:] {
		binary.LittleEndian.PutUint16(dst[2*(n+i):], bfloat16(v))
	}
}

// widen writes the bfloat16 of src to dst, as many as that takes.
func widen(k *kernels, dst []float32, src []byte) {
	if k != nil {
		k.widen(at(dst, 0), start(src), 0, 1, len(dst))
		return
	}
	for i := range dst {
		dst[i] = fromBFloat16(binary.LittleEndian.Uint16(src[2*i:]))
	}
}

// dequantise writes scale·q + offset to dst, as many as that takes.
func dequantise(k *kernels, dst []float32, q []byte, scale, offset float32) {
	n := byKernel(k, len(dst))
	if n > 0 {
		k.dequantise(at(dst, 0), start(q), n, scale, offset)
	}
	for i := n; i < len(dst); i++ {
		dst[i] = float32(scale*float32(q[i])) + offset // not fused: the same at every level
	}
}

// quantise writes x in units of 1/inverse from offset on, rounded to nearest
// even, to dst: uint8, or int8 where x - offset may be negative. What is not a
// number becomes 0.
func quantise(k *kernels, dst []byte, x []float32, offset, inverse float32) {
	n := byKernel(k, len(x))
	if n > 0 {
		k.quantise(start(dst), at(x, 0), n, offset, inverse)
	}
	for i, v := range x[n:] {
		q := math.RoundToEven(float64((v - offset) * inverse))
		if q != q {
			q = 0
		}
		dst[n+i] = byte(int32(q))
	}
}

// quantum is the scale that divides a width into steps: 0 where that is as good
// as none.
func quantum(width, steps float32) float32 {
	s := width / steps
	if s < 0x1p-126 {
		return 0
	}
	return s
}

// inverse is 1/s, and 0 for 0.
func inverse(s float32) float32 {
	if s == 0 {
		return 0
	}
	return 1 / s
}

// extent is the least and the largest element. Where one is NaN or infinite their
// difference is, and so every element of a row of that quantum is not a number.
// scratch is 8 bytes.
func extent(k *kernels, x []float32, scratch []byte) (lo, hi float32) {
	if len(x) == 0 {
		return 0, 0
	}
	lo, hi = x[0], x[0]
	n := byKernel(k, len(x))
	if n > 0 {
		k.extent(start(scratch), at(x, 0), n)
		lo, hi = floats(scratch)
	}
	for _, v := range x[n:] {
		lo, hi = min(lo, v), max(hi, v)
	}
	return lo, hi
}

// floats reads two float32.
func floats(b []byte) (x, y float32) {
	return math.Float32frombits(binary.LittleEndian.Uint32(b)), math.Float32frombits(binary.LittleEndian.Uint32(b[4:]))
}
