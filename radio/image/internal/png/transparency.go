package png

import "cradio/radio/image/internal/raster"

// finish converts a palette's indices to colours, and applies tRNS. It runs last, since Pillow also
// uses a tRNS chunk after the pixels.
func (f *file) finish(out *raster.RGB) {
	switch f.kind {
	case typePalette:
		f.paint(out)
	case typeGray, typeRGB:
		f.applyKey(out)
	}
}

// paint converts the indices, which are in the alpha plane, to colours. Indices beyond the palette
// are black.
func (f *file) paint(out *raster.RGB) {
	var table [256][4]uint8
	opaque := true
	for i := range table {
		table[i][3] = 255
		if 3*i+3 <= len(f.palette) {
			copy(table[i][:3], f.palette[3*i:])
		}
		if i < len(f.transparency) {
			table[i][3] = f.transparency[i]
			opaque = opaque && table[i][3] == 255
		}
	}
	for i, index := range out.Alpha {
		c := table[index]
		out.Set(i, c[0], c[1], c[2])
		out.Alpha[i] = c[3]
	}
	if opaque {
		out.Alpha = nil
	}
}

// applyKey makes pixels of the tRNS colour transparent. Like Pillow, it compares the converted 8-bit
// pixel with the low byte of the file's key, without scaling.
func (f *file) applyKey(out *raster.RGB) {
	key := f.transparency
	if key == nil {
		return
	}
	r, g, b := key[1], key[1], key[1]
	switch {
	case f.kind == typeRGB:
		g, b = key[3], key[5]
	case f.depth == 1 && (key[0] != 0 || key[1] != 0):
		r, g, b = 255, 255, 255
	}
	out.AddAlpha()
	for i := range out.Alpha {
		if p := out.Pix[3*i:]; p[0] == r && p[1] == g && p[2] == b {
			out.Alpha[i] = 0
		}
	}
}
