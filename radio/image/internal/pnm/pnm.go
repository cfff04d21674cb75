// Package pnm decodes PBM, PGM and PPM files, plain and raw (P1 to P6), to the same bytes as Pillow's
// convert("RGB").
//
// Values are scaled to 255, except in a grey file with a maximum above 255: Pillow scales these to
// 65535 and then clips them, so that most become white. PAM (P7) and PFM (PF, Pf) are not
// supported. The values of PFM are floats without a fixed range.
//
// Start at Decode. header.go reads the header, plain.go the numbers of plain files.
package pnm

import (
	"errors"
	"fmt"
	"math"

	"cradio/radio/image/internal/raster"
)

var errTruncated = errors.New("the file is truncated")

// Match reports whether a file starts like a PBM, PGM or PPM file. A text that starts with P1 does not.
func Match(data []byte) bool {
	if len(data) < 3 || data[0] != 'P' || !isSpace(data[2]) {
		return false
	}
	for _, b := range data[3:] {
		if !isSpace(b) {
			if data[1] >= '1' && data[1] <= '6' && b != '#' && (b < '0' || b > '9') {
				return false
			}
			break
		}
	}
	return data[1] >= '1' && data[1] <= '7' || data[1] == 'F' || data[1] == 'f'
}

// Decode decodes the first image of a file.
func Decode(data []byte, maxPixels int64) (*raster.RGB, error) {
	h, rest, err := readHeader(data)
	if err != nil {
		return nil, err
	}
	if err := raster.Check(h.w, h.h, maxPixels); err != nil {
		return nil, err
	}
	if least := h.leastBytes(); int64(len(rest)) < least {
		return nil, fmt.Errorf("%w: %d bytes of pixels, want at least %d for %d x %d (width x height)", errTruncated, len(rest), least, h.w, h.h)
	}
	out, err := raster.New(h.w, h.h, maxPixels)
	if err != nil {
		return nil, err
	}
	switch h.kind {
	case plainBitmap:
		err = h.plainBits(out, rest)
	case plainGray, plainColor:
		err = h.plainNumbers(out, rest)
	case rawBitmap:
		h.rawBits(out, rest)
	default:
		h.rawNumbers(out, rest)
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// leastBytes returns the minimum size of the pixels. In raw files it is the exact size. In plain
// files each number takes at least a digit and a space; bits need no space.
func (h header) leastBytes() int64 {
	pixels, values := int64(h.w)*int64(h.h), int64(h.w)*int64(h.h)*int64(h.channels())
	switch h.kind {
	case plainBitmap:
		return pixels
	case plainGray, plainColor:
		return 2*values - 1
	case rawBitmap:
		return int64(h.rowBytes()) * int64(h.h)
	}
	return values * int64(h.width())
}

// rowBytes returns the size of a raw bitmap's row. Rows start at a byte.
func (h header) rowBytes() int { return (h.w + 7) / 8 }

// width returns the size of a raw number, bytes, most significant first.
func (h header) width() int {
	if h.max > 255 {
		return 2
	}
	return 1
}

func (h header) channels() int {
	if h.kind == plainColor || h.kind == rawColor {
		return 3
	}
	return 1
}

// rawBits reads bits. 1 is black.
func (h header) rawBits(out *raster.RGB, data []byte) {
	for y := range h.h {
		row := data[y*h.rowBytes():]
		for x := range h.w {
			v := uint8(255)
			if row[x/8]<<(x%8)&0x80 != 0 {
				v = 0
			}
			out.Set(y*h.w+x, v, v, v)
		}
	}
}

func (h header) rawNumbers(out *raster.RGB, data []byte) {
	scale, n, width := h.scale(), h.channels(), h.width()
	value := func(i int) uint8 {
		if width == 1 {
			return scale[data[i]]
		}
		return scale[int(data[2*i])<<8|int(data[2*i+1])]
	}
	for i := range h.w * h.h {
		if n == 1 {
			v := value(i)
			out.Set(i, v, v, v)
			continue
		}
		out.Set(i, value(3*i), value(3*i+1), value(3*i+2))
	}
}

// scale returns a table from all numbers of the file, also those above its maximum, to bytes. Ties
// round to even, as in Python's round.
func (h header) scale() []uint8 {
	most := 255.0
	if h.channels() == 1 && h.max > 255 {
		most = 65535
	}
	table := make([]uint8, 1<<(8*h.width()))
	for v := range table {
		table[v] = uint8(min(math.RoundToEven(float64(v)/float64(h.max)*most), 255))
	}
	return table
}
