package image

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"cradio/radio/image/internal/bmp"
	"cradio/radio/image/internal/gif"
	"cradio/radio/image/internal/jpeg"
	"cradio/radio/image/internal/png"
	"cradio/radio/image/internal/raster"
	"cradio/radio/image/internal/tiff"
	"cradio/radio/image/internal/webp"
)

// DefaultMaxPixels is the size at which Pillow calls a picture a decompression bomb.
const DefaultMaxPixels = 178_956_970

// maxFileBytes bounds what DecodeFile reads: the default number of pixels, uncompressed, with
// 8 bytes a pixel.
const maxFileBytes = 8 * DefaultMaxPixels

// DecodeOptions are the choices in decoding; the zero value decodes as Pillow does.
type DecodeOptions struct {
	// MaxPixels is the most width x height that a header may claim; 0 is DefaultMaxPixels.
	MaxPixels int64
	// Orient applies the EXIF orientation, like Pillow's ImageOps.exif_transpose. Off, pictures
	// stay as they are stored, as Pillow's open and CLIPImageProcessor leave them; TIFF files are
	// the exception, since Pillow always turns those.
	Orient bool
}

// format is one kind of picture file.
type format struct {
	name   string
	magic  func(data []byte) bool
	decode func(data []byte, maxPixels int64) (*raster.RGB, error)
	meta   func(data []byte) (exif, xmp []byte) // nil where orientation is not kept, or applied already
}

var formats = []format{
	{"JPEG", prefix("\xff\xd8\xff"), jpeg.Decode, jpeg.Meta},
	{"PNG", prefix(png.Signature), png.Decode, png.Meta},
	{"GIF", prefix("GIF87a", "GIF89a"), gif.Decode, nil},
	{"BMP", prefix("BM"), bmp.Decode, nil},
	{"TIFF", prefix("II*\x00", "MM\x00*", "II+\x00", "MM\x00+"), tiff.Decode, nil},
	{"WebP", isWebP, webp.Decode, webp.Meta},
}

func prefix(magics ...string) func([]byte) bool {
	return func(data []byte) bool {
		for _, m := range magics {
			if bytes.HasPrefix(data, []byte(m)) {
				return true
			}
		}
		return false
	}
}

func isWebP(data []byte) bool {
	return len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP"
}

// Decode reads a JPEG, PNG, GIF, BMP, TIFF or WebP file from memory; of an animation, its first
// frame. Colours are those of Pillow's convert("RGB"), without colour management; transparency
// is kept in Alpha. Damaged and truncated files are refused, and so is a picture larger than the
// limit, from its header, before anything is allocated for it.
func Decode(data []byte, opt DecodeOptions) (*RGB, error) {
	limit := opt.MaxPixels
	if limit == 0 {
		limit = DefaultMaxPixels
	}
	if limit < 0 {
		return nil, fmt.Errorf("decode: MaxPixels is %d: want 1 or more, or 0 for %d", limit, int64(DefaultMaxPixels))
	}
	f, err := sniff(data)
	if err != nil {
		return nil, err
	}
	img, err := f.safely(data, limit)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.name, err)
	}
	if opt.Orient && f.meta != nil {
		img = img.Orient(orientation(f.meta(data)))
	}
	return (*RGB)(img), nil
}

// safely turns a panic of a decoder, ours or a library's, on malformed data into an error.
func (f format) safely(data []byte, limit int64) (img *raster.RGB, err error) {
	defer func() {
		if r := recover(); r != nil {
			img, err = nil, fmt.Errorf("damaged data: %v", r)
		}
	}()
	return f.decode(data, limit)
}

func sniff(data []byte) (format, error) {
	if len(data) == 0 {
		return format{}, errors.New("the file is empty: want a JPEG, PNG, GIF, BMP, TIFF or WebP picture")
	}
	for _, f := range formats {
		if f.magic(data) {
			return f, nil
		}
	}
	hint := ""
	if len(data) >= 12 && string(data[4:8]) == "ftyp" {
		hint = " (it looks like HEIC or AVIF: convert it first)"
	}
	return format{}, fmt.Errorf("not a picture that can be read here: it starts with %q%s, want JPEG, PNG, GIF, BMP, TIFF or WebP",
		data[:min(len(data), 12)], hint)
}

// DecodeFile is Decode for a file by name. Errors name the file.
func DecodeFile(path string, opt DecodeOptions) (*RGB, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err // names the file itself
	}
	img, err := Decode(data, opt)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return img, nil
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, fmt.Errorf("%s: is a folder: want a picture file", path)
	}
	// A pipe has no size: read one byte more than is allowed, to see that there is too much.
	var data bytes.Buffer
	data.Grow(int(min(info.Size(), maxFileBytes)) + bytes.MinRead)
	if _, err := data.ReadFrom(io.LimitReader(f, maxFileBytes+1)); err != nil {
		return nil, err
	}
	if data.Len() > maxFileBytes {
		return nil, fmt.Errorf("%s: larger than %d bytes: want a picture file", path, int64(maxFileBytes))
	}
	return data.Bytes(), nil
}
