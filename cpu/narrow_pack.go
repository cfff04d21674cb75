package cpu

import (
	"encoding/binary"
	"math"
	"unsafe"
)

// narrowPacking is the task of rounding w (Rows, Cols) into m: a row a piece, or a
// panel.
type narrowPacking struct {
	m    *NarrowMatrix
	w    []float32
	pool *Pool
}

// packDepth is how many elements of a row are packed at a time: those of a panel
// fit in an arena.
const packDepth = 4096

func (t *narrowPacking) Do(worker, i int) {
	m := t.m
	if m.w != nil {
		w := t.w[i*m.Cols : (i+1)*m.Cols]
		roundWeights(m.w[i*m.Cols:(i+1)*m.Cols], w, m.Precision, t.scale(worker, w))
		return
	}
	tiles, short := m.k.tilesOf(m.Precision)
	if short && m.Precision == BFloat16 {
		t.rounded(worker, i)
		return
	}
	r0, r1 := span(i, tiles.cols, m.Rows)
	var scales []float32
	if m.Precision == Int8 {
		scales = m.scales[r0:r1]
		for r := range scales {
			scales[r] = t.scale(worker, t.row(r0+r, 0, m.Cols))
		}
	}
	arena := t.pool.arenas[worker].memory
	room := bytesOf(arena)
	per := tiles.per
	if short {
		t.words(room, scales, r0, r1)
		return
	}
	panel := floatsOf(m.units)[r0*m.depth():]
	for c0 := 0; c0 < m.Cols; c0 += packDepth {
		c1 := min(c0+packDepth, m.Cols)
		n := blocks(c1-c0, per) // units
		for r := r0; r < r1; r++ {
			dst, w := room[4*n*(r-r0):4*n*(r-r0+1)], t.row(r, c0, c1)
			clear(dst[4*(n-1):])
			if scales == nil {
				round(m.k, dst, w)
			} else {
				quantiseSigned(m.k, dst, w, inverse(scales[r-r0]))
			}
		}
		packPanel(m.k, tiles.cols, panel[c0/per*tiles.cols:], arena, n, r1-r0, n)
	}
	if scales != nil {
		t.total(tiles, arena, r0)
	}
}

// row is columns [c0, c1) of row r of the weight.
func (t *narrowPacking) row(r, c0, c1 int) []float32 {
	return t.w[r*t.m.Cols+c0 : r*t.m.Cols+c1]
}

// rounded packs panel j of BFloat16 for tiles of float32.
func (t *narrowPacking) rounded(worker, j int) {
	m, cols := t.m, t.m.k.cols
	r0, r1 := span(j, cols, m.Rows)
	panel := t.pool.arenas[worker].memory[:packDepth*cols]
	for c0 := 0; c0 < m.Cols; c0 += packDepth {
		n := min(packDepth, m.Cols-c0)
		packPanel(m.k, cols, panel, t.w[r0*m.Cols+c0:], m.Cols, r1-r0, n)
		m.k.round(unsafe.Pointer(&m.short[(r0*m.Cols+c0*cols)]), at(panel, 0), n*cols)
	}
}

// quantiseSigned is quantise to int8, from offset 0 on.
func quantiseSigned(k *kernels, dst []byte, x []float32, inverse float32) {
	if k.level < AVX512 { // whose kernel knows no sign
		k = nil
	}
	quantise(k, dst, x, 0, inverse)
}

// words packs the panel of rows [r0, r1) of Int8 in twos, and adds up its rows.
func (t *narrowPacking) words(room []byte, scales []float32, r0, r1 int) {
	m, cols := t.m, t.m.k.words.cols
	panel := m.short[r0*m.depth():]
	for r := r0; r < r1; r++ {
		total := int32(0)
		for c0 := 0; c0 < m.Cols; c0 += packDepth {
			w := t.row(r, c0, min(c0+packDepth, m.Cols))
			q := room[:len(w)+len(w)%2]
			q[len(q)-1] = 0
			quantiseSigned(m.k, q, w, inverse(scales[r-r0]))
			to := panel[c0/2*cols+r-r0:]
			for i := 0; i < len(q); i += 2 {
				to[i/2*cols] = binary.NativeEndian.Uint16(q[i:])
				total += int32(int8(q[i])) + int32(int8(q[i+1]))
			}
		}
		m.totals[r] = scales[r-r0] * float32(total)
	}
}

// total multiplies the panel from output r0 on with ones: a row of A without a
// sign. A scale that is not a number makes a total that is none.
func (t *narrowPacking) total(tiles *tiles, arena []float32, r0 int) {
	m := t.m
	carver := carver[float32](arena)
	sums, ones := unitsOf(carver.cut(tiles.cols)), unitsOf(carver.cut(packDepth))
	for i := range ones {
		ones[i] = 0x01010101
	}
	panel := m.units[r0*m.depth():]
	for d0 := 0; d0 < m.depth(); d0 += packDepth {
		b := unsafe.Pointer(&panel[d0*tiles.cols])
		tiles.gemmRows[1](min(packDepth, m.depth()-d0), unsafe.Pointer(&ones[0]), 0, b, unsafe.Pointer(&sums[0]), min(d0, 1), nil, nil, uintptr(b))
	}
	for c, s := range sums {
		m.totals[r0+c] = m.scales[r0+c] * float32(int32(s))
	}
}

// scale is the scale of an output's weights.
func (t *narrowPacking) scale(worker int, w []float32) float32 {
	if t.m.Precision != Int8 {
		return 0
	}
	arena := t.pool.arenas[worker].memory
	return weightScale(t.m.k, w, bytesOf(arena[len(arena)-narrowTail/4:])) // its end is not in use
}

// roundWeights writes what the weights of one output stand for once rounded.
func roundWeights(dst, w []float32, p Precision, scale float32) {
	if p == BFloat16 {
		for i, v := range w {
			dst[i] = fromBFloat16(bfloat16(v))
		}
		return
	}
	in := inverse(scale)
	for i, v := range w {
		q := math.RoundToEven(float64(v * in))
		dst[i] = scale * float32(q)
	}
}

// weightScale is the scale of an output's weights, of which the largest is 127; 0
// where they are as good as 0, and not a number if one of them is not finite.
// scratch is extent's.
func weightScale(k *kernels, w []float32, scratch []byte) float32 {
	lo, hi := extent(k, w, scratch)
	top := max(-lo, hi)
	if math.IsInf(float64(top), 1) {
		return float32(math.NaN())
	}
	return quantum(top, 127)
}
