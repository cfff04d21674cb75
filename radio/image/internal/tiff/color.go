package tiff

import "cradio/radio/image/internal/raster"

// converter converts samples to a pixel.
func (l *layout) converter() func(v []uint8) (r, g, b, a uint8) {
	alpha, premultiplied := l.hasAlpha()
	at := l.colors()
	opacity := func(v []uint8) uint8 {
		if alpha {
			return v[at]
		}
		return 255
	}
	switch l.photometric {
	case photoPalette:
		table := l.table()
		return func(v []uint8) (r, g, b, a uint8) {
			c := table[v[0]]
			return c[0], c[1], c[2], opacity(v)
		}
	case photoRGB:
		return func(v []uint8) (r, g, b, a uint8) {
			if a = opacity(v); premultiplied && a != 255 {
				return divide(v[0], a), divide(v[1], a), divide(v[2], a), a
			}
			return v[0], v[1], v[2], a
		}
	case photoCMYK:
		return func(v []uint8) (r, g, b, a uint8) {
			r, g, b = raster.FromCMYK(v[0], v[1], v[2], v[3])
			return r, g, b, 255
		}
	}
	scale := uint8(1)
	if l.bits < 8 {
		scale = 255 / (1<<l.bits - 1)
	}
	return func(v []uint8) (r, g, b, a uint8) {
		gray := v[0] * scale
		if l.photometric == minisWhite {
			gray = 255 - gray
		}
		return gray, gray, gray, opacity(v)
	}
}

// divide undoes premultiplication and rounds down (unpackRGBa in Unpack.c).
func divide(v, alpha uint8) uint8 {
	if alpha == 0 {
		return 0
	}
	return uint8(min(int(v)*255/int(alpha), 255))
}

// table returns the high bytes of the colour map. The map holds all reds, then all greens, then all
// blues.
func (l *layout) table() (table [256][3]uint8) {
	n := len(l.palette) / 3
	for i := range n {
		for c := range 3 {
			table[i][c] = uint8(l.palette[c*n+i] / 256)
		}
	}
	return table
}
