package png

import "cradio/radio/image/internal/raster"

// setter writes n pixels of a row to out: the first at pixel at, then every step-th. 16-bit grey
// saturates at 255 (Pillow's I;16). Other 16-bit samples keep their high byte. Indices of a
// palette go to the alpha plane; finish converts them to colours.
func (f *file) setter(out *raster.RGB) func(row []byte, n, at, step int) {
	if f.depth < 8 {
		return f.smallSetter(out)
	}
	wide := int(f.depth) / 8
	switch f.kind {
	case typePalette:
		return func(row []byte, n, at, step int) {
			for i := range n {
				out.Alpha[at+i*step] = row[i]
			}
		}
	case typeGray:
		return func(row []byte, n, at, step int) {
			for i := range n {
				v := row[i*wide]
				if wide == 2 {
					v = saturate(row[i*2:])
				}
				out.Set(at+i*step, v, v, v)
			}
		}
	case typeGrayAlpha:
		return func(row []byte, n, at, step int) {
			for i := range n {
				p := row[2*wide*i:]
				out.Set(at+i*step, p[0], p[0], p[0])
				out.Alpha[at+i*step] = p[wide]
			}
		}
	case typeRGBA:
		return func(row []byte, n, at, step int) {
			for i := range n {
				p := row[4*wide*i:]
				out.Set(at+i*step, p[0], p[wide], p[2*wide])
				out.Alpha[at+i*step] = p[3*wide]
			}
		}
	}
	return func(row []byte, n, at, step int) {
		for i := range n {
			p := row[3*wide*i:]
			out.Set(at+i*step, p[0], p[wide], p[2*wide])
		}
	}
}

// smallSetter is setter for grey and palette of 1, 2 and 4 bits.
func (f *file) smallSetter(out *raster.RGB) func(row []byte, n, at, step int) {
	bits, mask := int(f.depth), byte(1)<<f.depth-1
	value := func(row []byte, i int) byte { return row[i*bits/8] >> (8 - bits - i*bits%8) & mask }
	if f.kind == typePalette {
		return func(row []byte, n, at, step int) {
			for i := range n {
				out.Alpha[at+i*step] = value(row, i)
			}
		}
	}
	scale := 255 / mask
	return func(row []byte, n, at, step int) {
		for i := range n {
			v := value(row, i) * scale
			out.Set(at+i*step, v, v, v)
		}
	}
}

// saturate converts Pillow's 16-bit grey (mode I;16) to 8 bits by clipping, without scaling (I16_RGB).
func saturate(p []byte) uint8 {
	if p[0] != 0 {
		return 255
	}
	return p[1]
}
