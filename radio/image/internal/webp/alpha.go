package webp

import (
	"bytes"
	"fmt"
	"image"
	"io"

	"golang.org/x/image/vp8l"
)

// decodeAlpha reads an ALPH chunk: one byte of settings, then (h, w) values, which are uncompressed or
// the green channel of a VP8L image without header. Then it undoes a prediction filter.
func decodeAlpha(data []byte, w, h int) ([]uint8, error) {
	if len(data) < 1 {
		return nil, errTruncated
	}
	settings, data := data[0], data[1:]
	var alpha []uint8
	switch method := settings & 3; method {
	case 0:
		if len(data) < w*h {
			return nil, fmt.Errorf("%w: %d bytes of alpha, want %d", errTruncated, len(data), w*h)
		}
		alpha = append(alpha, data[:w*h]...)
	case 1:
		packed := uint32(w-1) | uint32(h-1)<<14
		head := []byte{0x2F, byte(packed), byte(packed >> 8), byte(packed >> 16), byte(packed >> 24)}
		m, err := vp8l.Decode(io.MultiReader(bytes.NewReader(head), bytes.NewReader(data)))
		if err != nil {
			return nil, err
		}
		pix := m.(*image.NRGBA).Pix
		alpha = make([]uint8, w*h)
		for i := range alpha {
			alpha[i] = pix[4*i+1]
		}
	default:
		return nil, fmt.Errorf("compression %d: want 0 or 1", method)
	}
	unfilter(alpha, w, settings>>2&3)
	return alpha, nil
}

// unfilter adds each value's prediction: the value to the left (1), above (2), or the clamped gradient
// of both (3). For every filter, the first row is predicted from the left, and the first column
// from above.
func unfilter(alpha []uint8, w int, filter byte) {
	if filter == 0 {
		return
	}
	for i := 1; i < len(alpha); i++ {
		switch {
		case i < w:
			alpha[i] += alpha[i-1]
		case i%w == 0 || filter == 2:
			alpha[i] += alpha[i-w]
		case filter == 1:
			alpha[i] += alpha[i-1]
		default:
			g := int(alpha[i-1]) + int(alpha[i-w]) - int(alpha[i-w-1])
			alpha[i] += uint8(min(max(g, 0), 255))
		}
	}
}
