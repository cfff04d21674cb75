package cpu

import (
	"fmt"
	"math"
	"slices"
)

// Precision sets the precision of matrix products: of the weights and of the activations.
// Sums of products are float32, or exact.
//
// In BFloat16, a number smaller than the smallest normal number, 2^-126, may count as 0,
// whether it is an operand, a product, a sum or a result.
type Precision uint8

// The precisions. Full is the type of the operation: float32 or float64.
const (
	Full     Precision = iota
	BFloat16           // 8 bits of mantissa, rounded to nearest even
	Int8               // weights int8 with a scale per output, activations uint8 with a scale and an offset per row
)

var precisionNames = []string{"full", "bfloat16", "int8"}

func (p Precision) String() string {
	if int(p) >= len(precisionNames) {
		return fmt.Sprintf("Precision(%d)", int(p))
	}
	return precisionNames[p]
}

// ParsePrecision returns the Precision whose String is name.
func ParsePrecision(name string) (Precision, error) {
	i := slices.Index(precisionNames, name)
	if i < 0 {
		return Full, fmt.Errorf("precision is %q, want one of %v", name, precisionNames)
	}
	return Precision(i), nil
}

// bfloat16 is the upper half of a float32.
func bfloat16(x float32) uint16 {
	b := math.Float32bits(x)
	if x != x {
		return uint16(b>>16) | 0x40 // a quiet NaN
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}

func fromBFloat16(h uint16) float32 { return math.Float32frombits(uint32(h) << 16) }
