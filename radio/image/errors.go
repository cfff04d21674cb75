package image

import (
	"fmt"

	"cradio/radio/image/internal/raster"
)

// DamagedError reports a file of a kind that is read whose content is not: cut short, written over,
// or not made as its format says. errors.As finds it in what Decode and DecodeFile return.
type DamagedError struct {
	Format string // "JPEG"
	Err    error  // what is wrong
}

func (e *DamagedError) Error() string { return e.Format + ": " + e.Err.Error() }

// Unwrap returns Err.
func (e *DamagedError) Unwrap() error { return e.Err }

// TooManyPixelsError reports an image whose header claims more pixels than DecodeOptions.MaxPixels.
// It is found before anything is allocated for them.
type TooManyPixelsError struct {
	Format        string // "PNG"
	Width, Height int    // pixels
	Limit         int64  // the most Width x Height
}

func (e *TooManyPixelsError) Error() string {
	return e.Format + ": " + (&raster.TooManyPixels{Width: e.Width, Height: e.Height, Limit: e.Limit}).Error()
}

// FileTooLargeError reports a file or a stream with more bytes than the largest image file.
type FileTooLargeError struct {
	Limit int64 // bytes
}

func (e *FileTooLargeError) Error() string {
	return fmt.Sprintf("larger than %d bytes: want an image file", e.Limit)
}
