// Package png decodes PNG files to the bytes that Pillow's convert("RGB") gives, and reads what
// Pillow reads: the last chunk may be missing, sums of pixel data and of what follows it may be
// wrong, and bytes may follow the picture. See open for what is checked before the pixels, and
// rest for what is checked after them.
//
// The standard image/png is not used: it refuses most of those files, and premultiplies some.
//
// Two kinds of files are refused that Pillow opens, since it shows them wrongly: pixel data that
// end at the end of a row before the last (Pillow leaves the other rows black), and an animation
// whose first frame is not the whole picture.
//
// Start at Decode. chunks.go walks the file, text.go finds EXIF and XMP, stream.go unpacks the
// pixel data, rows.go and filter.go
// make rows of them, pixels.go and transparency.go pixels.
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

// Decode reads a PNG file; of an animated one, the default picture.
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
		out.AddAlpha() // for a palette, of its indices at first
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

// plausible refuses a file that is too short for its pixels: deflate packs at most 1032 to 1.
func (f *file) plausible() error {
	if int64(f.w)*int64(f.h)*int64(f.bitsPerPixel())/8 > 1032*int64(len(f.data)) {
		return fmt.Errorf("%w: %d bytes cannot hold %d x %d pixels (width x height)", errTruncated, len(f.data), f.w, f.h)
	}
	return nil
}

// bitsPerPixel is of the samples as they stand in the file.
func (f *file) bitsPerPixel() int {
	channels := map[byte]int{typeGray: 1, typeRGB: 3, typePalette: 1, typeGrayAlpha: 2, typeRGBA: 4}[f.kind]
	return channels * int(f.depth)
}
