package image

import (
	"errors"
	"fmt"

	"cradio/radio/image/internal/ifd"
	"cradio/radio/image/internal/jpeg"
	"cradio/radio/image/internal/raster"
)

// Bounds returns the height and width that Decode would give, without Orient and Draft. data is an
// image file. Bounds reads only the header, and has no limit of pixels. It returns the same
// errors as Decode.
func Bounds(data []byte) (h, w int, err error) {
	f, err := sniff(data)
	if err != nil {
		return 0, 0, err
	}
	// Every decoder first compares the size with the limit. With a limit of 0 it stops there.
	_, err = f.safely(data, 0)
	var size *raster.TooManyPixels
	var lacking *raster.Unsupported
	switch {
	case errors.As(err, &size):
	case errors.As(err, &lacking):
		return 0, 0, &FormatError{lacking.What, lacking.Do}
	case err == nil:
		err = errors.New("its header has no size")
		fallthrough
	default:
		return 0, 0, fmt.Errorf("%s: %w", f.name, err)
	}
	if f.turned(data) {
		return size.Width, size.Height, nil
	}
	return size.Height, size.Width, nil
}

// turned reports whether the decoder swaps height and width. As in Pillow, only the TIFF decoder
// applies the orientation.
func (f format) turned(data []byte) bool {
	if f.name != "TIFF" {
		return false
	}
	dir, err := ifd.Read(data)
	if err != nil {
		return false
	}
	orientation, err := dir.Uint(ifd.Orientation, 1)
	return err == nil && orientation >= 5 && orientation <= 8
}

// drafted returns the format with a decoder to a reduced size, if it has one.
func (f format) drafted(size [2]int) format {
	if f.name == "JPEG" {
		f.decode = jpeg.Draft{H: size[0], W: size[1]}.Decode
	}
	return f
}
