package jpeg

import "cradio/radio/image/internal/raster"

// Draft is the smallest acceptable height and width. The file is decoded at 1/2, 1/4 or 1/8 of its
// size: the smallest that has at least this height and width, as after Pillow's
// draft(None, (W, H)). Zero selects the full size.
type Draft struct{ H, W int }

// Decode is like the function Decode, at the reduced size.
func (t Draft) Decode(data []byte, maxPixels int64) (*raster.RGB, error) {
	d := &decoder{data: data, maxPixels: maxPixels, draft: t}
	if err := d.readMarkers(); err != nil {
		return nil, err
	}
	return d.rgb()
}

// reduction returns the divisor of the size.
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

// blockSize returns the number of samples across a component's blocks. Like libjpeg
// (jpeg_calc_output_dimensions), it keeps more chroma samples of a reduced image if this avoids
// upsampling.
func (f *frame) blockSize(c *component) int {
	size := f.size
	for size < 8 && f.hMax*f.size%(2*c.h*size) == 0 && f.vMax*f.size%(2*c.v*size) == 0 {
		size *= 2
	}
	return size
}
