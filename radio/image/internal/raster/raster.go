// Package raster holds the image type that the decoders below radio/image share.
package raster

import (
	"fmt"
	"math"
)

// RGB is a decoded image: Pix is (H, W, 3). Alpha is (H, W), or nil if every pixel is opaque.
type RGB struct {
	Pix   []uint8
	H, W  int
	Alpha []uint8
	Whole [2]int // see image.RGB
}

// Check returns an error for an image without pixels, or with more than maxPixels. Decoders call it
// before they allocate memory that grows with the image.
func Check(w, h int, maxPixels int64) error {
	if w <= 0 || h <= 0 {
		return fmt.Errorf("the header says %d x %d pixels (width x height): want at least 1 x 1", w, h)
	}
	if int64(w) > math.MaxInt32 || int64(h) > math.MaxInt32 || int64(w)*int64(h) > maxPixels {
		return &TooManyPixels{w, h, maxPixels}
	}
	return nil
}

// TooManyPixels is the error of an image with more pixels than the limit.
type TooManyPixels struct {
	Width, Height int
	Limit         int64
}

func (e *TooManyPixels) Error() string {
	return fmt.Sprintf("the header says %d x %d pixels (width x height), more than the limit of %d pixels: "+
		"raise DecodeOptions.MaxPixels if the file is trusted", e.Width, e.Height, e.Limit)
}

// New calls Check and allocates a black, opaque image.
func New(w, h int, maxPixels int64) (*RGB, error) {
	if err := Check(w, h, maxPixels); err != nil {
		return nil, err
	}
	return &RGB{Pix: make([]uint8, 3*w*h), H: h, W: w}, nil
}

// AddAlpha adds an alpha plane, fully opaque.
func (m *RGB) AddAlpha() {
	m.Alpha = make([]uint8, m.W*m.H)
	for i := range m.Alpha {
		m.Alpha[i] = 255
	}
}

// Set writes pixel i, in row-major order.
func (m *RGB) Set(i int, r, g, b uint8) {
	p := m.Pix[3*i : 3*i+3 : 3*i+3]
	p[0], p[1], p[2] = r, g, b
}

// Unsupported is the error for a file that uses a feature which the decoder does not support.
type Unsupported struct {
	What string // what the file is, with an article: "a TIFF with 32-bit float samples"
	Do   string // what to do
}

// Error describes the file, and what to do.
func (u *Unsupported) Error() string { return u.What + " is not supported: " + u.Do }
