package webp

import (
	"bytes"
	"errors"
	"fmt"
	"image"

	"golang.org/x/image/vp8"
	"golang.org/x/image/vp8l"

	"cradio/radio/image/internal/raster"
)

// Decode reads a WebP file; of an animation, its first frame on its canvas.
func Decode(data []byte, maxPixels int64) (*raster.RGB, error) {
	list, err := riff(data)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errors.New("no chunks")
	}
	if list[0].id != "VP8X" {
		return decodeFrame(list[:1], header{}, maxPixels)
	}
	h, err := readHeader(list[0].data)
	if err != nil {
		return nil, err
	}
	if err := raster.Check(h.w, h.h, maxPixels); err != nil {
		return nil, err
	}
	if h.animation {
		return decodeAnimation(list[1:], h, maxPixels)
	}
	return decodeFrame(list[1:], h, maxPixels)
}

// decodeFrame decodes the first VP8 or VP8L chunk, with the ALPH chunk before it. Where the
// header gives a size, the frame must have it.
func decodeFrame(list []chunk, h header, maxPixels int64) (*raster.RGB, error) {
	var alpha []byte
	for _, c := range list {
		switch c.id {
		case "ALPH":
			if alpha == nil && h.alpha {
				alpha = c.data
			}
		case "VP8 ":
			return decodeLossy(c.data, alpha, h, maxPixels)
		case "VP8L":
			return decodeLossless(c.data, h, maxPixels)
		}
	}
	return nil, errors.New("no image in the file: want a VP8 or VP8L chunk")
}

// frameSize checks a frame's size against the container's and the limit.
func frameSize(w, h int, want header, maxPixels int64) error {
	if want.w != 0 && (w != want.w || h != want.h) {
		return fmt.Errorf("the frame is %d x %d pixels (width x height), the container says %d x %d", w, h, want.w, want.h)
	}
	return raster.Check(w, h, maxPixels)
}

func decodeLossy(data, alpha []byte, want header, maxPixels int64) (*raster.RGB, error) {
	d := vp8.NewDecoder()
	d.Init(bytes.NewReader(data), len(data))
	fh, err := d.DecodeFrameHeader()
	if err != nil {
		return nil, err
	}
	if err := frameSize(fh.Width, fh.Height, want, maxPixels); err != nil {
		return nil, err
	}
	if !fh.KeyFrame {
		return nil, errors.New("the frame is not a key frame")
	}
	yuv, err := d.DecodeFrame()
	if err != nil {
		return nil, err
	}
	out, err := raster.New(fh.Width, fh.Height, maxPixels)
	if err != nil {
		return nil, err
	}
	paint(out, yuv)
	if alpha != nil {
		if out.Alpha, err = decodeAlpha(alpha, out.W, out.H); err != nil {
			return nil, fmt.Errorf("alpha: %w", err)
		}
	}
	return out, nil
}

func decodeLossless(data []byte, want header, maxPixels int64) (*raster.RGB, error) {
	config, err := vp8l.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if err := frameSize(config.Width, config.Height, want, maxPixels); err != nil {
		return nil, err
	}
	m, err := vp8l.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	out, err := raster.New(config.Width, config.Height, maxPixels)
	if err != nil {
		return nil, err
	}
	const alphaIsUsed = 1 << 4 // bit 28 of the header's 32 after the signature byte
	if data[4]&alphaIsUsed != 0 {
		out.AddAlpha()
	}
	pix := m.(*image.NRGBA).Pix // vp8l's documented result
	for i := range out.W * out.H {
		out.Set(i, pix[4*i], pix[4*i+1], pix[4*i+2])
		if out.Alpha != nil {
			out.Alpha[i] = pix[4*i+3]
		}
	}
	return out, nil
}

// decodeAnimation puts the first frame on its transparent black canvas.
func decodeAnimation(list []chunk, h header, maxPixels int64) (*raster.RGB, error) {
	for _, c := range list {
		if c.id != "ANMF" {
			continue
		}
		if len(c.data) < 16 {
			return nil, fmt.Errorf("ANMF chunk of %d bytes: want at least 16", len(c.data))
		}
		x, y := 2*uint24(c.data), 2*uint24(c.data[3:])
		size := header{w: 1 + uint24(c.data[6:]), h: 1 + uint24(c.data[9:]), alpha: true}
		if x+size.w > h.w || y+size.h > h.h {
			return nil, fmt.Errorf("the first frame, %d x %d pixels (width x height) at (%d, %d), leaves the canvas of %d x %d", size.w, size.h, x, y, h.w, h.h)
		}
		parts, err := chunks(c.data[16:])
		if err != nil {
			return nil, err
		}
		frame, err := decodeFrame(parts, size, maxPixels)
		if err != nil {
			return nil, err
		}
		return compose(frame, x, y, h, maxPixels)
	}
	return nil, errors.New("the animation has no frames")
}

func compose(frame *raster.RGB, x, y int, h header, maxPixels int64) (*raster.RGB, error) {
	out, err := raster.New(h.w, h.h, maxPixels)
	if err != nil {
		return nil, err
	}
	if h.alpha {
		out.Alpha = make([]uint8, out.W*out.H)
		if frame.Alpha == nil {
			frame.AddAlpha()
		}
	}
	for row := range frame.H {
		from, to := row*frame.W, (y+row)*out.W+x
		copy(out.Pix[3*to:], frame.Pix[3*from:][:3*frame.W])
		if h.alpha {
			copy(out.Alpha[to:], frame.Alpha[from:][:frame.W])
		}
	}
	return out, nil
}
