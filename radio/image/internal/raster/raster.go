// Package raster holds the picture type that the decoders below radio/image share.
package raster

import (
	"fmt"
	"math"
)

// RGB is a decoded picture: Pix is (H, W, 3), Alpha (H, W) or nil where every pixel is opaque.
type RGB struct {
	Pix   []uint8
	H, W  int
	Alpha []uint8
	Whole [2]int // see image.RGB
}

// Check refuses a picture whose header claims no pixels or more than maxPixels.
// Decoders call it before they allocate anything that grows with the picture.
func Check(w, h int, maxPixels int64) error {
	if w <= 0 || h <= 0 {
		return fmt.Errorf("the header says %d x %d pixels (width x height): want at least 1 x 1", w, h)
	}
	if int64(w) > math.MaxInt32 || int64(h) > math.MaxInt32 || int64(w)*int64(h) > maxPixels {
		return &TooManyPixels{w, h, maxPixels}
	}
	return nil
}

// TooManyPixels is the error of a header that claims more pixels than the limit.
type TooManyPixels struct {
	Width, Height int
	Limit         int64
}

func (e *TooManyPixels) Error() string {
	return fmt.Sprintf("the header says %d x %d pixels (width x height), more than the limit of %d pixels: "+
		"raise DecodeOptions.MaxPixels if the file is trusted", e.Width, e.Height, e.Limit)
}

// New allocates a black, opaque picture after Check.
func New(w, h int, maxPixels int64) (*RGB, error) {
	if err := Check(w, h, maxPixels); err != nil {
		return nil, err
	}
	return &RGB{Pix: make([]uint8, 3*w*h), H: h, W: w}, nil
}

// AddAlpha gives the picture an alpha plane, fully opaque.
func (m *RGB) AddAlpha() {
	m.Alpha = make([]uint8, m.W*m.H)
	for i := range m.Alpha {
		m.Alpha[i] = 255
	}
}

// Set writes pixel i, counted along the rows.
func (m *RGB) Set(i int, r, g, b uint8) {
	p := m.Pix[3*i : 3*i+3 : 3*i+3]
	p[0], p[1], p[2] = r, g, b
}

// Unsupported is the error of a decoder for a file of its format that uses what it lacks.
type Unsupported struct {
	What string // in the field's words, with an article: "a TIFF with 32-bit float samples"
	Do   string // what helps
}

// Error says both.
func (u *Unsupported) Error() string { return u.What + " is not read here: " + u.Do }
