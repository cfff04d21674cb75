package attention

import (
	"unsafe"

	"cradio/cpu/internal/form"
	"cradio/cpu/internal/kernel"
)

// head is one head of one image: what Tiled reads and writes of it.
type head struct {
	*Tiled
	image, number int
}

// What a row of x has, each of them Dim elements wide.
const (
	queriesOf = iota
	keysOf
	valuesOf
)

// from is x from a token's queries, keys or values on. Of heads of an odd width it may
// begin one element early: bytes does not.
func (h head) from(what, token int) []float32 {
	return h.x[(h.image*h.Tokens+token)*h.ld+(what*h.Dim+h.number*h.width())/h.xPerWord:]
}

// bytes is the address of a token's bfloat16.
func (h head) bytes(what, token int) unsafe.Pointer {
	row := kernel.At(h.x, (h.image*h.Tokens+token)*h.ld)
	return unsafe.Add(row, 2*(what*h.Dim+h.number*h.width()))
}

// widened says that x is bfloat16, and products are of float32.
func (h head) widened() bool { return h.xPerWord > h.perWord }

// fetch brings the queries, keys or values of tokens [from, to) closer.
func (h head) fetch(what, from, to int) {
	if from < to {
		h.table.Prefetch(kernel.At(h.from(what, from), 0), 4*h.ld, to-from, 4/h.xPerWord*h.width())
	}
}

// copy puts the queries, keys or values of tokens [from, to) side by side.
func (h head) copy(dst []float32, what, from, to int) {
	d := h.width()
	if h.widened() {
		h.table.Widen(kernel.At(dst, 0), h.bytes(what, from), 4*h.ld, to-from, d)
		return
	}
	d, ld := d/h.perWord, h.rowWords()
	if ld > d {
		clear(dst[:(to-from)*ld])
	}
	h.table.CopyRows(kernel.At(dst, 0), 4*ld, kernel.At(h.from(what, from), 0), 4*h.ld, to-from, d)
}

// values is the values of keys [from, to) and the distance of their rows, in words: where
// they are, or in dst.
func (h head) values(dst []float32, from, to int) ([]float32, int) {
	d := h.width()
	switch {
	case h.amx:
		transposed := dst[keyBlock*d:]
		h.transposeValues(transposed, dst, from, to)
		return transposed, transposedStride(to - from)
	case h.joins():
		h.full.JoinValues(kernel.At(dst, 0), h.bytes(valuesOf, from), 4*h.ld, to-from, d)
		return dst, joined / 2 * d
	case h.perWord == 2:
		h.table.Interleave(kernel.At(dst, 0), h.bytes(valuesOf, from), 4*h.ld, to-from, d)
	case h.widened() || h.full.MostRows() < lowTile:
		h.copy(dst, valuesOf, from, to)
	default:
		return h.from(valuesOf, from), h.ld
	}
	return dst, d
}

// transposeQueries makes a panel of n queries. scratch is for as many.
func (h head) transposeQueries(dst []float32, cols, first, n int, scratch []float32) {
	d := h.width()
	if h.joins() {
		h.joinQueries(dst, cols, first, n)
		return
	}
	if h.widened() {
		h.copy(scratch, queriesOf, first, first+n)
		h.table.PackPanel(cols, dst, scratch, d, n, d)
		return
	}
	h.table.PackPanel(cols, dst, h.from(queriesOf, first), h.ld, n, d/h.perWord)
}

// store divides by the sums of weights and transposes the result into y. scratch is for a
// block of queries.
func (h head) store(g *queries, scratch []float32) {
	d, row, col := h.width(), h.image*h.Tokens+g.first, h.number*h.width()
	sums := g.state[2*g.Cols : 3*g.Cols]
	switch {
	case h.lowY == nil:
		h.transposeResult(kernel.At(h.y, row*h.Dim+col), 4*h.Dim, g, d, inverted(sums))
	case h.perWord == 2 && !h.joins():
		g.JoinRows(kernel.At(g.o, 0), d/2, kernel.At(sums, 0))
		h.transposeResult(unsafe.Pointer(&form.Row(h.lowY, row)[2*col]), form.Stride(form.BFloat16, h.Dim), g, d/2, nil)
	default:
		h.transposeResult(kernel.At(scratch, 0), 4*d, g, d, inverted(sums))
		for r := range g.n {
			form.SetAt(h.table, h.lowY, row+r, col, scratch[r*d:(r+1)*d])
		}
	}
	if h.lowY != nil && h.number == h.Heads-1 {
		for r := range g.n {
			form.Pad(h.lowY, row+r)
		}
	}
}

// inverted replaces x by 1/x.
func inverted(x []float32) unsafe.Pointer {
	for i, v := range x {
		x[i] = 1 / v
	}
	return kernel.At(x, 0)
}

// transposeResult writes the first n words of each query of o, ldd bytes apart, times the
// query's factor if there are any.
func (h head) transposeResult(dst unsafe.Pointer, ldd int, g *queries, n int, factor unsafe.Pointer) {
	lanes := h.table.Lanes
	for q := 0; q < g.n; q += lanes {
		for c := 0; c < n; c += lanes {
			m := min(lanes, n-c)
			h.table.Transpose(unsafe.Add(dst, q*ldd+4*c), ldd, kernel.At(g.o, c*g.Cols+q), 4*g.Cols, m, min(lanes, g.n-q), m, factor)
		}
		if factor != nil {
			factor = unsafe.Add(factor, 4*lanes)
		}
	}
}
