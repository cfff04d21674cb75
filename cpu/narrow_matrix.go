package cpu

import (
	"math"
)

// NarrowMatrix is the weight of a NarrowLinear: Rows outputs by Cols inputs,
// rounded to a precision. It is never written, and so may be shared by any number
// of operations.
type NarrowMatrix struct {
	Precision  Precision
	Rows, Cols int
	w          []float32 // (Rows, Cols): what the rounded weights stand for
}

// PackNarrow rounds a weight w (rows, cols) to BFloat16 or Int8. Int8 has a scale
// for each row of w, an output: its largest magnitude is 127. w is copied, and
// needed no longer; it must have rows·cols elements, or NarrowLinear.Check fails.
func PackNarrow(w []float32, rows, cols int, p Precision) *NarrowMatrix {
	m := &NarrowMatrix{Precision: p, Rows: rows, Cols: cols}
	if size, ok := product([]int{rows, cols}); !ok || size != len(w) || size == 0 {
		return m
	}
	m.w = make([]float32, len(w))
	for r := range rows {
		roundWeights(m.w[r*cols:(r+1)*cols], w[r*cols:(r+1)*cols], p)
	}
	return m
}

// roundWeights writes what the weights of one output stand for once rounded.
func roundWeights(dst, w []float32, p Precision) {
	if p == BFloat16 {
		for i, v := range w {
			dst[i] = fromBFloat16(bfloat16(v))
		}
		return
	}
	scale := weightScale(w)
	for i, v := range w {
		dst[i] = scale * quantised(v, scale)
	}
}

// weightScale is the scale of an output's weights; not a number if one of them is
// not finite.
func weightScale(w []float32) float32 {
	var top float32
	for _, v := range w {
		top = max(top, float32(math.Abs(float64(v))))
	}
	if math.IsInf(float64(top), 1) {
		return float32(math.NaN())
	}
	return top / 127
}

// quantised is v in units of scale, rounded to nearest even.
func quantised(v, scale float32) float32 {
	if scale == 0 {
		return 0
	}
	return float32(math.RoundToEven(float64(v / scale)))
}

// Bytes is the memory that the matrix holds.
func (m *NarrowMatrix) Bytes() int { return 4 * len(m.w) }
