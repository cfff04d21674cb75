package loader

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"sync/atomic"
	"unsafe"
)

// littleEndian: this machine has the byte order of the files.
var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// view is the position of a tensor's numbers in a mapping.
type view struct {
	raw     []byte // from the first element to the end of the last
	dtype   DType
	shape   []int
	strides []int // in elements; nil: row-major, without gaps
	swap    bool  // the bytes of a number are in the opposite order
}

// elements returns the number of elements, which is known to fit in an int.
func (v view) elements() int {
	n := 1
	for _, k := range v.shape {
		n *= k
	}
	return n
}

// float32s returns the tensor: in place if possible, else in dst if that is large enough, else in new memory. The caller
// holds m's lock.
func (m *MappedFile) float32s(dst []float32, name string, v view) ([]float32, error) {
	if in, ok := float32View(v.raw); ok && v.dtype == F32 && v.strides == nil && !v.swap {
		return in, nil
	}
	defer m.release(v.raw) // the copy is used from here on
	out := room(dst, v.elements())
	var overflow atomic.Bool
	err := m.parallel(len(out), func(lo, hi int) {
		v.pieces(lo, hi, func(lo, hi int, raw []byte) {
			if !decodeReals(out[lo:hi], raw, v.dtype) {
				overflow.Store(true)
			}
		})
	})
	if err == nil && overflow.Load() {
		err = &Error{File: m.path, Item: tensorItem(name), Want: "values in float32's range",
			Found: fmt.Sprintf("a float64 beyond ±%g", math.MaxFloat32), Do: "rescale the tensor, or download the file again"}
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// int64s returns the tensor of integers, in new memory. The caller holds m's lock.
func (m *MappedFile) int64s(name string, v view) ([]int64, error) {
	out := make([]int64, v.elements())
	fits := true
	if err := m.guarded(func() {
		v.pieces(0, len(out), func(lo, hi int, raw []byte) { fits = decodeInts(out[lo:hi], raw, v.dtype) && fits })
	}); err != nil {
		return nil, err
	}
	if !fits {
		return nil, &Error{File: m.path, Item: tensorItem(name), Want: "values in int64's range", Found: "a uint64 beyond 2^63-1",
			Do: "check that this is the right tensor"}
	}
	return out, nil
}

// room returns n elements of dst, or new ones if dst is too small. They need not be zero.
func room(dst []float32, n int) []float32 {
	if dst == nil || n > cap(dst) {
		return make([]float32, n)
	}
	return dst[:n]
}

// float32View returns raw as float32 without a copy; false if this machine cannot read it in place.
func float32View(raw []byte) ([]float32, bool) {
	if len(raw) == 0 {
		return []float32{}, true
	}
	start := unsafe.Pointer(unsafe.SliceData(raw))
	if !littleEndian || uintptr(start)%unsafe.Alignof(float32(0)) != 0 {
		return nil, false
	}
	return unsafe.Slice((*float32)(start), len(raw)/4), true
}

// pieces calls its function with the elements [lo, hi) in row-major order, little-endian and without gaps: all at once if
// they are stored that way, else gathered piece by piece.
func (v view) pieces(lo, hi int, piece func(lo, hi int, raw []byte)) {
	size := v.dtype.Size()
	if v.strides == nil && !v.swap {
		piece(lo, hi, v.raw[lo*size:hi*size])
		return
	}
	const most = 4096
	gathered := make([]byte, size*min(most, hi-lo))
	for at := lo; at < hi; at += most {
		end := min(at+most, hi)
		out := gathered[:size*(end-at)]
		v.gather(out, at)
		if v.swap {
			for number := range slices.Chunk(out, size) {
				slices.Reverse(number)
			}
		}
		piece(at, end, out)
	}
}

// gather copies elements to out, by their strides, beginning with element number first.
func (v view) gather(out []byte, first int) {
	size := v.dtype.Size()
	if v.strides == nil {
		copy(out, v.raw[first*size:])
		return
	}
	index := make([]int, len(v.shape))
	at := 0
	for d := len(v.shape) - 1; d >= 0; d-- {
		index[d] = first % v.shape[d]
		first /= v.shape[d]
		at += index[d] * v.strides[d]
	}
	for len(out) > 0 {
		copy(out[:size], v.raw[at*size:])
		out = out[size:]
		for d := len(v.shape) - 1; d >= 0; d-- { // the next index
			index[d]++
			at += v.strides[d]
			if index[d] < v.shape[d] {
				break
			}
			at -= index[d] * v.strides[d]
			index[d] = 0
		}
	}
}
