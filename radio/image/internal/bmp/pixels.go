package bmp

import (
	"encoding/binary"
	"fmt"

	"cradio/radio/image/internal/raster"
)

// Decode reads a bitmap.
func Decode(data []byte, maxPixels int64) (*raster.RGB, error) {
	h, err := readHeader(data)
	if err != nil {
		return nil, err
	}
	if err := raster.Check(h.w, h.h, maxPixels); err != nil {
		return nil, err
	}
	if h.pixels > len(data) {
		return nil, fmt.Errorf("%w: its pixels start at byte %d of %d", errTruncated, h.pixels, len(data))
	}
	switch h.compression {
	case rle8, rle4:
		return h.decodeRuns(data, maxPixels)
	case plain, bitfields:
		return h.decodeRows(data[h.pixels:], maxPixels)
	}
	return nil, &raster.Unsupported{
		What: fmt.Sprintf("a BMP with compression %d (%s)", h.compression, compressionName(h.compression)), Do: "convert it: magick IN.bmp OUT.png"}
}

// decodeRows reads uncompressed pixels, in rows padded to four bytes.
func (h *header) decodeRows(data []byte, maxPixels int64) (*raster.RGB, error) {
	pixel, err := h.unpacker()
	if err != nil {
		return nil, err
	}
	stride := (h.w*h.bits + 31) >> 3 &^ 3
	if need := stride*(h.h-1) + (h.w*h.bits+7)/8; len(data) < need {
		return nil, fmt.Errorf("%w: %d bytes of pixels, want %d", errTruncated, len(data), need)
	}
	out, err := raster.New(h.w, h.h, maxPixels)
	if err != nil {
		return nil, err
	}
	if h.hasAlpha() {
		out.AddAlpha()
	}
	for y := range h.h {
		row := data[y*stride:]
		at := h.row(y) * h.w
		for x := range h.w {
			r, g, b, a := pixel(row, x)
			out.Set(at+x, r, g, b)
			if out.Alpha != nil {
				out.Alpha[at+x] = a
			}
		}
	}
	return out, nil
}

// row returns the row of the image for row y of the file.
func (h *header) row(y int) int {
	if h.topDown {
		return y
	}
	return h.h - 1 - y
}

// hasAlpha follows Pillow: the fourth byte is alpha only with bit fields, or if all masks are zero.
func (h *header) hasAlpha() bool {
	return h.bits == 32 && h.compression == bitfields && (h.masks[3] != 0 || h.masks == [4]uint32{})
}

// unpacker reads pixel x of a row.
func (h *header) unpacker() (func(row []byte, x int) (r, g, b, a uint8), error) {
	if h.compression == bitfields && h.bits < 16 {
		return nil, fmt.Errorf("bit fields with %d bits a pixel: want 16, 24 or 32", h.bits)
	}
	switch h.bits {
	case 1, 4, 8:
		return func(row []byte, x int) (r, g, b, a uint8) {
			at := x * h.bits
			c := h.palette[row[at/8]>>(8-h.bits-at%8)&(1<<h.bits-1)]
			return c[0], c[1], c[2], 255
		}, nil
	case 16:
		return h.unpack16()
	case 24:
		if h.compression == bitfields && [3]uint32(h.masks[:3]) != [3]uint32{0xFF0000, 0xFF00, 0xFF} {
			return nil, h.badMasks()
		}
		return bytesAt(3, 2, 1, 0, -1), nil
	case 32:
		return h.unpack32()
	}
	return nil, fmt.Errorf("%d bits a pixel: want 1, 4, 8, 16, 24 or 32", h.bits)
}

func (h *header) badMasks() error {
	return fmt.Errorf("channel masks %08X with %d bits a pixel are not supported", h.masks, h.bits)
}

// unpack16 reads 5 bits per channel, or 6 for green. Values are scaled to 255 and rounded down.
func (h *header) unpack16() (func(row []byte, x int) (r, g, b, a uint8), error) {
	green, red := uint32(31), 10
	if h.compression == bitfields {
		switch [3]uint32(h.masks[:3]) {
		case [3]uint32{0x7C00, 0x3E0, 0x1F}:
		case [3]uint32{0xF800, 0x7E0, 0x1F}:
			green, red = 63, 11
		default:
			return nil, h.badMasks()
		}
	}
	return func(row []byte, x int) (r, g, b, a uint8) {
		v := uint32(binary.LittleEndian.Uint16(row[2*x:]))
		return uint8(v >> red & 31 * 255 / 31), uint8(v >> 5 & green * 255 / green), uint8(v & 31 * 255 / 31), 255
	}, nil
}

// unpack32 returns a reader for the layouts that Pillow supports, with one byte per channel.
func (h *header) unpack32() (func(row []byte, x int) (r, g, b, a uint8), error) {
	if h.compression == plain {
		return bytesAt(4, 2, 1, 0, -1), nil
	}
	switch h.masks {
	case [4]uint32{0xFF0000, 0xFF00, 0xFF, 0}:
		return bytesAt(4, 2, 1, 0, -1), nil
	case [4]uint32{0xFF000000, 0xFF0000, 0xFF00, 0}:
		return bytesAt(4, 3, 2, 1, -1), nil
	case [4]uint32{0xFF000000, 0xFF00, 0xFF, 0}:
		return bytesAt(4, 3, 1, 0, -1), nil
	case [4]uint32{0xFF000000, 0xFF0000, 0xFF00, 0xFF}:
		return bytesAt(4, 3, 2, 1, 0), nil
	case [4]uint32{0xFF, 0xFF00, 0xFF0000, 0xFF000000}:
		return bytesAt(4, 0, 1, 2, 3), nil
	case [4]uint32{0xFF0000, 0xFF00, 0xFF, 0xFF000000}, [4]uint32{}:
		return bytesAt(4, 2, 1, 0, 3), nil
	case [4]uint32{0xFF000000, 0xFF00, 0xFF, 0xFF0000}:
		return bytesAt(4, 3, 1, 0, 2), nil
	}
	return nil, h.badMasks()
}

// bytesAt reads pixels of size bytes. The channels are at the given positions; alpha is -1 for
// opaque pixels.
func bytesAt(size, red, green, blue, alpha int) func(row []byte, x int) (r, g, b, a uint8) {
	return func(row []byte, x int) (r, g, b, a uint8) {
		p := row[size*x:][:size]
		a = 255
		if alpha >= 0 {
			a = p[alpha]
		}
		return p[red], p[green], p[blue], a
	}
}

// compressionName names unsupported compressions.
func compressionName(code uint32) string {
	switch code {
	case 4:
		return "JPEG"
	case 5:
		return "PNG"
	case 6:
		return "bit fields with alpha"
	case 11, 12, 13:
		return "CMYK"
	}
	return "unknown"
}
