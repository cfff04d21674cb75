package jpeg

import "cradio/radio/image/internal/raster"

// Contributions of Cb and Cr to red, green and blue: 16-bit fixed point, rounded as in
// jdcolor.c. Green's two parts keep their fraction until they are added.
var crRed, cbBlue, crGreen, cbGreen = chromaTables()

func chromaTables() (crR, cbB, crG, cbG [256]int32) {
	const round = 1 << 15
	for i := range int32(256) {
		x := i - 128
		crR[i] = (91881*x + round) >> 16  // 1.40200
		cbB[i] = (116130*x + round) >> 16 // 1.77200
		crG[i] = -46802 * x               // 0.71414
		cbG[i] = -22554*x + round         // 0.34414
	}
	return
}

func ycc(y, cb, cr uint8) (r, g, b uint8) {
	v := int32(y)
	return clamp(v + crRed[cr]), clamp(v + (cbGreen[cb]+crGreen[cr])>>16), clamp(v + cbBlue[cb])
}

// paint upsamples the components and converts them to RGB.
func (d *decoder) paint(out *raster.RGB) {
	f := d.frame
	ups := make([]*upsampler, len(f.components))
	for i := range ups {
		ups[i] = f.upsampler(&f.components[i])
	}
	rows := make([][]uint8, len(ups))
	convert := d.converter()
	for y := range f.h {
		for i, u := range ups {
			rows[i] = u.row(y)[:f.w]
		}
		convert(out.Pix[3*y*f.w:][:3*f.w], rows)
	}
}

// converter picks the conversion of a row, with libjpeg's guesses of what the components mean
// (default_decompress_parms in jdapimin.c).
func (d *decoder) converter() func(dst []uint8, rows [][]uint8) {
	switch n := len(d.frame.components); {
	case n == 1:
		return grayRow
	case n == 3 && d.isRGB():
		return rgbRow
	case n == 3:
		return yccRow
	case d.space == CMYK:
		return cmykRow
	case d.adobe && d.adobeTransform != 0:
		return ycckRow
	}
	return invertedRow
}

func (d *decoder) isRGB() bool {
	c := d.frame.components
	switch {
	case d.space != 0:
		return d.space == RGB
	case d.jfif:
		return false
	case d.adobe:
		return d.adobeTransform == 0
	}
	return c[0].id == 'R' && c[1].id == 'G' && c[2].id == 'B'
}

func grayRow(dst []uint8, rows [][]uint8) {
	for x, v := range rows[0] {
		dst[3*x], dst[3*x+1], dst[3*x+2] = v, v, v
	}
}

func rgbRow(dst []uint8, rows [][]uint8) {
	for x, r := range rows[0] {
		dst[3*x], dst[3*x+1], dst[3*x+2] = r, rows[1][x], rows[2][x]
	}
}

func yccRow(dst []uint8, rows [][]uint8) {
	cb, cr := rows[1], rows[2]
	for x, y := range rows[0] {
		dst[3*x], dst[3*x+1], dst[3*x+2] = ycc(y, cb[x], cr[x])
	}
}

func cmykRow(dst []uint8, rows [][]uint8) {
	for x, c := range rows[0] {
		dst[3*x], dst[3*x+1], dst[3*x+2] = raster.FromCMYK(c, rows[1][x], rows[2][x], rows[3][x])
	}
}

// invertedRow is CMYK as Adobe stores it and Pillow assumes: full ink is 0.
func invertedRow(dst []uint8, rows [][]uint8) {
	for x, c := range rows[0] {
		dst[3*x], dst[3*x+1], dst[3*x+2] = raster.FromCMYK(255-c, 255-rows[1][x], 255-rows[2][x], 255-rows[3][x])
	}
}

// ycckRow is YCCK, also Adobe's: YCbCr of the ink, whose black is stored inverted.
func ycckRow(dst []uint8, rows [][]uint8) {
	for x, v := range rows[0] {
		c, m, y := ycc(v, rows[1][x], rows[2][x])
		dst[3*x], dst[3*x+1], dst[3*x+2] = raster.FromCMYK(c, m, y, 255-rows[3][x])
	}
}
