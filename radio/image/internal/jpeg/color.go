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

// paint upsamples the components and converts them to RGB, with libjpeg's guesses of what the
// components mean (default_decompress_parms in jdapimin.c).
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
			rows[i] = u.row(y)
		}
		for x := range f.w {
			r, g, b := convert(rows, x)
			out.Set(y*f.w+x, r, g, b)
		}
	}
}

func (d *decoder) converter() func(rows [][]uint8, x int) (r, g, b uint8) {
	switch c := d.frame.components; {
	case len(c) == 1:
		return func(p [][]uint8, x int) (r, g, b uint8) { return p[0][x], p[0][x], p[0][x] }
	case len(c) == 3 && d.isRGB():
		return func(p [][]uint8, x int) (r, g, b uint8) { return p[0][x], p[1][x], p[2][x] }
	case len(c) == 3:
		return func(p [][]uint8, x int) (r, g, b uint8) { return ycc(p[0][x], p[1][x], p[2][x]) }
	case d.adobe && d.adobeTransform != 0: // YCCK: YCbCr of the inverted ink
		return func(p [][]uint8, x int) (r, g, b uint8) {
			c, m, y := ycc(p[0][x], p[1][x], p[2][x])
			return raster.FromCMYK(c, m, y, 255-p[3][x])
		}
	}
	// Pillow assumes Adobe's convention: ink is stored inverted.
	return func(p [][]uint8, x int) (r, g, b uint8) {
		return raster.FromCMYK(255-p[0][x], 255-p[1][x], 255-p[2][x], 255-p[3][x])
	}
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
