package loader

// DType is an element type by its safetensors name.
type DType string

// The element types that Write and the readers convert; Size knows the others too.
const (
	F64  DType = "F64"
	F32  DType = "F32"
	F16  DType = "F16"
	BF16 DType = "BF16"
	I64  DType = "I64"
	I32  DType = "I32"
	I16  DType = "I16"
	I8   DType = "I8"
	U8   DType = "U8"
	Bool DType = "BOOL"
)

// Size is the bytes an element takes; 0 for a type that is unknown or narrower than a byte.
func (d DType) Size() int {
	switch d {
	case "C64", F64, I64, "U64":
		return 8
	case F32, I32, "U32":
		return 4
	case F16, BF16, I16, "U16":
		return 2
	case Bool, U8, I8, "F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ":
		return 1
	}
	return 0
}
