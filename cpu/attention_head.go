package cpu

import "unsafe"

// head is one head of one image: what attentionTiled reads and writes of it.
type head struct {
	*attentionTiled
	image, number int
}

// The parts of a row of x.
const (
	queriesPart = iota
	keysPart
	valuesPart
)

// from is x from a token's queries, keys or values on. Of heads of an odd width
// it may begin one element early: bytes does not.
func (h head) from(part, token int) []float32 {
	return h.x[(h.image*h.tokens+token)*h.ld+(part*h.dim+h.number*h.width())/h.pack:]
}

// bytes is the address of a token's bfloat16.
func (h head) bytes(part, token int) unsafe.Pointer {
	row := at(h.x, (h.image*h.tokens+token)*h.ld)
	return unsafe.Add(row, 2*(part*h.dim+h.number*h.width()))
}

// widened says that x is bfloat16, and products are of float32.
func (h head) widened() bool { return h.pack > h.per }

// fetch brings a part of tokens [from, to) closer.
func (h head) fetch(part, from, to int) {
	if from < to {
		h.k.fetch(at(h.from(part, from), 0), 4*h.ld, to-from, 4/h.pack*h.width())
	}
}

// copy puts a part of tokens [from, to) side by side.
func (h head) copy(dst []float32, part, from, to int) {
	d := h.width()
	if h.widened() {
		h.k.widen(at(dst, 0), h.bytes(part, from), 4*h.ld, to-from, d)
		return
	}
	d, ld := d/h.per, h.rowUnits()
	if ld > d {
		clear(dst[:(to-from)*ld])
	}
	h.k.gather(at(dst, 0), 4*ld, at(h.from(part, from), 0), 4*h.ld, to-from, d)
}

// values is the values of keys [from, to) and the distance of their rows, in
// units: where they are, or in dst.
func (h head) values(dst []float32, from, to int) ([]float32, int) {
	d := h.width()
	switch {
	case h.amx:
		turned := dst[keyBlock*d:]
		h.turnValues(turned, dst, from, to)
		return turned, turnedUnits(to - from)
	case h.per == 2:
		h.k.interleave(at(dst, 0), h.bytes(valuesPart, from), 4*h.ld, to-from, d)
	case h.widened() || h.wide.rows() < lowTile:
		h.copy(dst, valuesPart, from, to)
	default:
		return h.from(valuesPart, from), h.ld
	}
	return dst, d
}

// turn makes a panel of n queries. scratch is for as many.
func (h head) turn(dst []float32, cols, first, n int, scratch []float32) {
	d := h.width()
	if h.widened() {
		h.copy(scratch, queriesPart, first, first+n)
		packPanel(h.k, cols, dst, scratch, d, n, d)
		return
	}
	packPanel(h.k, cols, dst, h.from(queriesPart, first), h.ld, n, d/h.per)
}

// store divides by the sums of weights and turns the result around into y.
// scratch is for a block of queries.
func (h head) store(g *queries, scratch []float32) {
	d, row, col := h.width(), h.image*h.tokens+g.first, h.number*h.width()
	sums := g.state[2*g.cols : 3*g.cols]
	switch {
	case h.narrowY == nil:
		h.unturn(at(h.y, row*h.dim+col), 4*h.dim, g, d, inverted(sums))
	case h.per == 2:
		g.joinRows(at(g.o, 0), d/2, at(sums, 0))
		h.unturn(unsafe.Pointer(&h.narrowY.row(row)[2*col]), NarrowStride(BFloat16, h.dim), g, d/2, nil)
	default:
		h.unturn(at(scratch, 0), 4*d, g, d, inverted(sums))
		for r := range g.n {
			h.narrowY.setAt(row+r, col, scratch[r*d:(r+1)*d])
		}
	}
	if h.narrowY != nil && h.number == h.heads-1 {
		for r := range g.n {
			h.narrowY.pad(row + r)
		}
	}
}

// inverted replaces x by 1/x.
func inverted(x []float32) unsafe.Pointer {
	for i, v := range x {
		x[i] = 1 / v
	}
	return at(x, 0)
}

// unturn writes the first n units of each query of o, ldd bytes apart, times the
// query's factor if there are any.
func (h head) unturn(dst unsafe.Pointer, ldd int, g *queries, n int, factor unsafe.Pointer) {
	lanes := h.k.lanes
	for q := 0; q < g.n; q += lanes {
		for c := 0; c < n; c += lanes {
			m := min(lanes, n-c)
			h.k.transpose(unsafe.Add(dst, q*ldd+4*c), ldd, at(g.o, c*g.cols+q), 4*g.cols, m, min(lanes, g.n-q), m, factor)
		}
		if factor != nil {
			factor = unsafe.Add(factor, 4*lanes)
		}
	}
}
