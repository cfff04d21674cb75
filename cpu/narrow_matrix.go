package cpu

import "unsafe"

// NarrowMatrix is the weight of a NarrowLinear: Rows outputs by Cols inputs,
// rounded to a precision, in the form that the level in use reads fastest. It is
// never written, and so may be shared by any number of operations.
//
// Units are 32 bits, two bfloat16 or four int8, in panels of as many outputs as a
// register tile has columns. Levels without instructions for them keep int8 as units of
// two int16, and bfloat16 as it is, to be widened a slice at a time.
type NarrowMatrix struct {
	Precision  Precision
	Rows, Cols int
	w          []float32 // (Rows, Cols): what the rounded weights stand for, or nil:
	short      []uint16  // BFloat16 in panels for the tiles of float32 of k, or nil:
	units      []uint32  // (⌈Rows/cols⌉, ⌈Cols/per⌉, cols), for the units of k
	scales     []float32 // (⌈Rows/cols⌉·cols), of Int8 units: what 1 stands for in each output,
	totals     []float32 // and the sum of what its weights stand for
	k          *kernels
}

// PackNarrow rounds a weight w (rows, cols) to BFloat16 or Int8, which has a scale
// for each row of w, an output. w is copied, and needed no longer; it must have
// rows·cols elements, or NarrowLinear.Check fails.
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
		m.short = shortOf(aligned(blocks(n*m.k.cols*cols, 2)))
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
// none and float32 serves.
func (k *kernels) units(p Precision) *tiles {
	switch {
	case k == nil:
		return nil
	case p == BFloat16 && k.pairs.cols > 0:
		return &k.pairs
	case p == Int8 && k.fours.cols > 0:
		return &k.fours
	case p == Int8:
		return &k.words
	}
	return nil
}

// depth is how many units a row has.
func (m *NarrowMatrix) depth() int { return m.k.depth(m.Precision, m.Cols) }

// depth is how many units cols elements become: with AMX, those of whole steps of
// its tiles.
func (k *kernels) depth(p Precision, cols int) int {
	n := blocks(cols, k.units(p).per)
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

// Bytes is the memory that the matrix holds.
func (m *NarrowMatrix) Bytes() int {
	return 2*len(m.short) + 4*(len(m.w)+len(m.units)+len(m.scales)+len(m.totals))
}

// PackedNarrowBytes is what Bytes of a NarrowMatrix would be, at the level in use.
func PackedNarrowBytes(p Precision, rows, cols int) int {
	k := current.Load()
	t := k.units(p)
	switch {
	case k == nil:
		return 4 * rows * cols
	case t == nil:
		return 2 * blocks(rows, k.cols) * k.cols * cols
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

// shortOf is the memory of x as bfloat16.
func shortOf(x []float32) []uint16 {
	return unsafe.Slice((*uint16)(unsafe.Pointer(unsafe.SliceData(x))), 2*len(x))
}
