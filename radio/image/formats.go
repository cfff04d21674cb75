package image

import (
	"bytes"

	"cradio/loader/filekind"
	"cradio/radio/image/internal/bmp"
	"cradio/radio/image/internal/gif"
	"cradio/radio/image/internal/jpeg"
	"cradio/radio/image/internal/png"
	"cradio/radio/image/internal/pnm"
	"cradio/radio/image/internal/raster"
	"cradio/radio/image/internal/webp"
)

// format is one kind of image file.
type format struct {
	name   string
	magic  func(data []byte) bool
	decode func(data []byte, maxPixels int64) (*raster.RGB, error)
	meta   func(data []byte) (exif, xmp []byte) // nil if files have no orientation, or if decode applies it
}

const jpegMark = "\xff\xd8\xff"

var formats = []format{
	{"JPEG", prefix(jpegMark), jpeg.Decode, jpeg.Meta},
	{"PNG", prefix(png.Signature), png.Decode, png.Meta},
	{"GIF", prefix("GIF87a", "GIF89a"), gif.Decode, nil},
	{"BMP", isBMP, bmp.Decode, nil},
	{"TIFF", prefix("II*\x00", "MM\x00*", "II+\x00", "MM\x00+"), decodeTIFF, nil},
	{"WebP", isWebP, webp.Decode, webp.Meta},
	{"PNM", pnm.Match, pnm.Decode, nil},
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

// isBMP ignores text that begins with BM.
func isBMP(data []byte) bool {
	return bytes.HasPrefix(data, []byte("BM")) && (len(data) == 2 || filekind.Of(data) != filekind.Text)
}

func isWebP(data []byte) bool {
	return len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP"
}

// sniff returns the format of a file. If it is not supported, the error names it.
func sniff(data []byte) (format, error) {
	for _, f := range formats {
		if f.magic(data) {
			return f, nil
		}
	}
	return format{}, foreign(data)
}

// Orientation returns the orientation of an image file in memory, 1 to 8, without decoding the
// pixels. Like Pillow's getexif, it reads EXIF, a PNG's ImageMagick profile, or XMP. It
// returns 1 if there is none, if data is not an image, and for TIFF, since Decode applies the
// orientation of TIFF files.
func Orientation(data []byte) (turn int) {
	defer func() {
		if recover() != nil {
			turn = 1 // malformed
		}
	}()
	for _, f := range formats {
		if f.magic(data) && f.meta != nil {
			return orientation(f.meta(data))
		}
	}
	return 1
}
