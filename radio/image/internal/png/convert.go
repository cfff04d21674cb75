package png

import (
	"fmt"
	"image"
	"image/color"

	"cradio/radio/image/internal/raster"
)

// convert takes the bytes of image/png's picture types. Its RGBA types are opaque here; its
// NRGBA types of grey and RGB files hold alpha from tRNS, which applyTransparency sets instead.
// gray says that the file is grey without alpha.
func convert(out *raster.RGB, m image.Image, gray bool) error {
	size := m.Bounds().Size()
	if size.X != out.W || size.Y != out.H {
		return fmt.Errorf("decoded to %d x %d pixels (width x height), the header says %d x %d", size.X, size.Y, out.W, out.H)
	}
	switch m := m.(type) {
	case *image.Gray:
		each(out, m.Pix, m.Stride, 1, func(p []uint8) (r, g, b, a uint8) { return p[0], p[0], p[0], 255 })
	case *image.Gray16:
		each(out, m.Pix, m.Stride, 2, func(p []uint8) (r, g, b, a uint8) {
			v := saturate(p)
			return v, v, v, 255
		})
	case *image.RGBA:
		each(out, m.Pix, m.Stride, 4, func(p []uint8) (r, g, b, a uint8) { return p[0], p[1], p[2], 255 })
	case *image.RGBA64:
		each(out, m.Pix, m.Stride, 8, func(p []uint8) (r, g, b, a uint8) { return p[0], p[2], p[4], 255 })
	case *image.NRGBA:
		out.AddAlpha()
		each(out, m.Pix, m.Stride, 4, func(p []uint8) (r, g, b, a uint8) { return p[0], p[1], p[2], p[3] })
	case *image.NRGBA64:
		out.AddAlpha()
		each(out, m.Pix, m.Stride, 8, func(p []uint8) (r, g, b, a uint8) {
			if gray {
				v := saturate(p)
				return v, v, v, p[6]
			}
			return p[0], p[2], p[4], p[6]
		})
	case *image.Paletted:
		table := paletteTable(m.Palette)
		opaque := true
		for _, c := range table {
			opaque = opaque && c.A == 255
		}
		if !opaque {
			out.AddAlpha()
		}
		each(out, m.Pix, m.Stride, 1, func(p []uint8) (r, g, b, a uint8) {
			c := table[p[0]]
			return c.R, c.G, c.B, c.A
		})
	default:
		return fmt.Errorf("picture type %T is not known", m)
	}
	return nil
}

// saturate is Pillow's 16-bit grey (mode I;16) made 8-bit: not scaled, clipped (I16_RGB).
func saturate(p []uint8) uint8 {
	if p[0] != 0 {
		return 255
	}
	return p[1]
}

// paletteTable is the palette without premultiplication; entries that the file lacks are black.
func paletteTable(p color.Palette) (table [256]color.NRGBA) {
	for i := range table {
		table[i].A = 255
	}
	for i, c := range p[:min(len(p), 256)] {
		table[i] = color.NRGBAModel.Convert(c).(color.NRGBA)
	}
	return table
}

// each writes every pixel of size bytes to out; the alpha only where out has a plane for it.
func each(out *raster.RGB, pix []uint8, stride, size int, pixel func(p []uint8) (r, g, b, a uint8)) {
	for y := range out.H {
		row := pix[y*stride:]
		for x := range out.W {
			i := y*out.W + x
			r, g, b, a := pixel(row[x*size : x*size+size : x*size+size])
			out.Set(i, r, g, b)
			if out.Alpha != nil {
				out.Alpha[i] = a
			}
		}
	}
}
