package image

import (
	"fmt"

	"cradio/radio/image/internal/raster"
)

// DamagedError reports a file in a supported format that cannot be decoded: it is truncated,
// corrupted, or does not follow its format. Use errors.As on errors of Decode and DecodeFile.
type DamagedError struct {
	Format string // "JPEG"
	Err    error  // what is wrong
}

func (e *DamagedError) Error() string { return e.Format + ": " + e.Err.Error() }

// Unwrap returns Err.
func (e *DamagedError) Unwrap() error { return e.Err }

// TooManyPixelsError reports an image with more pixels than DecodeOptions.MaxPixels, according to
// its header. It is returned before memory is allocated for the pixels.
type TooManyPixelsError struct {
	Format        string // "PNG"
	Width, Height int    // pixels
	Limit         int64  // limit of Width x Height
}

func (e *TooManyPixelsError) Error() string {
	return e.Format + ": " + (&raster.TooManyPixels{Width: e.Width, Height: e.Height, Limit: e.Limit}).Error()
}

// FileTooLargeError reports a file or stream that is larger than any image file.
type FileTooLargeError struct {
	Limit int64 // bytes
}

func (e *FileTooLargeError) Error() string {
	return fmt.Sprintf("larger than %d bytes; give an image file", e.Limit)
}
