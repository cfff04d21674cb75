package loader

// DType is an element type, by its safetensors name.
type DType string

// The element types that Write and the readers convert. Size and Bits know more types.
const (
	F64  DType = "F64"
	F32  DType = "F32"
	F16  DType = "F16"
	BF16 DType = "BF16"
	I64  DType = "I64"
	I32  DType = "I32"
	I16  DType = "I16"
	I8   DType = "I8"
	U64  DType = "U64"
	U32  DType = "U32"
	U16  DType = "U16"
	U8   DType = "U8"
	Bool DType = "BOOL"
)

// Bits returns the width of an element in bits, or 0 for an unknown type. Elements narrower than a byte are packed.
func (d DType) Bits() int {
	switch d {
	case "C128":
		return 128
	case "C64", F64, I64, U64:
		return 64
	case F32, I32, U32:
		return 32
	case F16, BF16, I16, U16:
		return 16
	case Bool, U8, I8, "F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ":
		return 8
	case "F6_E2M3", "F6_E3M2":
		return 6
	case "F4":
		return 4
	}
	return 0
}

// Size returns the width of an element in bytes, or 0 for a type that is unknown or narrower than a byte.
func (d DType) Size() int {
	if bits := d.Bits(); bits%8 == 0 {
		return bits / 8
	}
	return 0
}
