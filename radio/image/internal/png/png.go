// Package png decodes PNG files to the same bytes as Pillow's convert("RGB"). It accepts the same
// damage as Pillow: a missing last chunk, wrong checksums in pixel data and after it, and extra
// bytes after the image. See open for the checks before the pixels, and rest for those after
// them.
//
// It does not use the standard image/png, which does not accept such damage, and premultiplies
// some images.
//
// Two kinds of files are errors here, since Pillow decodes them wrongly: pixel data that end
// with a row before the last (Pillow leaves the other rows black), and an animation whose first
// frame is smaller than the image.
//
// Start at Decode. chunks.go reads the chunks, text.go finds EXIF and XMP, stream.go decompresses
// the pixel data, rows.go and filter.go decode rows, pixels.go and transparency.go pixels.
package png

import (
	"errors"
	"fmt"

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

var errTruncated = errors.New("the file is truncated")

// Decode decodes a PNG file. Of an animation it decodes the default image.
func Decode(data []byte, maxPixels int64) (*raster.RGB, error) {
	f := &file{data: data, maxPixels: maxPixels, sequence: noSequence}
	if err := f.open(); err != nil {
		return nil, err
	}
	out, err := raster.New(f.w, f.h, maxPixels)
	if err != nil {
		return nil, err
	}
	if f.kind == typePalette || f.kind == typeGrayAlpha || f.kind == typeRGBA {
		out.AddAlpha() // for a palette, it first holds the indices
	}
	if err := f.decode(out); err != nil {
		return nil, err
	}
	if err := f.rest(); err != nil {
		return nil, err
	}
	f.finish(out)
	return out, nil
}

// plausible returns an error if the file is too short for its pixels: deflate compresses by at most
// 1032 to 1.
func (f *file) plausible() error {
	if int64(f.w)*int64(f.h)*int64(f.bitsPerPixel())/8 > 1032*int64(len(f.data)) {
		return fmt.Errorf("%w: %d bytes cannot hold %d x %d pixels (width x height)", errTruncated, len(f.data), f.w, f.h)
	}
	return nil
}

// bitsPerPixel returns the size of a pixel in the file.
func (f *file) bitsPerPixel() int {
	channels := map[byte]int{typeGray: 1, typeRGB: 3, typePalette: 1, typeGrayAlpha: 2, typeRGBA: 4}[f.kind]
	return channels * int(f.depth)
}
