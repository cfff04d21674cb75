package form

import (
	"encoding/binary"
	"math"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// Activations is a matrix of activations, Rows by Cols, in one of two forms:
//
//   - BFloat16: a row is Cols bfloat16.
//   - Int8: a row is Cols uint8, followed by a scale s and an offset o, both float32.
//     The value of an element q is s·q + o.
//
// Rows begin Stride bytes apart. The elements are padded with zeros to a multiple of 64
// bytes.
type Activations struct {
	Form       Form
	Rows, Cols int
	Data       []byte // Bytes of them, aligned to 64 bytes
}

// Stride returns the distance in bytes between rows of cols elements. It is an odd number
// of cache lines, so that rows do not compete for the same sets of a cache.
func Stride(f Form, cols int) int {
	n := elementBytes(f, cols)
	if f == Int8 {
		n += TailBytes
	}
	return (pool.Blocks(n, pool.CacheLine) | 1) * pool.CacheLine
}

// Bytes returns the size of a matrix in bytes.
func Bytes(f Form, rows, cols int) int { return rows * Stride(f, cols) }

// TailBytes is the size of a scale and an offset, which end each row of Int8.
const TailBytes = 8

// elementBytes is the size of a row's elements with the zeros after them.
func elementBytes(f Form, cols int) int {
	if f == BFloat16 {
		cols *= 2
	}
	return pool.Blocks(cols, pool.CacheLine) * pool.CacheLine
}

// Set sets row r to x, rounded. Convert does the same for all rows, and is faster.
func (a *Activations) Set(r int, x []float32) { SetRow(plain, a, r, x) }

// Get copies columns c, c+1, … of row r to dst, len(dst) of them, as float32.
func (a *Activations) Get(r, c int, dst []float32) { GetRow(plain, a, r, c, dst) }

// plain has the definitions of the conversions.
var plain = kernel.New(kernel.Plain, kernel.ConvertStep)

// SetRow sets row r to x, rounded, with t's kernels.
func SetRow(t *kernel.Table, a *Activations, r int, x []float32) {
	if a.Form == BFloat16 {
		Pad(a, r)
		SetAt(t, a, r, 0, x)
		return
	}
	row := Row(a, r)
	tail := row[len(row)-TailBytes:]
	lo, hi := Extent(t, x, tail)
	s := Scale(hi-lo, 255)
	Quantise(t, row, x, lo, Inverse(s))
	clear(row[len(x):elementBytes(Int8, a.Cols)])
	binary.NativeEndian.PutUint32(tail, math.Float32bits(s))
	binary.NativeEndian.PutUint32(tail[4:], math.Float32bits(lo))
}

// GetRow copies columns c, c+1, … of row r to dst, len(dst) of them, with t's kernels.
func GetRow(t *kernel.Table, a *Activations, r, c int, dst []float32) {
	row := Row(a, r)
	if a.Form == BFloat16 {
		Widen(t, dst, row[2*c:])
		return
	}
	s, o := twoFloats(row[len(row)-TailBytes:])
	Dequantise(t, dst, row[c:], s, o)
}

// SetAt rounds x into columns c, c+1, … of row r of a BFloat16 matrix.
func SetAt(t *kernel.Table, a *Activations, r, c int, x []float32) { Round(t, Row(a, r)[2*c:], x) }

// Pad writes the zeros after row r of a BFloat16 matrix.
func Pad(a *Activations, r int) { clear(Row(a, r)[2*a.Cols : elementBytes(BFloat16, a.Cols)]) }

// Row is the memory of row r, with all that ends it.
func Row(a *Activations, r int) []byte {
	stride := Stride(a.Form, a.Cols)
	return a.Data[r*stride : (r+1)*stride]
}
