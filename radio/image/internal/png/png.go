// Package png decodes PNG files to the bytes that Pillow's convert("RGB") gives.
//
// The standard image/png does the decoding; this package turns its picture types into bytes
// without premultiplying, and applies Pillow's rules where they differ: 16-bit grey saturates at
// 255, other 16-bit samples keep their high byte, and a tRNS colour is compared as Pillow does.
package png

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image/png"
	"io"
	"strings"

	"cradio/radio/image/internal/raster"
)

// Colour types of the PNG specification, table 11.1.
const (
	typeGray      = 0
	typeRGB       = 2
	typePalette   = 3
	typeGrayAlpha = 4
	typeRGBA      = 6
)

// Decode reads a PNG file; of an animated one, the default picture.
func Decode(data []byte, maxPixels int64) (*raster.RGB, error) {
	info, err := readInfo(data)
	if err != nil {
		return nil, err
	}
	if err := raster.Check(info.w, info.h, maxPixels); err != nil {
		return nil, err
	}
	if err := info.plausible(len(data)); err != nil {
		return nil, err
	}
	m, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "unexpected EOF") || strings.Contains(err.Error(), "not enough pixel data") {
			return nil, errTruncated
		}
		return nil, err
	}
	out, err := raster.New(info.w, info.h, maxPixels)
	if err != nil {
		return nil, err
	}
	if err := convert(out, m, info.kind == typeGray); err != nil {
		return nil, err
	}
	info.applyTransparency(out)
	return out, nil
}

var errTruncated = errors.New("the file is truncated")

// info is what the chunks before the pixels say.
type info struct {
	w, h         int
	depth, kind  byte
	transparency []byte // the tRNS chunk
}

func readInfo(data []byte) (info, error) {
	var in info
	for id, chunk := range chunks(data) {
		switch id {
		case "IHDR":
			if len(chunk) != 13 {
				return in, fmt.Errorf("IHDR of %d bytes: want 13", len(chunk))
			}
			w, h := binary.BigEndian.Uint32(chunk), binary.BigEndian.Uint32(chunk[4:])
			in.w, in.h, in.depth, in.kind = int(w), int(h), chunk[8], chunk[9]
		case "tRNS":
			in.transparency = chunk
		case "IDAT":
			return in, nil
		}
	}
	if in.w == 0 {
		return in, fmt.Errorf("no IHDR chunk: the file is truncated or is not a PNG")
	}
	return in, nil
}

// plausible refuses a file that is too short for its pixels: deflate packs at most 1032 to 1.
func (in info) plausible(size int) error {
	channels := map[byte]int64{typeGray: 1, typeRGB: 3, typePalette: 1, typeGrayAlpha: 2, typeRGBA: 4}[in.kind]
	if int64(in.w)*int64(in.h)*channels*int64(in.depth)/8 > 1032*int64(size) {
		return fmt.Errorf("%w: %d bytes cannot hold %d x %d pixels (width x height)", errTruncated, size, in.w, in.h)
	}
	return nil
}

// applyTransparency makes the pixels of a tRNS colour transparent. Like Pillow it compares the
// converted 8-bit pixel with the low byte of the file's key, unscaled. A palette's tRNS has come
// with the palette, and pictures with an alpha channel have none.
func (in info) applyTransparency(out *raster.RGB) {
	key := in.transparency
	var r, g, b uint8
	switch {
	case in.kind == typeGray && len(key) >= 2:
		r = key[1]
		if in.depth == 1 && (key[0] != 0 || key[1] != 0) {
			r = 255
		}
		g, b = r, r
	case in.kind == typeRGB && len(key) >= 6:
		r, g, b = key[1], key[3], key[5]
	default:
		return
	}
	out.AddAlpha()
	for i := range out.Alpha {
		if p := out.Pix[3*i:]; p[0] == r && p[1] == g && p[2] == b {
			out.Alpha[i] = 0
		}
	}
}
