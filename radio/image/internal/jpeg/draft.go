package jpeg

import "cradio/radio/image/internal/raster"

// Draft is a height and a width that suffice: the file is decoded at a half, a quarter or an eighth
// of its size, the smallest that is not below either, as after Pillow's draft(None, (W, H)). Zero
// is the whole size.
type Draft struct{ H, W int }

// Decode is the function Decode, reduced.
func (t Draft) Decode(data []byte, maxPixels int64) (*raster.RGB, error) {
	d := &decoder{data: data, maxPixels: maxPixels, draft: t}
	if err := d.readMarkers(); err != nil {
		return nil, err
	}
	return d.picture()
}

// reduction is what the size of a picture is divided by.
func (t Draft) reduction(w, h int) int {
	if t.H < 1 || t.W < 1 {
		return 1
	}
	for _, by := range []int{8, 4, 2} {
		if min(w/t.W, h/t.H) >= by {
			return by
		}
	}
	return 1
}

// blockSize is the number of samples across a component's blocks. Like libjpeg
// (jpeg_calc_output_dimensions), a reduced picture keeps more of the chroma where that saves its
// upsampling.
func (f *frame) blockSize(c *component) int {
	size := f.size
	for size < 8 && f.hMax*f.size%(2*c.h*size) == 0 && f.vMax*f.size%(2*c.v*size) == 0 {
		size *= 2
	}
	return size
}
