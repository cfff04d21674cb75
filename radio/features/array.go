package features

import (
	"encoding/binary"
	"math"
	"unsafe"
)

// Array is what all rows of a store hold of one source.
type Array struct {
	Shape []int // of a row: (D), or (T, D) of patches
	Width int   // numbers of a row
	DType DType
	Rows  int

	f32  []float32 // (Rows, Width), if DType is Float32
	bf16 []uint16  // (Rows, Width), if DType is BFloat16
}

// littleEndian: this machine has the byte order of the files.
var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// newArray views the contents of a column's file. The mapping begins at a page, so all numbers are aligned.
func newArray(contents []byte, c Column, d DType, rows int) *Array {
	a := &Array{Shape: c.Shape, Width: c.Width(), DType: d}
	a.Rows = min(rows, len(contents)/(a.Width*d.Size()))
	n := a.Rows * a.Width
	switch {
	case n == 0:
	case d == BFloat16 && littleEndian:
		a.bf16 = unsafe.Slice((*uint16)(unsafe.Pointer(unsafe.SliceData(contents))), n)
	case d == BFloat16:
		a.bf16 = make([]uint16, n)
		for i := range a.bf16 {
			a.bf16[i] = binary.LittleEndian.Uint16(contents[2*i:])
		}
	case littleEndian:
		a.f32 = unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(contents))), n)
	default:
		a.f32 = make([]float32, n)
		for i := range a.f32 {
			a.f32[i] = math.Float32frombits(binary.LittleEndian.Uint32(contents[4*i:]))
		}
	}
	return a
}

// Float32 returns a row of a float32 store, without a copy, and nil of another.
func (a *Array) Float32(row int) []float32 {
	if a.f32 == nil {
		return nil
	}
	return a.f32[row*a.Width:][:a.Width:a.Width]
}

// BFloat16 returns a row of a bfloat16 store, without a copy, and nil of another: the upper halves of
// float32 numbers.
func (a *Array) BFloat16(row int) []uint16 {
	if a.bf16 == nil {
		return nil
	}
	return a.bf16[row*a.Width:][:a.Width:a.Width]
}

// AllFloat32 returns all rows (Rows, Width) of a float32 store, without a copy, and nil of another. Rows
// are in the order in which they were computed; see Store.Row.
func (a *Array) AllFloat32() []float32 { return a.f32 }

// AllBFloat16 is AllFloat32 of a bfloat16 store.
func (a *Array) AllBFloat16() []uint16 { return a.bf16 }

// Read copies a row of any store to dst, which has Width numbers.
func (a *Array) Read(dst []float32, row int) {
	if a.f32 != nil {
		copy(dst, a.Float32(row))
		return
	}
	for i, b := range a.BFloat16(row) {
		dst[i] = widened(b)
	}
}

// Gather copies rows, one after another: (len(rows), Width).
func (a *Array) Gather(rows []int) []float32 {
	out := make([]float32, len(rows)*a.Width)
	for i, row := range rows {
		a.Read(out[i*a.Width:][:a.Width], row)
	}
	return out
}
