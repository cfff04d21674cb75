package image

import (
	stdimage "image"
	"image/color"
	"slices"

	"cradio/radio/image/internal/kernel"
)

// FromImage copies a decoded Go image. Premultiplied colours are divided by alpha. 16-bit colours
// keep their high byte. YCbCr is converted as in Go's image/color, which differs slightly from
// Pillow: to get Pillow's colours, use Decode on the file.
//
// Types of package image are read row by row, on all cores. Other types are read through their At
// method.
func FromImage(m stdimage.Image) *RGB {
	b := m.Bounds()
	out := newRGB(b.Dy(), b.Dx())
	rows, known := goRows(m)
	bands := kernel.Bands
	if !known {
		bands = func(n int, band func(y, end int)) { band(0, n) } // its methods may not be safe for concurrent use
	}
	clear := make([]bool, out.H) // rows with at least one pixel that is not opaque
	bands(out.H, func(y, end int) {
		row := rows()
		for ; y < end; y++ {
			clear[y] = !row(out.Pix[3*y*out.W:][:3*out.W], nil, b.Min.Y+y)
		}
	})
	if !slices.Contains(clear, true) {
		return out
	}
	out.Alpha = make([]uint8, out.H*out.W)
	bands(out.H, func(y, end int) {
		row := rows()
		for ; y < end; y++ {
			row(out.Pix[3*y*out.W:][:3*out.W], out.Alpha[y*out.W:][:out.W], b.Min.Y+y)
		}
	})
	return out
}

// goRow converts row y of a Go image to RGB, and reports whether the whole row is opaque. It writes
// alpha if there is space for it.
type goRow func(dst, alpha []uint8, y int) (opaque bool)

// goRows returns a converter of an image's rows. Each goroutine needs its own. The second result
// reports whether the image has a known type.
func goRows(m stdimage.Image) (rows func() goRow, known bool) {
	x0 := m.Bounds().Min.X
	shared := func(r goRow) func() goRow { return func() goRow { return r } }
	switch m := m.(type) {
	case *stdimage.YCbCr:
		return func() goRow { return yccRows(m, nil) }, true
	case *stdimage.NYCbCrA:
		return func() goRow { return yccRows(&m.YCbCr, m) }, true
	case *stdimage.Gray:
		return shared(func(dst, _ []uint8, y int) bool {
			kernel.Best.Gray(dst, m.Pix[m.PixOffset(x0, y):][:len(dst)/3])
			return true
		}), true
	case *stdimage.Gray16:
		return shared(func(dst, _ []uint8, y int) bool { return gray16Row(dst, m.Pix[m.PixOffset(x0, y):]) }), true
	case *stdimage.NRGBA:
		return shared(func(dst, alpha []uint8, y int) bool { return nrgbaRow(dst, alpha, m.Pix[m.PixOffset(x0, y):]) }), true
	case *stdimage.NRGBA64:
		return shared(func(dst, alpha []uint8, y int) bool { return nrgba64Row(dst, alpha, m.Pix[m.PixOffset(x0, y):]) }), true
	case *stdimage.RGBA:
		return shared(func(dst, alpha []uint8, y int) bool { return rgbaRow(dst, alpha, m.Pix[m.PixOffset(x0, y):]) }), true
	case *stdimage.RGBA64:
		return shared(func(dst, alpha []uint8, y int) bool { return rgba64Row(dst, alpha, m.Pix[m.PixOffset(x0, y):]) }), true
	case *stdimage.CMYK:
		return shared(func(dst, _ []uint8, y int) bool { return cmykRow(dst, m.Pix[m.PixOffset(x0, y):]) }), true
	case *stdimage.Paletted:
		colors := paletteColors(m.Palette)
		return shared(func(dst, alpha []uint8, y int) bool {
			return palettedRow(dst, alpha, m.Pix[m.PixOffset(x0, y):], colors)
		}), true
	}
	return shared(func(dst, alpha []uint8, y int) bool { return anyRow(dst, alpha, m, x0, y) }), false
}

// anyRow calls the image's At method for each pixel.
func anyRow(dst, alpha []uint8, m stdimage.Image, x0, y int) bool {
	all := uint8(255)
	for x := range len(dst) / 3 {
		r, g, b, a := straight(m.At(x0+x, y))
		dst[3*x], dst[3*x+1], dst[3*x+2] = r, g, b
		all &= a
		if alpha != nil {
			alpha[x] = a
		}
	}
	return all == 255
}

// straight returns c without premultiplication, 8 bits per channel.
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

// gray16Row keeps the high byte, which comes first.
func gray16Row(dst, src []uint8) bool {
	n := len(dst) / 3
	for x, src := 0, src[:2*n]; x < n; x++ {
		d := dst[3*x : 3*x+3 : 3*x+3]
		d[0], d[1], d[2] = src[2*x], src[2*x], src[2*x]
	}
	return true
}

func nrgbaRow(dst, alpha, src []uint8) bool {
	for x := range alpha {
		alpha[x] = src[4*x+3]
	}
	return kernel.Best.Drop(dst, src) == 255
}

func nrgba64Row(dst, alpha, src []uint8) bool {
	all := uint8(255)
	n := len(dst) / 3
	for x, src := 0, src[:8*n]; x < n; x++ {
		s, d := src[8*x:8*x+8:8*x+8], dst[3*x:3*x+3:3*x+3]
		d[0], d[1], d[2] = s[0], s[2], s[4]
		all &= s[6]
	}
	for x := range alpha {
		alpha[x] = src[8*x+6]
	}
	return all == 255
}

// rgbaRow undoes the premultiplication with 16 bits per channel, as color.NRGBA64Model does.
func rgbaRow(dst, alpha, src []uint8) bool {
	if nrgbaRow(dst, alpha, src) {
		return true
	}
	for x := range len(dst) / 3 {
		if s := src[4*x : 4*x+4 : 4*x+4]; s[3] != 255 {
			a := 0x101 * uint32(s[3])
			for c, v := range s[:3] {
				dst[3*x+c] = unmultiply(0x101*uint32(v), a)
			}
		}
	}
	return false
}

func rgba64Row(dst, alpha, src []uint8) bool {
	all := uint8(255)
	n := len(dst) / 3
	for x, src := 0, src[:8*n]; x < n; x++ {
		s, d := src[8*x:8*x+8:8*x+8], dst[3*x:3*x+3:3*x+3]
		d[0], d[1], d[2] = s[0], s[2], s[4]
		if s[6] != 255 || s[7] != 255 {
			wide := func(i int) uint32 { return uint32(s[i])<<8 | uint32(s[i+1]) }
			a := wide(6)
			d[0], d[1], d[2] = unmultiply(wide(0), a), unmultiply(wide(2), a), unmultiply(wide(4), a)
		}
		all &= s[6]
	}
	for x := range alpha {
		alpha[x] = src[8*x+6]
	}
	return all == 255
}

// unmultiply divides a 16-bit channel by alpha and keeps the high byte.
func unmultiply(v, a uint32) uint8 {
	if a == 0 {
		return 0
	}
	return uint8(v * 0xFFFF / a >> 8)
}

func cmykRow(dst, src []uint8) bool {
	n := len(dst) / 3
	for x, src := 0, src[:4*n]; x < n; x++ {
		s, d := src[4*x:4*x+4:4*x+4], dst[3*x:3*x+3:3*x+3]
		light := 0xFFFF - 0x101*uint32(s[3])
		for c := range d {
			d[c] = uint8((0xFFFF - 0x101*uint32(s[c])) * light / 0xFFFF >> 8)
		}
	}
	return true
}

// paletteColors returns a palette's colours, without premultiplication. Missing colours are black.
func paletteColors(p color.Palette) *[256][4]uint8 {
	colors := new([256][4]uint8)
	for i := range colors {
		colors[i][3] = 255
		if i < len(p) && p[i] != nil {
			r, g, b, a := straight(p[i])
			colors[i] = [4]uint8{r, g, b, a}
		}
	}
	return colors
}

func palettedRow(dst, alpha, src []uint8, colors *[256][4]uint8) bool {
	all := uint8(255)
	for x, i := range src[:len(dst)/3] {
		c, d := &colors[i], dst[3*x:3*x+3:3*x+3]
		d[0], d[1], d[2] = c[0], c[1], c[2]
		all &= c[3]
		if alpha != nil {
			alpha[x] = c[3]
		}
	}
	return all == 255
}
