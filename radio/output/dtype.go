package output

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
)

// DType is the type of the numbers in a file. The zero value is Float32.
type DType string

// The types have 4, 2, 2 and 8 bytes.
const (
	Float32  DType = "float32"
	Float16  DType = "float16"  // IEEE 754: 11 bits of precision, at most 65504
	BFloat16 DType = "bfloat16" // the upper half of a float32: 8 bits of precision
	Float64  DType = "float64"  // useful for models that compute in float64
)

// DTypes lists the types.
func DTypes() []DType { return []DType{Float32, Float16, BFloat16, Float64} }

// spellings are other common names.
var spellings = map[string]DType{
	"fp32": Float32, "f32": Float32, "float": Float32, "fp16": Float16, "f16": Float16, "half": Float16,
	"bf16": BFloat16, "fp64": Float64, "f64": Float64, "double": Float64,
}

// ParseDType returns the type of a name. It accepts the names of the constants, and aliases
// such as fp32, fp16, bf16 and fp64.
func ParseDType(text string) (DType, error) {
	name := strings.ToLower(text)
	if d, ok := spellings[name]; ok {
		return d, nil
	}
	for _, d := range DTypes() {
		if name == string(d) {
			return d, nil
		}
	}
	return "", fmt.Errorf("dtype is %q, must be float32, float16, bfloat16 or float64", text)
}

// String returns the name of the type.
func (d DType) String() string {
	if d == "" {
		return string(Float32)
	}
	return string(d)
}

// Size returns the size of a number, bytes.
func (d DType) Size() int {
	switch d {
	case Float16, BFloat16:
		return 2
	case Float64:
		return 8
	}
	return 4
}

// Max returns the largest finite number.
func (d DType) Max() float64 {
	switch d {
	case Float16:
		return 65504
	case BFloat16:
		return 0x1.fep127
	case Float64:
		return math.MaxFloat64
	}
	return math.MaxFloat32
}

// Holds reports whether a number is finite after rounding to the type.
func (d DType) Holds(v float64) bool {
	r := d.round(v)
	return r-r == 0
}

// round rounds to the nearest number of the type, ties to even. Numbers beyond the largest
// become infinity.
func (d DType) round(v float64) float64 {
	switch d {
	case Float16:
		return half.value(half.bits(v))
	case BFloat16:
		return brain.value(brain.bits(v))
	case Float64:
		return v
	}
	return float64(float32(v))
}

// append appends the rounded number, little-endian.
func (d DType) append(b []byte, v float64) []byte {
	switch d {
	case Float16:
		return binary.LittleEndian.AppendUint16(b, half.bits(v))
	case BFloat16:
		return binary.LittleEndian.AppendUint16(b, brain.bits(v))
	case Float64:
		return binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	return binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(v)))
}

// check returns an error if the format of path does not have the type.
func (d DType) check(path string) error {
	if _, err := ParseDType(d.String()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if d == BFloat16 && extension(path) != ".safetensors" {
		return fmt.Errorf("%s: only .safetensors can store bfloat16; choose .safetensors or float16", path)
	}
	return nil
}
