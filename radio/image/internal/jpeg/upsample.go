package jpeg

import "cradio/radio/image/internal/kernel"

// upsampler returns one component's rows at the full width of the image.
//
// Ratios of 2:1 across, 1:2 down and 2:2 are interpolated with libjpeg's triangle filter: 3/4 of
// the nearer sample plus 1/4 of the further one, in each direction. Edges are repeated. Rounding
// alternates between up and down for halves (jdsample.c). All other ratios repeat samples. So
// do components at most two samples wide, if the ratio is 2 across.
type upsampler struct {
	c      *component
	dx, dy int // ratios
	fancy  bool
	sums   []uint16 // 3 * nearer row + further row, between repetitions of the first and the last
	out    []uint8
}

func (f *frame) upsampler(c *component) *upsampler {
	u := &upsampler{c: c, dx: f.hMax * f.size / (c.h * c.size), dy: f.vMax * f.size / (c.v * c.size)}
	if u.dx == 1 && u.dy == 1 {
		return u
	}
	switch {
	case f.size == 1: // at 1/8 size, chroma is not interpolated
	case u.dx == 2 && u.dy <= 2:
		u.fancy = c.w > 2
	case u.dx == 1 && u.dy == 2:
		u.fancy = true
	}
	u.out = make([]uint8, u.dx*c.w)
	u.sums = make([]uint16, c.w+2)
	return u
}

// row returns row y of the image. It is valid until the next call.
func (u *upsampler) row(y int) []uint8 {
	near := u.samples(y / u.dy)
	sums := u.sums
	switch {
	case u.dx == 1 && u.dy == 1:
		return near
	case !u.fancy && u.dx == 2:
		kernel.Best.Double(u.out, near)
	case !u.fancy:
		for x, v := range near {
			for i := range u.dx {
				u.out[u.dx*x+i] = v
			}
		}
	case u.dy == 1:
		kernel.Best.Widen(sums[1:], near)
		u.spread(1, 2, 2)
	default:
		kernel.Best.Sums(sums[1:], near, u.samples(y/2-1+y%2*2))
		if u.dx == 2 {
			u.spread(8, 7, 4)
			break
		}
		bias := uint16(1 + y%2)
		for x, s := range sums[1 : len(sums)-1] {
			u.out[x] = uint8((s + bias) >> 2)
		}
	}
	return u.out
}

func (u *upsampler) spread(even, odd uint16, shift int) {
	last := len(u.sums) - 1
	u.sums[0], u.sums[last] = u.sums[1], u.sums[last-1]
	kernel.Best.Spread(u.out, u.sums, even, odd, shift)
}

// samples returns row y of the component, or the nearest row if y is outside.
func (u *upsampler) samples(y int) []uint8 {
	y = min(max(y, 0), u.c.hgt-1)
	return u.c.samples[u.c.offset(y):][:u.c.w]
}
