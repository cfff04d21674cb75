package jpeg

import "errors"

var errRun = errors.New("damaged data: a run of zeros leaves its block")

// zigzag is the natural (row by row) position of each coefficient in file order.
var zigzag = [64]uint8{
	0, 1, 8, 16, 9, 2, 3, 10,
	17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34,
	27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36,
	29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46,
	53, 60, 61, 54, 47, 55, 62, 63,
}

// batch holds blocks between entropy decoding and the inverse transform. A transform immediately
// after decoding would wait for the processor's stores.
type batch struct {
	n      int
	coeffs [16][64]int16
	at     [16]place
}

// place is the destination of a block.
type place struct {
	c      *component
	bx, by int
}

// next returns a block of zeros. If the batch is full, next transforms it first.
func (b *batch) next(p place) *[64]int16 {
	if b.n == len(b.coeffs) {
		b.flush()
	}
	b.at[b.n] = p
	coeffs := &b.coeffs[b.n]
	*coeffs = [64]int16{}
	b.n++
	return coeffs
}

func (b *batch) flush() {
	for i := range b.n {
		p := &b.at[i]
		p.c.transform(&b.coeffs[i], p.bx, p.by)
	}
	b.n = 0
}

// sequentialBlock decodes block (bx, by) of the scan's component i into the batch. A sequential scan
// holds complete blocks.
func (s *scan) sequentialBlock(i, bx, by int) error {
	c := s.components[i]
	return s.bits.block(s.batch.next(place{c, bx, by}), s.dc[i], s.ac[i], &c.dc)
}

// transform writes a block's samples to the component's plane.
func (c *component) transform(coeffs *[64]int16, bx, by int) {
	c.inverse(c.samples[c.offset(c.size*by)+c.size*bx:], c.stride, coeffs, c.quant)
}
