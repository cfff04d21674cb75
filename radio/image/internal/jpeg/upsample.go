package jpeg

// upsampler gives one component's rows at the picture's full width.
//
// Ratios of 2:1 across, 1:2 down and 2:2 are interpolated with libjpeg's triangle filter: 3/4 of
// the nearer sample and 1/4 of the further one, in each direction, edges repeated, with roundings
// that alternate so that halves go up and down equally (jdsample.c). All other ratios, and
// components at most two samples wide where the ratio is 2 across, repeat samples.
type upsampler struct {
	c      *component
	dx, dy int // ratios
	fancy  bool
	sums   []int32 // 3 * nearer row + further row
	out    []uint8
}

func (f *frame) upsampler(c *component) *upsampler {
	u := &upsampler{c: c, dx: f.hMax / c.h, dy: f.vMax / c.v}
	if u.dx == 1 && u.dy == 1 {
		return u
	}
	switch {
	case u.dx == 2 && u.dy <= 2:
		u.fancy = c.w > 2
	case u.dx == 1 && u.dy == 2:
		u.fancy = true
	}
	u.out = make([]uint8, u.dx*c.w)
	u.sums = make([]int32, c.w)
	return u
}

// row is row y of the picture; it is valid until the next call.
func (u *upsampler) row(y int) []uint8 {
	near := u.samples(y / u.dy)
	switch {
	case u.dx == 1 && u.dy == 1:
		return near
	case !u.fancy:
		for x, v := range near {
			for i := range u.dx {
				u.out[u.dx*x+i] = v
			}
		}
	case u.dy == 1:
		u.across(near)
	default:
		far := u.samples(y/2 - 1 + y%2*2)
		for x := range near {
			u.sums[x] = 3*int32(near[x]) + int32(far[x])
		}
		if u.dx == 1 {
			bias := int32(1 + y%2)
			for x, s := range u.sums {
				u.out[x] = uint8((s + bias) >> 2)
			}
		} else {
			u.acrossSums()
		}
	}
	return u.out
}

// samples is row y of the component, the nearest one where y is outside.
func (u *upsampler) samples(y int) []uint8 {
	y = min(max(y, 0), u.c.hgt-1)
	return u.c.samples[y*u.c.stride:][:u.c.w]
}

func (u *upsampler) across(in []uint8) {
	last := len(in) - 1
	for x, v := range in {
		left, right := int32(in[max(x-1, 0)]), int32(in[min(x+1, last)])
		u.out[2*x] = uint8((3*int32(v) + left + 1) >> 2)
		u.out[2*x+1] = uint8((3*int32(v) + right + 2) >> 2)
	}
}

func (u *upsampler) acrossSums() {
	last := len(u.sums) - 1
	for x, v := range u.sums {
		left, right := u.sums[max(x-1, 0)], u.sums[min(x+1, last)]
		u.out[2*x] = uint8((3*v + left + 8) >> 4)
		u.out[2*x+1] = uint8((3*v + right + 7) >> 4)
	}
}
