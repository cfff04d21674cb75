package radio

import (
	"errors"
	"fmt"
	stdimage "image"
	"io"
	"iter"
	"runtime/debug"
	"sync/atomic"

	"cradio/radio/image"
)

// Input is an image that is loaded when it is needed.
type Input struct {
	Name string
	Load func() (*image.RGB, error)
}

// File is an image file.
func (e *Encoder) File(path string) Input {
	return Input{Name: path, Load: func() (*image.RGB, error) {
		if !e.FastDecode {
			return image.DecodeFile(path, e.Decode)
		}
		data, err := image.ReadFile(path)
		if err != nil {
			return nil, err
		}
		return e.Bytes(path, data).Load()
	}}
}

// Files are image files, for Results.
func (e *Encoder) Files(paths iter.Seq[string]) iter.Seq[Input] {
	return func(yield func(Input) bool) {
		for path := range paths {
			if !yield(e.File(path)) {
				return
			}
		}
	}
}

// Bytes is an image file in memory.
func (e *Encoder) Bytes(name string, data []byte) Input {
	return Input{Name: name, Load: named(name, func() (*image.RGB, error) { return image.Decode(data, e.decoding(data)) })}
}

// decoding is how a file is decoded: with FastDecode to no more than what its resize needs.
func (e *Encoder) decoding(data []byte) image.DecodeOptions {
	opt := e.Decode
	if !e.FastDecode || e.Model == nil || e.Processor == nil {
		return opt
	}
	h, w, err := image.Bounds(data)
	if err != nil {
		return opt // decoding says what is wrong
	}
	turned := opt.Orient && image.Orientation(data) > 4
	if turned {
		h, w = w, h
	}
	f, err := e.fit(h, w)
	if err != nil {
		return opt
	}
	resize := f.processor
	resize.DoCenterCrop = false
	th, tw := resize.Size(h, w)
	if turned {
		th, tw = tw, th
	}
	opt.Draft = [2]int{th, tw}
	return opt
}

// Reader is an image file that is read from r when it is needed, once and to the end. r is not closed.
// Several inputs are loaded at once, so entries of one archive, which follow each other in one stream,
// must be read beforehand and given as Bytes.
func (e *Encoder) Reader(name string, r io.Reader) Input {
	var read atomic.Bool
	return Input{Name: name, Load: named(name, func() (*image.RGB, error) {
		if read.Swap(true) {
			return nil, errors.New("its reader has been read already: make another Input of a new one")
		}
		data, err := image.ReadAll(r)
		if err != nil {
			return nil, err
		}
		return image.Decode(data, e.decoding(data))
	})}
}

// Image is a Go image. It must not change until it has been encoded. See image.FromImage for its
// colours. To get the same colours as in Python, give the bytes of the file instead.
func (e *Encoder) Image(name string, img stdimage.Image) Input {
	return Input{Name: name, Load: named(name, func() (*image.RGB, error) {
		if img == nil {
			return nil, errors.New("image is nil")
		}
		b := img.Bounds()
		if b.Empty() {
			return nil, errors.New("the image is empty")
		}
		limit := e.Decode.MaxPixels
		if limit <= 0 {
			limit = image.DefaultMaxPixels
		}
		if w, h := int64(b.Dx()), int64(b.Dy()); w > limit || h > limit/w {
			return nil, &image.TooManyPixelsError{Format: fmt.Sprintf("%T", img), Width: b.Dx(), Height: b.Dy(), Limit: limit}
		}
		return image.FromImage(img), nil
	})}
}

// decoded is an image in memory.
func decoded(name string, img *image.RGB) Input {
	return Input{Name: name, Load: func() (*image.RGB, error) { return img, nil }}
}

// named adds the name of the image to errors.
func named(name string, load func() (*image.RGB, error)) func() (*image.RGB, error) {
	return func() (*image.RGB, error) {
		img, err := load()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return img, nil
	}
}

// load calls Load. A panic becomes an error.
func (in Input) load() (img *image.RGB, err error) {
	defer func() {
		if p := recover(); p != nil {
			img, err = nil, fmt.Errorf("%s: loading it panicked: %v\n%s", in.Name, p, debug.Stack())
		}
	}()
	if in.Load == nil {
		return nil, fmt.Errorf("%s: its Input has no Load", in.Name)
	}
	return in.Load()
}
