package main

import (
	"fmt"
	"strings"

	"cradio/radio/output"
)

// finite returns an error if a tensor of an image has NaN or infinity, or a value too large
// for the type that is written.
func finite(name string, parts []output.Part, dtype output.DType) error {
	for _, p := range parts {
		for i, v := range p.Data {
			value := float64(v)
			if v-v != 0 && p.Float64 != nil {
				value = p.At(i)
			}
			if value-value != 0 {
				return &notFinite{fmt.Sprintf("%s: %s%s is %v: the checkpoint holds values that float32 cannot compute with",
					name, p.Name, indexText(p.Shape, i), value)}
			}
			if largest := dtype.Max(); (value > largest || value < -largest) && !dtype.Holds(p.At(i)) {
				return &notFinite{fmt.Sprintf("%s: %s%s is %.6g, and %s holds at most %.6g; choose %s",
					name, p.Name, indexText(p.Shape, i), p.At(i), dtype, largest, wider(dtype))}
			}
		}
	}
	return nil
}

// wider names a type with a larger range.
func wider(d output.DType) string {
	if d == output.Float16 {
		return "--out-dtype float32, or bfloat16 for .safetensors"
	}
	return "--out-dtype float64"
}

// notFinite is the error of features that are not finite, or too large for the file's type.
type notFinite struct{ reason string }

func (n *notFinite) Error() string { return n.reason }

// indexText formats the index of element i of a tensor: [3, 17].
func indexText(shape []int, i int) string {
	index := make([]string, len(shape))
	for axis := len(shape) - 1; axis >= 0; axis-- {
		index[axis] = fmt.Sprint(i % shape[axis])
		i /= shape[axis]
	}
	return "[" + strings.Join(index, ", ") + "]"
}
