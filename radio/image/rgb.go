package image

import (
	stdimage "image"
	"image/color"

	"cradio/radio/image/internal/raster"
)

// RGB is a decoded picture: Pix holds (H, W, 3) bytes, red first.
//
// Alpha is (H, W), or nil for a picture without transparency. Pix is never premultiplied, so
// Pix alone is Pillow's convert("RGB"); Processor.Process composes the two on white, as
// CLIPImageProcessor does. Set Alpha to nil to ignore transparency.
type RGB struct {
	Pix   []uint8
	H, W  int
	Alpha []uint8
}

func newRGB(h, w int) *RGB { return &RGB{Pix: make([]uint8, 3*h*w), H: h, W: w} }

// FromImage copies a Go picture that is already in memory. Premultiplied colours are divided by
// their alpha again, 16-bit ones keep their high byte, and YCbCr goes through Go's own colour
// conversion; use Decode on the file's bytes for Pillow's.
func FromImage(m stdimage.Image) *RGB {
	b := m.Bounds()
	out := newRGB(b.Dy(), b.Dx())
	alpha := make([]uint8, b.Dx()*b.Dy())
	opaque, i := true, 0
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, b, a := straight(m.At(x, y))
			(*raster.RGB)(out).Set(i, r, g, b)
			alpha[i] = a
			opaque = opaque && a == 255
			i++
		}
	}
	if !opaque {
		out.Alpha = alpha
	}
	return out
}

// straight is c without premultiplication, 8 bits a channel.
func straight(c color.Color) (r, g, b, a uint8) {
	switch c := c.(type) {
	case color.NRGBA:
		return c.R, c.G, c.B, c.A
	case color.NRGBA64:
		return uint8(c.R >> 8), uint8(c.G >> 8), uint8(c.B >> 8), uint8(c.A >> 8)
	case color.NYCbCrA:
		r, g, b = color.YCbCrToRGB(c.Y, c.Cb, c.Cr)
		return r, g, b, c.A
	}
	n := color.NRGBA64Model.Convert(c).(color.NRGBA64)
	return uint8(n.R >> 8), uint8(n.G >> 8), uint8(n.B >> 8), uint8(n.A >> 8)
}

// onWhite lays the picture on white with Pillow's alpha_composite arithmetic (AlphaComposite.c):
// 8.7 fixed point, rounded division by 255. The result is opaque.
func (m *RGB) onWhite() *RGB {
	if m.Alpha == nil {
		return m
	}
	const bits = 7
	out := newRGB(m.H, m.W)
	for i, a := range m.Alpha {
		// The background is opaque, so the result's alpha is 255 and the blend weights sum to 255.
		src := uint32(a) << bits
		white := 255 * (255<<bits - src)
		for c := 3 * i; c < 3*i+3; c++ {
			v := uint32(m.Pix[c])*src + white + 0x80<<bits
			out.Pix[c] = uint8((v>>8 + v) >> 8 >> bits)
		}
	}
	return out
}
