package cpu

import "unsafe"

// NarrowMatrix is the weight of a NarrowLinear, with Rows outputs and Cols inputs,
// rounded to a narrow precision and packed for the level in use. It is never written, so
// any number of operations may share it.
//
// Units are 32 bits, two bfloat16 or four int8, in panels of 32 outputs. Levels without
// instructions for them convert to float32.
type NarrowMatrix struct {
	Precision  Precision
	Rows, Cols int
	w          []float32 // (Rows, Cols): what the rounded weights stand for, or nil:
	panels     []float32 // the same, for the tiles of k, or nil:
	units      []uint32  // (⌈Rows/32⌉, ⌈Cols/2⌉ or ⌈Cols/4⌉, 32), for the units of k
	scales     []float32 // (⌈Rows/32⌉·32), of Int8 units: what 1 stands for in each output,
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
	switch tiles := m.k.units(p); {
	case m.k == nil:
		m.w = make([]float32, size)
	case tiles == nil:
		n = blocks(rows, m.k.cols)
		m.panels = aligned(n * m.k.cols * cols)
	default:
		n = blocks(rows, tiles.cols)
		m.units = unitsOf(aligned(n * tiles.cols * m.depth()))
		if p == Int8 {
			m.scales, m.totals = aligned(n*tiles.cols), aligned(n*tiles.cols)
		}
	}
	t.pool.Run(n, &t)
	return m
}

// units are the tiles that multiply units of a precision, nil where the level has
// none.
func (k *kernels) units(p Precision) *tiles {
	switch {
	case k == nil:
		return nil
	case p == BFloat16 && k.pairs.cols > 0:
		return &k.pairs
	case p == Int8 && k.fours.cols > 0:
		return &k.fours
	}
	return nil
}

// perUnit is how many elements a unit has.
func perUnit(p Precision) int {
	if p == Int8 {
		return 4
	}
	return 2
}

// depth is how many units a row has.
func (m *NarrowMatrix) depth() int { return m.k.depth(m.Precision, m.Cols) }

// depth is how many units cols elements become: with AMX, those of whole steps of
// its tiles.
func (k *kernels) depth(p Precision, cols int) int {
	n := blocks(cols, perUnit(p))
	if k.amx != nil {
		n = blocks(n, stepUnits) * stepUnits
	}
	return n
}

// elements is how many weights there are: those it was given, or has packed.
func (m *NarrowMatrix) elements() int {
	if m.panels != nil || m.units != nil {
		return m.Rows * m.Cols
	}
	return len(m.w)
}

// Bytes returns the memory of the matrix.
func (m *NarrowMatrix) Bytes() int {
	return 4 * (len(m.w) + len(m.panels) + len(m.units) + len(m.scales) + len(m.totals))
}

// PackedNarrowBytes returns the Bytes of a NarrowMatrix of this size, at the level in use.
func PackedNarrowBytes(p Precision, rows, cols int) int {
	k := current.Load()
	t := k.units(p)
	switch {
	case k == nil:
		return 4 * rows * cols
	case t == nil:
		return 4 * blocks(rows, k.cols) * k.cols * cols
	}
	n := blocks(rows, t.cols) * t.cols
	bytes := 4 * n * k.depth(p, cols)
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
