package cpu

import "cradio/cpu/internal/form"

// Precision sets the precision of matrix products: of the weights and of the activations.
// Sums of products are float32, or exact.
//
// In BFloat16, a number smaller than the smallest normal number, 2^-126, may count as 0,
// whether it is an operand, a product, a sum or a result.
type Precision = form.Form

// The precisions. Full is the type of the operation: float32 or float64.
const (
	Full     = form.Dense
	BFloat16 = form.BFloat16 // 8 bits of mantissa, rounded to nearest even
	Int8     = form.Int8     // weights int8 with a scale per output, activations uint8 with a scale and an offset per row
)

// ParsePrecision returns the Precision whose String is name.
func ParsePrecision(name string) (Precision, error) { return form.Parse(name) }

// Narrow is a matrix of activations in a narrow precision.
type Narrow = form.Activations

// NarrowStride returns the distance in bytes between rows of cols elements.
func NarrowStride(p Precision, cols int) int { return form.Stride(p, cols) }

// NarrowBytes returns the size of a matrix in bytes.
func NarrowBytes(p Precision, rows, cols int) int { return form.Bytes(p, rows, cols) }
