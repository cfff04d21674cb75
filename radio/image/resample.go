package image

import (
	"cradio/radio/image/internal/kernel"
)

// resampling is the resize of one image. Its methods compute rows y to end of the result. Between
// the two passes they hold only the rows that the next row needs.
type resampling struct {
	in, out              *RGB
	vertical, horizontal *kernel.Taps
}

// source returns row y of the input. Its capacity extends over the following rows.
func (r *resampling) source(y int) []uint8 { return r.in.Pix[3*y*r.in.W:][:3*r.in.W] }

func (r *resampling) row(y int) []uint8 { return r.out.Pix[3*y*r.out.W:][:3*r.out.W] }

// weights returns the weights of output row y.
func (r *resampling) weights(y int) []int32 {
	t := r.vertical
	return t.Weights[y*t.Size:][:t.Count[y]]
}

// across runs only the horizontal pass.
func (r *resampling) across(y, end int) {
	for ; y < end; y++ {
		kernel.Best.Across(r.row(y), r.source(y), r.horizontal)
	}
}

// down runs only the vertical pass.
func (r *resampling) down(y, end int) { r.downTo(y, end, r.row, func(int) {}) }

// downFirst runs the vertical pass first: the horizontal pass follows for each row.
func (r *resampling) downFirst(y, end int) {
	between := make([]uint8, 3*r.in.W, 3*(r.in.W+r.horizontal.Size+8))
	r.downTo(y, end, func(int) []uint8 { return between }, func(y int) {
		kernel.Best.Across(r.row(y), between, r.horizontal)
	})
}

// downTo runs the vertical pass. It writes row y to into(y), and then calls then(y).
func (r *resampling) downTo(y, end int, into func(y int) []uint8, then func(y int)) {
	rows := make([][]uint8, r.vertical.Size)
	for ; y < end; y++ {
		weights := r.weights(y)
		for i := range weights {
			rows[i] = r.source(r.vertical.Start[y] + i)
		}
		kernel.Best.Down(into(y), rows[:len(weights)], weights)
		then(y)
	}
}

// acrossFirst runs the horizontal pass first. It keeps as many rows of its output as the vertical
// pass has taps, in a ring: row s of the input is at index s modulo that number.
func (r *resampling) acrossFirst(y, end int) {
	if y == end {
		return
	}
	size, stride := r.vertical.Size, 3*r.out.W
	ring := make([]uint8, size*stride)
	rows := make([][]uint8, size)
	next := r.vertical.Start[y]
	for ; y < end; y++ {
		weights := r.weights(y)
		start := r.vertical.Start[y]
		for next = max(next, start); next < start+len(weights); next++ {
			kernel.Best.Across(ring[next%size*stride:][:stride], r.source(next), r.horizontal)
		}
		for i := range weights {
			rows[i] = ring[(start+i)%size*stride:][:stride]
		}
		kernel.Best.Down(r.row(y), rows[:len(weights)], weights)
	}
}
