package ptxsim

// class is what the bits of a type mean.
type class uint8

const (
	bitsClass class = iota
	unsigned
	signed
	float // of 32 or 64 bits
	bfloat
	predicate
	packed      // two bfloat16
	tensorFloat // a float32 whose lower 13 bits products do not read
)

// dtype is a fundamental type of the ISA.
type dtype struct {
	class class
	bits  int
}

func (t dtype) bytes() int   { return t.bits / 8 }
func (t dtype) is64() bool   { return t.bits == 64 }
func (t dtype) floats() bool { return t.class == float || t.class == bfloat }

// dtypes are the types by name. Those of float16 and float8 are not here.
var dtypes = map[string]dtype{
	"b8": {bitsClass, 8}, "b16": {bitsClass, 16}, "b32": {bitsClass, 32}, "b64": {bitsClass, 64},
	"u8": {unsigned, 8}, "u16": {unsigned, 16}, "u32": {unsigned, 32}, "u64": {unsigned, 64},
	"s8": {signed, 8}, "s16": {signed, 16}, "s32": {signed, 32}, "s64": {signed, 64},
	"f32": {float, 32}, "f64": {float, 64},
	"bf16": {bfloat, 16}, "bf16x2": {packed, 32}, "tf32": {tensorFloat, 32},
	"pred": {predicate, 1},
}

// extend returns the value of a register of 32 bits as 64 bits, with the sign of a signed type.
func (t dtype) extend(v uint32) uint64 {
	switch {
	case t.class == signed && t.bits == 32:
		return uint64(int64(int32(v)))
	case t.class == signed && t.bits == 16:
		return uint64(int64(int16(v)))
	case t.class == signed:
		return uint64(int64(int8(v)))
	case t.bits == 16:
		return uint64(uint16(v))
	case t.bits == 8:
		return uint64(uint8(v))
	}
	return uint64(v)
}

// mask has the bits of a type of at most 32 bits.
func (t dtype) mask() uint32 { return uint32(uint64(1)<<t.bits - 1) }
