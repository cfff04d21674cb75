package jpeg

import (
	"cradio/radio/image/internal/kernel"
	"cradio/radio/image/internal/raster"
)

// colors converts a row of all components to RGB.
type colors func(dst []uint8, rows [][]uint8)

// converter selects the conversion of a row. It guesses the colour space as libjpeg does
// (default_decompress_parms in jdapimin.c).
func (d *decoder) converter() colors {
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

func grayRow(dst []uint8, rows [][]uint8) { kernel.Best.Gray(dst, rows[0]) }

func rgbRow(dst []uint8, rows [][]uint8) {
	for x, r := range rows[0] {
		dst[3*x], dst[3*x+1], dst[3*x+2] = r, rows[1][x], rows[2][x]
	}
}

func yccRow(dst []uint8, rows [][]uint8) { kernel.Best.JPEGColors(dst, rows[0], rows[1], rows[2]) }

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

// ycckRow is YCCK, also as Adobe stores it: YCbCr of the ink, with inverted black.
func ycckRow(dst []uint8, rows [][]uint8) {
	for x, v := range rows[0] {
		c, m, y := kernel.JPEGColor(v, rows[1][x], rows[2][x])
		dst[3*x], dst[3*x+1], dst[3*x+2] = raster.FromCMYK(c, m, y, 255-rows[3][x])
	}
}
