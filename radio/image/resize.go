package image

import (
	"bytes"
	"fmt"

	"cradio/radio/image/internal/kernel"
)

// Limits of a resized image. The image between the two passes needs no limit: with Pillow's order
// of passes it is never larger than both the source and the result.
const (
	maxResizeSide   = 1 << 24 // integers up to this are exact in float32, the type of Pillow's box
	maxResizePixels = DefaultMaxPixels
)

// Resize equals Pillow's Image.resize((w, h), f) for an RGB image, bit for bit. It runs a horizontal
// and a vertical pass in 10.22 fixed point. When it shrinks an image, the filter is wider
// (antialiasing). If the size does not change, it returns a copy. The result has no Alpha, as
// after convert("RGB").
func Resize(img *RGB, h, w int, f Filter) (*RGB, error) {
	if err := img.check(); err != nil {
		return nil, fmt.Errorf("resize: %w", err)
	}
	switch {
	case !f.valid():
		return nil, fmt.Errorf("resize: filter %d: want 0 to 5 (nearest, lanczos, bilinear, bicubic, box, hamming)", int(f))
	case h < 1 || w < 1:
		return nil, fmt.Errorf("resize to %d x %d (height x width): want at least 1 x 1", h, w)
	case h > maxResizeSide || w > maxResizeSide || int64(h)*int64(w) > maxResizePixels:
		return nil, fmt.Errorf("resize to %d x %d (height x width): want at most %d pixels, and sides of at most %d", h, w, int64(maxResizePixels), maxResizeSide)
	case img.H > maxResizeSide || img.W > maxResizeSide:
		return nil, fmt.Errorf("resize from %d x %d (height x width): want sides of at most %d", img.H, img.W, maxResizeSide)
	case h == img.H && w == img.W:
		return img.clone(), nil
	case f == Nearest:
		return resizeNearest(img, h, w), nil
	}
	return resample(img, h, w, f)
}

// resample runs the two passes in Pillow's order. The order changes the last bit, since each pass
// rounds to bytes. In Pillow 13, the vertical pass is first if the image loses more than twice
// as many rows as columns. Before, it was first only for images a hundred times as high as
// wide.
func resample(img *RGB, h, w int, f Filter) (*RGB, error) {
	vertical, err := newTaps(img.H, h, f)
	if err != nil {
		return nil, err
	}
	horizontal, err := newTaps(img.W, w, f)
	if err != nil {
		return nil, err
	}
	out := newRGB(h, w)
	lost := img.H - h
	r := &resampling{img, out, vertical, horizontal}
	switch {
	case h == img.H:
		kernel.Bands(h, r.across)
	case w == img.W:
		kernel.Bands(h, r.down)
	case lost > 0 && lost > 2*(img.W-w):
		kernel.Bands(h, r.downFirst)
	default:
		kernel.Bands(h, r.acrossFirst)
	}
	return out, nil
}

// resizeNearest follows ImagingScaleAffine (Geometry.c). That function adds the step repeatedly,
// instead of multiplying it, so its rounding errors accumulate. Ours must be the same.
func resizeNearest(img *RGB, h, w int) *RGB {
	columns, rows := NearestIndex(img.W, w), NearestIndex(img.H, h)
	out := newRGB(h, w)
	for y, sy := range rows {
		if sy >= img.H {
			continue // outside the image: stays black
		}
		for x, sx := range columns {
			if sx < img.W {
				copy(out.Pix[3*(y*w+x):][:3], img.Pix[3*(sy*img.W+sx):][:3])
			}
		}
	}
	return out
}

// NearestIndex returns which of in samples each of out samples copies in Pillow's resize by nearest
// neighbour, along one axis. An index of in or more is outside the image: Pillow writes 0 there.
func NearestIndex(in, out int) []int {
	index := make([]int, out)
	step := float64(in) / float64(out)
	at := float64(step * 0.5)
	for i := range index {
		index[i] = int(at)
		at += step
	}
	return index
}

// clone copies the colours.
func (m *RGB) clone() *RGB {
	return &RGB{Pix: bytes.Clone(m.Pix), H: m.H, W: m.W}
}

// check returns an error unless the planes have the size of the image.
func (m *RGB) check() error {
	if m == nil || m.H < 1 || m.W < 1 {
		return fmt.Errorf("empty image")
	}
	if len(m.Pix)%3 != 0 || len(m.Pix)/3/m.W != m.H || len(m.Pix)/3%m.W != 0 {
		return fmt.Errorf("image of %d x %d (height x width): Pix has %d bytes, want height x width x 3", m.H, m.W, len(m.Pix))
	}
	if m.Alpha != nil && len(m.Alpha) != len(m.Pix)/3 {
		return fmt.Errorf("image of %d x %d (height x width): Alpha has %d bytes, want height x width", m.H, m.W, len(m.Alpha))
	}
	return nil
}
