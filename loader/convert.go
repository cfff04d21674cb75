package loader

import (
	"encoding/binary"
	"math"
)

// The decoders read len(out) little-endian numbers from raw.

func decodeF32(out []float32, raw []byte) {
	raw = raw[:4*len(out)]
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
}

func decodeBF16(out []float32, raw []byte) {
	raw = raw[:2*len(out)]
	for i := range out {
		out[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(raw[2*i:])) << 16)
	}
}

func decodeF16(out []float32, raw []byte) {
	raw = raw[:2*len(out)]
	for i := range out {
		out[i] = fromF16(binary.LittleEndian.Uint16(raw[2*i:]))
	}
}

// fromF16 converts an IEEE half exactly, including infinities, NaN payloads and subnormals.
func fromF16(h uint16) float32 {
	const rebias = 0x1p112 // float32's exponent bias 127 less the half's 15, as a power of two
	sign := uint32(h&0x8000) << 16
	magnitude := uint32(h&0x7FFF) << 13
	if h&0x7C00 == 0x7C00 {
		return math.Float32frombits(sign | 0x7F800000 | magnitude)
	}
	return math.Float32frombits(sign | math.Float32bits(math.Float32frombits(magnitude)*rebias))
}

// roundF64 rounds to float32. It returns false if a finite number became infinite.
func roundF64(out []float32, raw []byte) bool {
	raw = raw[:8*len(out)]
	fits := true
	for i := range out {
		v := math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:]))
		out[i] = float32(v)
		if math.IsInf(float64(out[i]), 0) && !math.IsInf(v, 0) {
			fits = false
		}
	}
	return fits
}

// decodeReals returns false if a finite number became infinite.
func decodeReals(out []float32, raw []byte, dtype DType) bool {
	switch dtype {
	case F32:
		decodeF32(out, raw)
	case F16:
		decodeF16(out, raw)
	case BF16:
		decodeBF16(out, raw)
	case F64:
		return roundF64(out, raw)
	}
	return true
}

// decodeInts returns false if a number does not fit in int64.
func decodeInts(out []int64, raw []byte, dtype DType) bool {
	size := dtype.Size()
	fits := true
	for i := range out {
		switch at := raw[i*size:]; dtype {
		case I64:
			out[i] = int64(binary.LittleEndian.Uint64(at))
		case U64:
			out[i] = int64(binary.LittleEndian.Uint64(at))
			fits = fits && out[i] >= 0
		case I32:
			out[i] = int64(int32(binary.LittleEndian.Uint32(at)))
		case U32:
			out[i] = int64(binary.LittleEndian.Uint32(at))
		case I16:
			out[i] = int64(int16(binary.LittleEndian.Uint16(at)))
		case U16:
			out[i] = int64(binary.LittleEndian.Uint16(at))
		case I8:
			out[i] = int64(int8(at[0]))
		case U8:
			out[i] = int64(at[0])
		case Bool:
			if at[0] != 0 {
				out[i] = 1
			}
		}
	}
	return fits
}
