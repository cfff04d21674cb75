package image

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"cradio/radio/image/internal/raster"
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
	// Draft is a height and a width that suffice, as the file stores them. A JPEG is then decoded at a
	// half, a quarter or an eighth of its size, the smallest that is not below either: faster, with
	// the bytes that Pillow's Image.draft gives, but not those of a resize. A value below 1, or any
	// other kind of file, gives the whole size. Bounds tells a file's size beforehand.
	Draft [2]int
}

// Decode reads a JPEG, PNG, GIF, BMP, TIFF, WebP, PBM, PGM or PPM file from memory; of an animation,
// its first frame. Colours are those of Pillow's convert("RGB"), without colour management;
// transparency is kept in Alpha. Damaged and truncated files are refused, and so is a picture larger
// than the limit, from its header, before anything is allocated for it. Errors are a *FormatError for
// a file of another kind, which says what it is and how to convert it, a *DamagedError, or a
// *TooManyPixelsError.
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

// safely turns a panic of a decoder, ours or a library's, on malformed data into an error.
func (f format) safely(data []byte, limit int64) (img *raster.RGB, err error) {
	defer func() {
		if r := recover(); r != nil {
			img, err = nil, fmt.Errorf("damaged data: %v", r)
		}
	}()
	return f.decode(data, limit)
}

// DecodeFile is Decode for a file by name. Errors name the file.
func DecodeFile(path string, opt DecodeOptions) (*RGB, error) {
	data, err := ReadFile(path)
	if err != nil {
		return nil, err // names the file itself
	}
	img, err := Decode(data, opt)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return img, nil
}

// ReadFile is the contents of an image file, or of a pipe. One that is larger than any image is an error, before memory is
// taken for it, and so is a folder.
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
		return nil, fmt.Errorf("%s: is a folder: want an image file", path)
	}
	data, err := readAll(f, info.Size())
	if large := (*FileTooLargeError)(nil); errors.As(err, &large) {
		return nil, fmt.Errorf("%s: %w", path, err) // others name the file
	}
	return data, err
}

// DecodeReader is Decode for what is left of a stream, such as the body of a request or an entry of
// an archive. It reads to the end, in memory, and no more than an image file can be large; more is a
// *FileTooLargeError.
func DecodeReader(r io.Reader, opt DecodeOptions) (*RGB, error) {
	data, err := ReadAll(r)
	if err != nil {
		return nil, err
	}
	return Decode(data, opt)
}

// ReadAll reads an image file from a reader, to its end; what is too large for one is refused.
func ReadAll(r io.Reader) ([]byte, error) {
	if r == nil {
		return nil, errors.New("the reader is nil: want one of an image file")
	}
	return readAll(r, 0)
}

// readAll reads what an image file can hold.
func readAll(r io.Reader, size int64) ([]byte, error) { return readUpTo(r, size, maxFileBytes) }

// readUpTo reads at most so many bytes. A pipe has no size: one byte more than is allowed is read,
// to see that there is too much.
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
