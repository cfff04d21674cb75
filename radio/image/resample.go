package image

import (
	"cradio/radio/image/internal/kernel"
)

// resampling is the resize of one image. Its methods make rows y to end of the result, a band, and
// hold only the rows between the passes that the next row needs.
type resampling struct {
	in, out              *RGB
	vertical, horizontal *kernel.Taps
}

// source is row y of the input. The rows after it are within its capacity.
func (r *resampling) source(y int) []uint8 { return r.in.Pix[3*y*r.in.W:][:3*r.in.W] }

func (r *resampling) row(y int) []uint8 { return r.out.Pix[3*y*r.out.W:][:3*r.out.W] }

// weights are those of output row y.
func (r *resampling) weights(y int) []int32 {
	t := r.vertical
	return t.Weights[y*t.Size:][:t.Count[y]]
}

// across is the horizontal pass alone.
func (r *resampling) across(y, end int) {
	for ; y < end; y++ {
		kernel.Best.Across(r.row(y), r.source(y), r.horizontal)
	}
}

// down is the vertical pass alone.
func (r *resampling) down(y, end int) { r.downTo(y, end, r.row, func(int) {}) }

// downFirst passes each row from the vertical to the horizontal pass.
func (r *resampling) downFirst(y, end int) {
	between := make([]uint8, 3*r.in.W, 3*(r.in.W+r.horizontal.Size+8))
	r.downTo(y, end, func(int) []uint8 { return between }, func(y int) {
		kernel.Best.Across(r.row(y), between, r.horizontal)
	})
}

// downTo writes the vertical pass's rows where into says, and calls then after each.
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

// acrossFirst keeps as many rows after the horizontal pass as the vertical one has taps: row s of the
// input in place s modulo that number.
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
