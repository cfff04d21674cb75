package loader

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"unsafe"
)

// littleEndian: does this machine keep numbers as the file does?
var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// Float32 implements Source: a view where the file holds aligned F32, a converted copy where it holds F16, BF16, F64 or
// misaligned F32.
func (f *File) Float32(name string, shape ...int) ([]float32, error) {
	return f.Float32Into(nil, name, shape...)
}

// Float32Into implements Source.
func (f *File) Float32Into(dst []float32, name string, shape ...int) ([]float32, error) {
	f.open.RLock()
	defer f.open.RUnlock()
	raw, dtype, err := f.typed(name, shape, realTypes...)
	if err != nil {
		return nil, err
	}
	if view, ok := float32View(raw); ok && dtype == F32 {
		return view, nil
	}
	defer releasePages(raw) // the copy is what is used
	out := room(dst, len(raw)/dtype.Size())
	switch dtype {
	case F32:
		parallel(len(out), func(lo, hi int) { decodeF32(out[lo:hi], raw[4*lo:]) })
	case F16:
		parallel(len(out), func(lo, hi int) { decodeF16(out[lo:hi], raw[2*lo:]) })
	case BF16:
		parallel(len(out), func(lo, hi int) { decodeBF16(out[lo:hi], raw[2*lo:]) })
	case F64:
		var overflow atomic.Bool
		parallel(len(out), func(lo, hi int) {
			if !narrowF64(out[lo:hi], raw[8*lo:]) {
				overflow.Store(true)
			}
		})
		if overflow.Load() {
			return nil, &Error{File: f.path, Item: tensorItem(name), Want: "values in float32's range",
				Found: fmt.Sprintf("a float64 beyond ±%g", math.MaxFloat32), Do: "rescale the tensor, or fetch the file again"}
		}
	}
	return out, nil
}

// room is n elements of dst, or new ones if it has fewer. They need not be zero.
func room(dst []float32, n int) []float32 {
	if dst == nil || n > cap(dst) {
		return make([]float32, n)
	}
	return dst[:n]
}

// Check implements Source.
func (f *File) Check(name string, shape ...int) error {
	f.open.RLock()
	_, dtype, err := f.typed(name, shape, realTypes...)
	f.open.RUnlock()
	if err == nil && dtype == F64 {
		_, err = f.Float32(name, shape...)
	}
	return err
}

// Release implements Source.
func (f *File) Release(name string) {
	f.open.RLock()
	defer f.open.RUnlock()
	if raw, err := f.bytes(name); err == nil {
		releasePages(raw)
	}
}

// realTypes are those that Float32 reads.
var realTypes = []DType{F32, F16, BF16, F64}

// integerTypes are those that Int64 reads.
var integerTypes = []DType{I64, I32, I16, I8, U64, U32, U16, U8, Bool}

// Int64 implements Source for integers of every width, and for BOOL as 0 and 1.
func (f *File) Int64(name string, shape ...int) ([]int64, error) {
	f.open.RLock()
	defer f.open.RUnlock()
	raw, dtype, err := f.typed(name, shape, integerTypes...)
	if err != nil {
		return nil, err
	}
	out := make([]int64, len(raw)/dtype.Size())
	if !decodeInts(out, raw, dtype) {
		return nil, tooLarge(f.path, name)
	}
	return out, nil
}

func tooLarge(path, name string) error {
	return &Error{File: path, Item: tensorItem(name), Want: "values in int64's range", Found: "an uint64 beyond 2^63-1",
		Do: "check that the tensor holds what is asked for"}
}

// Uint8 is a copy of a tensor of bytes, pictures for one.
func (f *File) Uint8(name string, shape ...int) ([]uint8, error) {
	f.open.RLock()
	defer f.open.RUnlock()
	raw, _, err := f.typed(name, shape, U8)
	return slices.Clone(raw), err
}

// typed is a tensor's bytes, once its shape and dtype are what the caller can use.
func (f *File) typed(name string, shape []int, dtypes ...DType) ([]byte, DType, error) {
	raw, err := f.bytes(name)
	if err != nil {
		return nil, "", err
	}
	e := f.entries[name]
	if !slices.Equal(e.Shape, shape) {
		return nil, "", &Error{File: f.path, Item: tensorItem(name), Want: "shape " + shapeText(shape), Found: shapeText(e.Shape),
			Do: "check that the checkpoint and its config.json belong together"}
	}
	if !slices.Contains(dtypes, e.DType) {
		return nil, "", &Error{File: f.path, Item: tensorItem(name), Want: "dtype " + dtypeList(dtypes), Found: string(e.DType),
			Do: "convert the tensor to one of these"}
	}
	return raw, e.DType, nil
}

func dtypeList(dtypes []DType) string {
	names := make([]string, len(dtypes))
	for i, d := range dtypes {
		names[i] = string(d)
	}
	return strings.Join(names, " or ")
}

// float32View is raw as float32 without a copy; false where this machine cannot read it in place.
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
