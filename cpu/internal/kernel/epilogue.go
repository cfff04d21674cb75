package kernel

import (
	"encoding/binary"
	"math"
	"unsafe"
)

// The definitions of epilogues: y = residual + scale·gelu(sum + bias) for the first cols
// columns of a tile. A part whose address is nil, or gelu if it is 0, is left out. Rows
// of y and of residual are ldy bytes apart. Everything is float64 until it is stored.
//
// A bfloat16 y has no residual, and each row is written as wide as the tile: columns
// beyond cols are 0.

// plainEpilogue is for sums in float32, of tiles that are so many columns wide.
func plainEpilogue(width int, rounded bool) EpilogueFunc {
	return func(y unsafe.Pointer, ldy int, tile unsafe.Pointer, rows, cols int, bias, scale, residual unsafe.Pointer, gelu int) {
		for r := range rows {
			sums := floats(unsafe.Add(tile, 4*r*width), cols)
			f := finish{unsafe.Add(y, r*ldy), after(residual, r*ldy), bias, scale, gelu != 0, rounded}
			for c, v := range sums {
				f.store(c, float64(v))
			}
			f.pad(cols, width)
		}
	}
}

// plainEpilogueInt8 is for sums in int32 of quantised operands. A row of A has a scale s
// and an offset o, side by side at x, those of the next row ldx bytes further. The value
// of a sum is s·weights[c]·sum + o·totals[c].
func plainEpilogueInt8(width int, rounded bool) EpilogueInt8Func {
	return func(y unsafe.Pointer, ldy int, tile unsafe.Pointer, rows, cols int, bias, scale, residual unsafe.Pointer, gelu int, x unsafe.Pointer, ldx int, weights, totals unsafe.Pointer) {
		for r := range rows {
			sums := unsafe.Slice((*int32)(unsafe.Add(tile, 4*r*width)), cols)
			tail := bytes(unsafe.Add(x, r*ldx), 8)
			s, o := float64(fromBytes(tail)), float64(fromBytes(tail[4:]))
			f := finish{unsafe.Add(y, r*ldy), after(residual, r*ldy), bias, scale, gelu != 0, rounded}
			for c, v := range sums {
				f.store(c, s*float64(v)*element(weights, c, 1)+o*element(totals, c, 0))
			}
			f.pad(cols, width)
		}
	}
}

// finish makes elements of one row of y.
type finish struct {
	y, residual, bias, scale unsafe.Pointer
	gelu, rounded            bool
}

// store finishes the sum v of column c.
func (f *finish) store(c int, v float64) {
	v += element(f.bias, c, 0)
	if f.gelu {
		v = GELU(v)
	}
	v *= element(f.scale, c, 1)
	if f.rounded {
		*(*uint16)(unsafe.Add(f.y, 2*c)) = RoundBFloat16(float32(v))
		return
	}
	*(*float32)(unsafe.Add(f.y, 4*c)) = float32(v + element(f.residual, c, 0))
}

// pad writes the zeros after a row of bfloat16.
func (f *finish) pad(from, to int) {
	for c := from; f.rounded && c < to; c++ {
		*(*uint16)(unsafe.Add(f.y, 2*c)) = 0
	}
}

// element is float32 i at an address, or what stands for it if there is none.
func element(p unsafe.Pointer, i int, missing float64) float64 {
	if p == nil {
		return missing
	}
	return float64(*(*float32)(unsafe.Add(p, 4*i)))
}

// after is an address so many bytes further, nil for nil.
func after(p unsafe.Pointer, n int) unsafe.Pointer {
	if p == nil {
		return nil
	}
	return unsafe.Add(p, n)
}

func fromBytes(b []byte) float32 { return math.Float32frombits(binary.NativeEndian.Uint32(b)) }
