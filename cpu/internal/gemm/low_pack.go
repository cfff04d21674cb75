package gemm

import (
	"encoding/binary"
	"math"
	"unsafe"

	"cradio/cpu/internal/form"
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// lowPacking is the task of rounding w (Rows, Cols) into m: a row a piece, or a panel.
type lowPacking struct {
	m    *LowMatrix
	w    []float32
	pool *pool.Pool
}

// packDepth is how many elements of a row are packed at a time: those of a panel fit in a
// worker's memory.
const packDepth = 4096

func (t *lowPacking) Do(worker, i int) {
	m := t.m
	if m.values != nil {
		w := t.w[i*m.Cols : (i+1)*m.Cols]
		roundWeights(m.values[i*m.Cols:(i+1)*m.Cols], w, m.form, t.scale(worker, w))
		return
	}
	tiles, widen := tilesOf(m.table, m.form)
	if widen && m.form == form.BFloat16 {
		t.shortBFloat16(worker, tiles, i)
		return
	}
	r0, r1 := pool.Span(i, tiles.Cols, m.Rows)
	var scales []float32
	if m.form == form.Int8 {
		scales = m.scales[r0:r1]
		for r := range scales {
			scales[r] = t.scale(worker, t.row(r0+r, 0, m.Cols))
		}
	}
	memory := t.pool.Memory(worker)
	room := pool.BytesOf(memory)
	per := tiles.PerWord
	if widen {
		t.shortInt8(room, tiles, scales, r0, r1)
		return
	}
	panel := floatsOf(m.words)[r0*m.depth():]
	for c0 := 0; c0 < m.Cols; c0 += packDepth {
		c1 := min(c0+packDepth, m.Cols)
		n := wordsFor(tiles, c1-c0)
		for r := r0; r < r1; r++ {
			dst, w := room[4*n*(r-r0):4*n*(r-r0+1)], t.row(r, c0, c1)
			clear(dst[(c1-c0)*4/per:])
			if scales == nil {
				form.Round(m.table, dst, w)
			} else {
				form.QuantiseInt8(m.table, dst, w, form.Inverse(scales[r-r0]))
				if tiles.RowStarts != nil {
					dropSigns(wordsOf(memory[n*(r-r0) : n*(r-r0+1)]))
				}
			}
		}
		if to := panel[c0/per*tiles.Cols:]; tiles.ByPairs {
			packPairs(tiles.Cols, to, memory, r1-r0, n)
		} else {
			m.table.PackPanel(tiles.Cols, to, memory, n, r1-r0, n)
		}
	}
	if scales != nil {
		t.total(tiles, memory, r0)
	}
}

// dropSigns adds 128 to words of four int8, which then are uint8.
func dropSigns(words []uint32) {
	for i := range words {
		words[i] ^= 0x80808080
	}
}

// packPairs writes a panel, (n/2, cols, 2), of rows of w, n words each. The panel was
// cleared.
func packPairs(cols int, panel, w []float32, rows, n int) {
	for r := range rows {
		row := w[r*n : (r+1)*n]
		for i, to := 0, 2*r; i < n; i, to = i+2, to+2*cols {
			panel[to], panel[to+1] = row[i], row[i+1]
		}
	}
}

// row is columns [c0, c1) of row r of the weight.
func (t *lowPacking) row(r, c0, c1 int) []float32 {
	return t.w[r*t.m.Cols+c0 : r*t.m.Cols+c1]
}

// shortBFloat16 packs panel j of BFloat16, to be widened.
func (t *lowPacking) shortBFloat16(worker int, tiles *kernel.Tiles, j int) {
	m, cols := t.m, tiles.Cols
	r0, r1 := pool.Span(j, cols, m.Rows)
	panel := t.pool.Memory(worker)[:packDepth*cols]
	for c0 := 0; c0 < m.Cols; c0 += packDepth {
		n := min(packDepth, m.Cols-c0)
		m.table.PackPanel(cols, panel, t.w[r0*m.Cols+c0:], m.Cols, r1-r0, n)
		form.Round(m.table, pool.BytesOf(m.short[r0*m.Cols+c0*cols:]), panel[:n*cols])
	}
}

// shortInt8 packs the panel of rows [r0, r1) of Int8, to be widened, and adds up its rows.
func (t *lowPacking) shortInt8(room []byte, tiles *kernel.Tiles, scales []float32, r0, r1 int) {
	m, cols := t.m, tiles.Cols
	panel := m.short[r0*m.depth():]
	for r := r0; r < r1; r++ {
		total := int32(0)
		for c0 := 0; c0 < m.Cols; c0 += packDepth {
			w := t.row(r, c0, min(c0+packDepth, m.Cols))
			q := room[:len(w)+len(w)%2]
			q[len(q)-1] = 0
			form.QuantiseInt8(m.table, q, w, form.Inverse(scales[r-r0]))
			to := panel[c0/2*cols+r-r0:]
			for i := 0; i < len(q); i += 2 {
				to[i/2*cols] = binary.NativeEndian.Uint16(q[i:])
				total += int32(int8(q[i])) + int32(int8(q[i+1]))
			}
		}
		m.totals[r] = scales[r-r0] * float32(total)
	}
}

// total multiplies the panel from output r0 on with ones: a row of A without a sign. A
// scale that is not a number makes a total that is none.
func (t *lowPacking) total(tiles *kernel.Tiles, memory []float32, r0 int) {
	m := t.m
	scratch := pool.Scratch[float32](memory)
	sums, ones := wordsOf(scratch.Cut(tiles.Cols)), wordsOf(scratch.Cut(2*packDepth)) // a row, joined with itself
	for i := range ones {
		ones[i] = 0x01010101
	}
	a, start := unsafe.Pointer(&ones[0]), unsafe.Pointer(nil)
	if tiles.RowStarts != nil {
		start = kernel.At(scratch.Cut(1), 0)
	}
	panel := m.words[r0*m.depth():]
	for d0 := 0; d0 < m.depth(); d0 += packDepth {
		b, n := unsafe.Pointer(&panel[d0*tiles.Cols]), min(packDepth, m.depth()-d0)
		if start != nil {
			tiles.RowStarts(start, a, 0, 1, n)
		}
		tiles.GemmRows[1](n, a, 0, b, unsafe.Pointer(&sums[0]), min(d0, 1), start, nil, uintptr(b))
	}
	for c, s := range sums {
		m.totals[r0+c] = m.scales[r0+c] * float32(int32(s))
	}
}

// scale is the scale of an output's weights.
func (t *lowPacking) scale(worker int, w []float32) float32 {
	if t.m.form != form.Int8 {
		return 0
	}
	memory := t.pool.Memory(worker)
	return weightScale(t.m.table, w, pool.BytesOf(memory[len(memory)-form.TailBytes/4:])) // its end is not in use
}

// roundWeights writes what the weights of one output stand for once rounded.
func roundWeights(dst, w []float32, f form.Form, scale float32) {
	if f == form.BFloat16 {
		for i, v := range w {
			dst[i] = kernel.FromBFloat16(kernel.RoundBFloat16(v))
		}
		return
	}
	in := form.Inverse(scale)
	for i, v := range w {
		q := math.RoundToEven(float64(v * in))
		dst[i] = scale * float32(q)
	}
}

// weightScale is the scale of an output's weights, of which the largest is 127; 0 where
// they are as good as 0, and not a number if one of them is not finite. scratch is 8 bytes.
func weightScale(k *kernel.Table, w []float32, scratch []byte) float32 {
	lo, hi := form.Extent(k, w, scratch)
	top := max(-lo, hi)
	if math.IsInf(float64(top), 1) {
		return float32(math.NaN())
	}
	return form.Scale(top, 127)
}
