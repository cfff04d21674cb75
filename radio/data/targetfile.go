package data

import (
	"bytes"
	"errors"
	"fmt"
	stdimage "image"
	"image/gif"
	"image/png"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"cradio/loader"
	"cradio/radio/image"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// maxTarget is the limit of the file of a mask or a depth map, bytes.
const maxTarget = 1 << 30

// targetExtensions are those of files that keep the values of pixels: unlike .jpg.
var targetExtensions = []string{".png", ".gif", ".bmp", ".tif", ".tiff"}

func isTarget(path string) bool {
	return slices.Contains(targetExtensions, strings.ToLower(filepath.Ext(path)))
}

// targetFormat decodes files that begin so. A ? stands for any byte.
type targetFormat struct {
	name, magic string
	config      func(io.Reader) (stdimage.Config, error)
	decode      func(io.Reader) (stdimage.Image, error)
}

var targetFormats = []targetFormat{
	{"a PNG", "\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode},
	{"a GIF", "GIF8?a", gif.DecodeConfig, gif.Decode},
	{"a BMP", "BM", bmp.DecodeConfig, bmp.Decode},
	{"a TIFF", "II*\x00", tiff.DecodeConfig, tiff.Decode},
	{"a TIFF", "MM\x00*", tiff.DecodeConfig, tiff.Decode},
}

func (f targetFormat) begins(contents []byte) bool {
	for i := range len(f.magic) {
		if i == len(contents) || f.magic[i] != '?' && f.magic[i] != contents[i] {
			return false
		}
	}
	return true
}

// pixelKind is what the header of a file says of its pixels: of a PNG the bits and the colour.
type pixelKind struct {
	format       string
	bits, colour byte
}

func (k pixelKind) String() string {
	if k.bits == 0 {
		return k.format
	}
	names := map[byte]string{0: "grey", 2: "colour", 3: "with a palette", 4: "grey with transparency", 6: "colour with transparency"}
	return fmt.Sprintf("%s, %s, with %d bits", k.format, names[k.colour], k.bits)
}

// readTarget reads an image whose pixels are numbers. The size is checked before memory is allocated.
func readTarget(path string) (stdimage.Image, pixelKind, error) {
	contents, err := loader.ReadBounded(path, maxTarget)
	if err != nil {
		return nil, pixelKind{}, err
	}
	return decodeTarget(path, contents)
}

func decodeTarget(path string, contents []byte) (stdimage.Image, pixelKind, error) {
	at := slices.IndexFunc(targetFormats, func(f targetFormat) bool { return f.begins(contents) })
	if at < 0 {
		return nil, pixelKind{}, fmt.Errorf("%s: want a PNG file, or a GIF, BMP or TIFF", path)
	}
	f := targetFormats[at]
	c, err := f.config(bytes.NewReader(contents))
	if _, lacking := errors.AsType[tiff.UnsupportedError](err); lacking {
		return nil, pixelKind{}, fmt.Errorf("%s: is %s: %w; write it as a PNG instead: classes grey with 8 bits, depths grey with 16, in whole numbers such as millimetres", path, f.name, err)
	}
	if err != nil {
		return nil, pixelKind{}, fmt.Errorf("%s: is %s: %w", path, f.name, err)
	}
	if c.Width < 1 || c.Height < 1 || int64(c.Width) > image.DefaultMaxPixels/int64(c.Height) {
		return nil, pixelKind{}, fmt.Errorf("%s: has %d×%d pixels: must be at most %d", path, c.Width, c.Height, image.DefaultMaxPixels)
	}
	img, err := f.decode(bytes.NewReader(contents))
	if err != nil {
		return nil, pixelKind{}, fmt.Errorf("%s: %w", path, err)
	}
	kind := pixelKind{format: f.name}
	if at == 0 {
		const header = 8 + 8 // the signature, and length and name of IHDR; then width and height
		kind.bits, kind.colour = contents[header+8], contents[header+9]
	}
	return img, kind, nil
}
