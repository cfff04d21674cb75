package cpu

import "cradio/cpu/internal/form"

// Form is how the operands of a matrix product, activations and weights, lie in memory.
// Sums of products are float32, or exact. Its String is "full", "bfloat16" or "int8".
//
// In BFloat16, a number smaller than the smallest normal number, 2^-126, may count as 0,
// whether it is an operand, a product, a sum or a result.
type Form = form.Form

// The forms. Dense is the type of the operation: float32 or float64.
const (
	Dense    = form.Dense
	BFloat16 = form.BFloat16 // 8 bits of mantissa, rounded to nearest even
	Int8     = form.Int8     // weights int8 with a scale per output, activations uint8 with a scale and an offset per row
)

// ParseForm returns the Form whose String is name.
func ParseForm(name string) (Form, error) { return form.Parse(name) }

// Activations is a matrix of activations, Rows by Cols, whose Form is
//
//   - BFloat16: a row is Cols bfloat16; or
//   - Int8: a row is Cols uint8, followed by a scale s and an offset o, both float32.
//     The value of an element q is s·q + o.
//
// Rows begin ActivationsStride bytes apart in Data, which has ActivationsBytes bytes and is
// aligned to 64 bytes. The elements of a row are padded with zeros to a multiple of 64
// bytes. Set and Get convert a row from and to float32; Convert converts all of them, and
// is faster.
type Activations = form.Activations

// ActivationsStride returns the distance in bytes between rows of cols elements. It is an
// odd number of cache lines, so that rows do not compete for the same sets of a cache.
func ActivationsStride(f Form, cols int) int { return form.Stride(f, cols) }

// ActivationsBytes returns the size of a matrix in bytes.
func ActivationsBytes(f Form, rows, cols int) int { return form.Bytes(f, rows, cols) }
