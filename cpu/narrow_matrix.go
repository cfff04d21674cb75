package cpu

import "unsafe"

// NarrowMatrix is the weight of a NarrowLinear, with Rows outputs and Cols inputs,
// rounded to a narrow precision and packed for the level in use. It is never written, so
// any number of operations may share it.
//
// Units are 32 bits, two bfloat16 or four int8, in panels of as many outputs as a
// register tile has columns. Levels without instructions for them keep short units of 16
// bits, a bfloat16 or two int8, and widen a slice at a time: to float32, or two int16.
type NarrowMatrix struct {
	Precision  Precision
	Rows, Cols int
	w          []float32 // (Rows, Cols): what the rounded weights stand for, or nil:
	short      []uint16  // (⌈Rows/cols⌉, ⌈Cols/per⌉, cols), to be widened for tiles of k, or nil:
	units      []uint32  // (⌈Rows/cols⌉, ⌈Cols/per⌉, cols), for the units of k
	scales     []float32 // (⌈Rows/cols⌉·cols), of Int8: what 1 stands for in each output,
	totals     []float32 // and the sum of what its weights stand for
	k          *kernels
}

// PackNarrow rounds a weight w (rows, cols) to BFloat16 or Int8, and packs it. Int8 has a
// scale for each row of w. w is copied, and not needed afterwards. It must have rows·cols
// elements, or NarrowLinear.Check returns an error.
func PackNarrow(w []float32, rows, cols int, p Precision) *NarrowMatrix {
	m := &NarrowMatrix{Precision: p, Rows: rows, Cols: cols}
	size, ok := product([]int{rows, cols})
	if !ok || size != len(w) || size == 0 || p != BFloat16 && p != Int8 {
		return m
	}
	m.k = current.Load()
	t := narrowPacking{m: m, w: w, pool: Default()}
	n := rows
	if m.k == nil {
		m.w = make([]float32, size)
	} else {
		tiles, short := m.k.tilesOf(p)
		n = blocks(rows, tiles.cols)
		if units := n * tiles.cols * m.depth(); short {
			m.short = shortOf(aligned(blocks(units, 2)))
		} else {
			m.units = unitsOf(aligned(units))
		}
		if p == Int8 {
			m.scales, m.totals = aligned(n*tiles.cols), aligned(n*tiles.cols)
		}
	}
	t.pool.Run(n, &t)
	return m
}

// tilesOf are the tiles that multiply a precision, and whether units are kept short.
func (k *kernels) tilesOf(p Precision) (t *tiles, short bool) {
	switch {
	case p == BFloat16 && k.pairs.cols > 0:
		return &k.pairs, false
	case p == Int8 && k.fours.cols > 0:
		return &k.fours, false
	case p == Int8:
		return &k.words, true
	}
	return &k.rounded, true
}

// depth is how many units a row has.
func (m *NarrowMatrix) depth() int { return m.k.depth(m.Precision, m.Cols) }

// depth is how many units cols elements become: with AMX, those of whole steps of
// its tiles.
func (k *kernels) depth(p Precision, cols int) int {
	tiles, _ := k.tilesOf(p)
	n := blocks(cols, tiles.per)
	if k.amx != nil {
		n = blocks(n, stepUnits) * stepUnits
	}
	return n
}

// elements is how many weights there are: those it was given, or has packed.
func (m *NarrowMatrix) elements() int {
	if m.short != nil || m.units != nil {
		return m.Rows * m.Cols
	}
	return len(m.w)
}

// Bytes returns the memory of the matrix.
func (m *NarrowMatrix) Bytes() int {
	return 2*len(m.short) + 4*(len(m.w)+len(m.units)+len(m.scales)+len(m.totals))
}

// PackedNarrowBytes returns the Bytes of a NarrowMatrix of this size, at the level in use.
func PackedNarrowBytes(p Precision, rows, cols int) int {
	k := current.Load()
	if k == nil {
		return 4 * rows * cols
	}
	t, short := k.tilesOf(p)
	n := blocks(rows, t.cols) * t.cols
	bytes := n * k.depth(p, cols) * 4
	if short {
		bytes /= 2
	}
	if p == Int8 {
		bytes += 2 * 4 * n
	}
	return bytes
}

// unitsOf is the memory of x as units; floatsOf is the reverse.
func unitsOf(x []float32) []uint32 {
	return unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}

func floatsOf(x []uint32) []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}

// shortOf is the memory of x as short units.
func shortOf(x []float32) []uint16 {
	return unsafe.Slice((*uint16)(unsafe.Pointer(unsafe.SliceData(x))), 2*len(x))
}
