package bmp

import (
	"fmt"

	"cradio/radio/image/internal/raster"
)

// decodeRuns reads run-length encoded pixels. Pixels that the runs skip have index 0.
func (h *header) decodeRuns(data []byte, maxPixels int64) (*raster.RGB, error) {
	if want := map[uint32]int{rle8: 8, rle4: 4}[h.compression]; h.bits != want {
		return nil, fmt.Errorf("run-length coding %d with %d bits a pixel: want %d", h.compression, h.bits, want)
	}
	indices, err := h.runs(data)
	if err != nil {
		return nil, err
	}
	out, err := raster.New(h.w, h.h, maxPixels)
	if err != nil {
		return nil, err
	}
	for y := range h.h {
		at := h.row(y) * h.w
		for x := range h.w {
			c := h.palette[indices[y*h.w+x]]
			out.Set(at+x, c[0], c[1], c[2])
		}
	}
	return out, nil
}

// runs expands the codes to (h, w) indices, in the row order of the file. As in Pillow, positions
// continue from row to row.
func (h *header) runs(data []byte) ([]uint8, error) {
	indices := make([]uint8, h.w*h.h)
	at, x, pos := 0, 0, h.pixels
	for at < len(indices) {
		if pos+2 > len(data) {
			return nil, fmt.Errorf("%w: %d of %d pixels", errTruncated, at, len(indices))
		}
		count, value := int(data[pos]), data[pos+1]
		pos += 2
		switch {
		case count > 0: // a run, cut at the end of the row
			n := max(0, min(count, h.w-x))
			for i := range min(n, len(indices)-at) {
				indices[at+i] = h.nibble(value, i)
			}
			at += n
			x += n
		case value == 0: // end of row
			at += (h.w - at%h.w) % h.w
			x = 0
		case value == 1: // end of bitmap
			return indices, nil
		case value == 2: // skip right and up
			if pos+2 > len(data) {
				return nil, errTruncated
			}
			at += int(data[pos]) + int(data[pos+1])*h.w
			x = at % h.w
			pos += 2
		default: // literal pixels, padded to an even position in the file
			n := min(int(value), len(indices)-at)
			size := n
			if h.bits == 4 {
				size = (n + 1) / 2
			}
			if pos+size > len(data) {
				return nil, errTruncated
			}
			for i := range n {
				if h.bits == 4 {
					indices[at+i] = h.nibble(data[pos+i/2], i)
				} else {
					indices[at+i] = data[pos+i]
				}
			}
			at += n
			x += int(value)
			pos += size
			pos += pos % 2
		}
	}
	return indices, nil
}

// nibble is pixel i. With 4 bits it is the high or low half of a byte in turn; with 8, the byte.
func (h *header) nibble(b byte, i int) uint8 {
	switch {
	case h.bits == 8:
		return b
	case i%2 == 0:
		return b >> 4
	}
	return b & 15
}
