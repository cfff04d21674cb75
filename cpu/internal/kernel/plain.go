package kernel

import "unsafe"

// New returns the table of a level whose registers have so many float32, as a copy of
// the plain one, for the level to replace what it does faster.
func New(level Level, lanes int) *Table {
	return &Table{
		Level: level, Lanes: lanes,

		Exact:            []ExactFunc{nil, plainExact(2 * lanes)},
		Epilogue:         plainEpilogue(2*lanes, false),
		EpilogueBFloat16: plainEpilogue(2*lanes, true),
		EpilogueInt8:     [2]EpilogueInt8Func{plainEpilogueInt8(2*lanes, false), plainEpilogueInt8(2*lanes, true)},
		Uint8ToInt16:     plainUint8ToInt16, Int8ToInt16: plainInt8ToInt16,

		Transpose: plainTranspose, Prefetch: noPrefetch, PrefetchWrite: noPrefetch,
		CopyRows: plainCopyRows, NormalizeRows: plainNormalizeRows, Blend: plainBlend,
		LayerNorm: plainLayerNorm, GELU: plainGELU, Binary: plainBinary,
		LayerNormGrad: plainLayerNormGrad, GELUGrad: plainGELUGrad,

		Widen: plainWiden, Round: plainRound, Dequantise: plainDequantise,
		Quantise: plainQuantise, QuantiseInt8: plainQuantise, Extent: plainExtent,
		Scan: plainScan,
	}
}

// These are the definitions, of float32 at an address.

func plainCopyRows(dst unsafe.Pointer, ldd int, src unsafe.Pointer, lds, rows, n int) {
	for r := range rows {
		copy(floats(unsafe.Add(dst, r*ldd), n), floats(unsafe.Add(src, r*lds), n))
	}
}

func plainNormalizeRows(dst unsafe.Pointer, ldd int, src unsafe.Pointer, lds, rows, n int, mean, std float32) {
	for r := range rows {
		NormalizeRow(floats(unsafe.Add(dst, r*ldd), n), floats(unsafe.Add(src, r*lds), n), mean, std)
	}
}

func plainBlend(y, a, b, c, d unsafe.Pointer, n int, w0, w1, w2, w3 float64) {
	Blend(floats(y, n), floats(a, n), floats(b, n), floats(c, n), floats(d, n), [4]float64{w0, w1, w2, w3})
}

func plainLayerNorm(y, x, weight, bias unsafe.Pointer, n int, eps float64) {
	LayerNorm(floats(y, n), floats(x, n), floats(weight, n), floats(bias, n), eps)
}

func plainGELU(y, x unsafe.Pointer, n int) { GELUs(floats(y, n), floats(x, n)) }

func plainLayerNormGrad(dx, x, weight, dy unsafe.Pointer, n int, eps float64) {
	LayerNormGrad(floats(dx, n), floats(x, n), floats(weight, n), floats(dy, n), eps)
}

func plainGELUGrad(dx, x, dy unsafe.Pointer, n int) {
	GELUGrads(floats(dx, n), floats(x, n), floats(dy, n))
}

var plainBinary = [4]func(y, a, b unsafe.Pointer, n int){
	func(y, a, b unsafe.Pointer, n int) { Binary(Add, floats(y, n), floats(a, n), floats(b, n)) },
	func(y, a, b unsafe.Pointer, n int) { Binary(Sub, floats(y, n), floats(a, n), floats(b, n)) },
	func(y, a, b unsafe.Pointer, n int) { Binary(Mul, floats(y, n), floats(a, n), floats(b, n)) },
	func(y, a, b unsafe.Pointer, n int) { Binary(Div, floats(y, n), floats(a, n), floats(b, n)) },
}

// plainTranspose writes cols rows of dst, of keep elements each. Missing rows of src read
// as zeros. Column i of src is multiplied by factor[i] if there are factors.
func plainTranspose(dst unsafe.Pointer, ldd int, src unsafe.Pointer, lds, rows, cols, keep int, factor unsafe.Pointer) {
	for j := range cols {
		y := floats(unsafe.Add(dst, j*ldd), keep)
		for i := range min(rows, keep) {
			y[i] = *(*float32)(unsafe.Add(src, i*lds+4*j))
			if factor != nil {
				y[i] *= *(*float32)(unsafe.Add(factor, 4*j))
			}
		}
		clear(y[min(rows, keep):])
	}
}

// plainExact computes c (+)= a·b in float64 for one row of a and a panel of so many
// columns.
func plainExact(cols int) ExactFunc {
	return func(k int, a unsafe.Pointer, _ int, b, c unsafe.Pointer, add int) {
		sums := unsafe.Slice((*float64)(c), cols)
		if add == 0 {
			clear(sums)
		}
		panel := floats(b, k*cols)
		for i, v := range floats(a, k) {
			for j, w := range panel[i*cols:][:cols] {
				sums[j] += float64(float64(v) * float64(w))
			}
		}
	}
}

// noPrefetch is right everywhere: fetching ahead changes no result.
func noPrefetch(unsafe.Pointer, int, int, int) {}

// floats are n float32 at an address.
func floats(p unsafe.Pointer, n int) []float32 { return unsafe.Slice((*float32)(p), n) }
