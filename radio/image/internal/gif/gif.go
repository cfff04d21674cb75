// Package gif decodes the first frame of a GIF file as Pillow does: on the logical screen. Outside
// the frame, the screen has the transparent colour or, if there is none, colour 0.
//
// It does not use the standard image/gif, which drops the logical screen, and the colour of the
// transparent index. Pillow's convert("RGB") keeps both.
package gif

import (
	"bytes"
	"compress/lzw"
	"errors"
	"fmt"
	"io"

	"cradio/radio/image/internal/raster"
)

var errTruncated = errors.New("the file is truncated")

// Decode reads the first frame.
func Decode(data []byte, maxPixels int64) (*raster.RGB, error) {
	r := &reader{data: data}
	f, err := r.firstFrame()
	if err != nil {
		return nil, err
	}
	// A frame beyond the screen enlarges it.
	w, h := max(r.screenW, f.x+f.w), max(r.screenH, f.y+f.h)
	if err := raster.Check(w, h, maxPixels); err != nil {
		return nil, err
	}
	if f.w == 0 || f.h == 0 {
		return nil, fmt.Errorf("the first frame is %d x %d pixels (width x height): want at least 1 x 1", f.w, f.h)
	}
	indices, err := f.decode(r)
	if err != nil {
		return nil, err
	}
	out, err := raster.New(w, h, maxPixels)
	if err != nil {
		return nil, err
	}
	f.paint(out, indices)
	return out, nil
}

// frame is an image descriptor, with the data of its graphic control extension.
type frame struct {
	x, y, w, h  int
	interlaced  bool
	palette     []byte // 3 bytes an entry, nil for grey levels
	transparent int    // index, -1 for none
	codeBits    int
}

// decode reads the frame's (h, w) indices, top row first.
func (f *frame) decode(r *reader) ([]byte, error) {
	if f.codeBits < 2 || f.codeBits > 8 {
		return nil, fmt.Errorf("LZW codes of %d bits: want 2 to 8", f.codeBits)
	}
	blocks, err := r.blocks()
	if err != nil {
		return nil, err
	}
	// A code stands for at most 4096 pixels, and has at least 3 bits.
	if int64(f.w)*int64(f.h) > int64(len(blocks))*8/3*4096 {
		return nil, fmt.Errorf("%w: %d bytes cannot hold %d x %d pixels (width x height)", errTruncated, len(blocks), f.w, f.h)
	}
	indices := make([]byte, f.w*f.h)
	lz := lzw.NewReader(bytes.NewReader(blocks), lzw.LSB, f.codeBits)
	defer lz.Close()
	if n, err := io.ReadFull(lz, indices); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, fmt.Errorf("%w: the first frame has %d of its %d pixels", errTruncated, n, len(indices))
		}
		return nil, err
	}
	return indices, nil
}

// paint writes the frame, and the screen around it.
func (f *frame) paint(out *raster.RGB, indices []byte) {
	var colors [256][3]uint8
	for i := range colors {
		if f.palette == nil {
			colors[i] = [3]uint8{uint8(i), uint8(i), uint8(i)}
		} else if 3*i+3 <= len(f.palette) {
			colors[i] = [3]uint8(f.palette[3*i:])
		}
	}
	if f.transparent >= 0 {
		out.Alpha = make([]uint8, out.W*out.H)
	}
	set := func(i int, index byte) {
		c := colors[index]
		out.Set(i, c[0], c[1], c[2])
		switch {
		case out.Alpha == nil:
		case int(index) == f.transparent:
			out.Alpha[i] = 0
		default:
			out.Alpha[i] = 255
		}
	}
	background := byte(max(f.transparent, 0))
	for i := range out.W * out.H {
		set(i, background)
	}
	for i, y := range f.rows() {
		for x, index := range indices[i*f.w:][:f.w] {
			set((f.y+y)*out.W+f.x+x, index)
		}
	}
}

// rows returns the order of the frame's rows in the file.
func (f *frame) rows() []int {
	rows := make([]int, 0, f.h)
	passes := [][2]int{{0, 1}}
	if f.interlaced {
		passes = [][2]int{{0, 8}, {4, 8}, {2, 4}, {1, 2}}
	}
	for _, p := range passes {
		for y := p[0]; y < f.h; y += p[1] {
			rows = append(rows, y)
		}
	}
	return rows
}
