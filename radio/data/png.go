package data

import (
	"bytes"
	"fmt"
	stdimage "image"
	"image/png"

	"cradio/loader"
	"cradio/radio/image"
)

// maxPNG is the limit of the file of a mask or a depth map, bytes.
const maxPNG = 1 << 30

// pngKind is what the header of a PNG says of its pixels.
type pngKind struct{ bits, colour byte }

func (k pngKind) String() string {
	names := map[byte]string{0: "grey", 2: "colour", 3: "with a palette", 4: "grey with transparency", 6: "colour with transparency"}
	return fmt.Sprintf("a PNG, %s, with %d bits", names[k.colour], k.bits)
}

// readPNG reads a PNG whose pixels are numbers. The size is checked before memory is allocated.
func readPNG(path string) (stdimage.Image, pngKind, error) {
	contents, err := loader.ReadBounded(path, maxPNG)
	if err != nil {
		return nil, pngKind{}, err
	}
	return decodePNG(path, contents)
}

func decodePNG(path string, contents []byte) (stdimage.Image, pngKind, error) {
	c, err := png.DecodeConfig(bytes.NewReader(contents))
	if err != nil {
		return nil, pngKind{}, fmt.Errorf("%s: want a PNG file: %w", path, err)
	}
	if int64(c.Width) > image.DefaultMaxPixels/int64(c.Height) {
		return nil, pngKind{}, fmt.Errorf("%s: has %d×%d pixels: must be at most %d", path, c.Width, c.Height, image.DefaultMaxPixels)
	}
	img, err := png.Decode(bytes.NewReader(contents))
	if err != nil {
		return nil, pngKind{}, fmt.Errorf("%s: %w", path, err)
	}
	const header = 8 + 8 // the signature, and length and name of IHDR; then width and height
	return img, pngKind{contents[header+8], contents[header+9]}, nil
}
