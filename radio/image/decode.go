package image

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"cradio/radio/image/internal/raster"
)

// DefaultMaxPixels is the number of pixels above which Pillow raises DecompressionBombError.
const DefaultMaxPixels = 178_956_970

// maxFileBytes is the limit of a file's size: DefaultMaxPixels pixels, uncompressed, with 8 bytes
// each.
const maxFileBytes = 8 * DefaultMaxPixels

// DecodeOptions are the options of decoding. The zero value decodes as Pillow does.
type DecodeOptions struct {
	// MaxPixels is the limit of width x height. 0 means DefaultMaxPixels.
	MaxPixels int64
	// Orient applies the EXIF orientation, like Pillow's ImageOps.exif_transpose. By default,
	// images stay as they are stored, as with Pillow's open and CLIPImageProcessor. TIFF files
	// are the exception: like Pillow, Decode always applies their orientation.
	Orient bool
	// Draft is the smallest acceptable height and width, before orientation. A JPEG is decoded
	// at 1/2, 1/4 or 1/8 of its size: the smallest that has at least this height and width.
	// This is faster. The bytes are those of Pillow's Image.draft, which differ from those of
	// a resize. Values below 1 select the full size. Other formats ignore Draft. Bounds
	// returns the full size.
	Draft [2]int
}

// Decode decodes an image file in memory: JPEG, PNG, GIF, BMP, TIFF, WebP, PBM, PGM or PPM. Of an
// animation it decodes the first frame. Colours are those of Pillow's convert("RGB"), without
// colour management. Transparency is in Alpha.
//
// Decode returns a *FormatError for other formats, which names the format and how to convert it.
// It returns a *DamagedError for damaged and truncated files, and a *TooManyPixelsError for
// images above the limit, before it allocates memory for them.
func Decode(data []byte, opt DecodeOptions) (*RGB, error) {
	limit := opt.MaxPixels
	if limit == 0 {
		limit = DefaultMaxPixels
	}
	if limit < 0 {
		return nil, fmt.Errorf("decode: MaxPixels is %d: must be at least 1, or 0 for %d", limit, int64(DefaultMaxPixels))
	}
	f, err := sniff(data)
	if err != nil {
		return nil, err
	}
	img, err := f.drafted(opt.Draft).safely(data, limit)
	var lacking *raster.Unsupported
	if errors.As(err, &lacking) {
		return nil, &FormatError{lacking.What, lacking.Do}
	}
	var many *raster.TooManyPixels
	if errors.As(err, &many) {
		return nil, &TooManyPixelsError{f.name, many.Width, many.Height, many.Limit}
	}
	if err != nil {
		return nil, &DamagedError{f.name, err}
	}
	if opt.Draft != [2]int{} {
		if h, w, err := Bounds(data); err == nil && (h != img.H || w != img.W) {
			img.Whole = [2]int{h, w}
		}
	}
	if opt.Orient {
		whole := img.Whole
		turned := Orientation(data)
		img = img.Orient(turned)
		if img.Whole = whole; turned > 4 {
			img.Whole[0], img.Whole[1] = whole[1], whole[0]
		}
	}
	return (*RGB)(img), nil
}

// safely decodes data. It converts a panic of a decoder, ours or a library's, into an error.
func (f format) safely(data []byte, limit int64) (img *raster.RGB, err error) {
	defer func() {
		if r := recover(); r != nil {
			img, err = nil, fmt.Errorf("damaged data: %v", r)
		}
	}()
	return f.decode(data, limit)
}

// DecodeFile decodes the file at path; see Decode. Errors name the file.
func DecodeFile(path string, opt DecodeOptions) (*RGB, error) {
	data, err := ReadFile(path)
	if err != nil {
		return nil, err // err names the file
	}
	img, err := Decode(data, opt)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return img, nil
}

// ReadFile reads an image file, or a pipe. A folder is an error. So is a file larger than any
// image file, before memory is allocated for it.
func ReadFile(path string) ([]byte, error) {
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
		return nil, fmt.Errorf("%s: is a folder; give an image file", path)
	}
	data, err := readAll(f, info.Size())
	if large := (*FileTooLargeError)(nil); errors.As(err, &large) {
		return nil, fmt.Errorf("%s: %w", path, err) // other errors name the file
	}
	return data, err
}

// DecodeReader decodes the rest of a stream, such as the body of a request or an entry of an
// archive; see Decode. It reads the stream into memory. If the stream is larger than any image
// file, it returns a *FileTooLargeError.
func DecodeReader(r io.Reader, opt DecodeOptions) (*RGB, error) {
	data, err := ReadAll(r)
	if err != nil {
		return nil, err
	}
	return Decode(data, opt)
}

// ReadAll reads an image file from a reader, to its end. If it is larger than any image file,
// ReadAll returns a *FileTooLargeError.
func ReadAll(r io.Reader) ([]byte, error) {
	if r == nil {
		return nil, errors.New("the reader is nil; give a reader of an image file")
	}
	return readAll(r, 0)
}

// readAll reads an image file of the given size, or 0 if the size is unknown.
func readAll(r io.Reader, size int64) ([]byte, error) { return readUpTo(r, size, maxFileBytes) }

// readUpTo reads to the end, and returns an error if there are more than most bytes. Since the size
// of a pipe is unknown, it reads one byte more than most to find out.
func readUpTo(r io.Reader, size, most int64) ([]byte, error) {
	var data bytes.Buffer
	data.Grow(int(min(size, most)) + bytes.MinRead)
	if _, err := data.ReadFrom(io.LimitReader(r, most+1)); err != nil {
		return nil, err
	}
	if int64(data.Len()) > most {
		return nil, &FileTooLargeError{most}
	}
	return data.Bytes(), nil
}
