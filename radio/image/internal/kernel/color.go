package kernel

// Contributions of Cb and Cr to red, green and blue: 16-bit fixed point, rounded as in jdcolor.c. The
// two contributions to green keep their fractions until they are added.
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

// JPEGColor converts one pixel as libjpeg does.
func JPEGColor(y, cb, cr uint8) (r, g, b uint8) {
	v := int32(y)
	return clamp(v + crRed[cr]), clamp(v + (cbGreen[cb]+crGreen[cr])>>16), clamp(v + cbBlue[cb])
}

func jpegColors(dst, y, cb, cr []uint8) {
	cb, cr, dst = cb[:len(y)], cr[:len(y)], dst[:3*len(y)]
	for x, v := range y {
		d := dst[3*x : 3*x+3 : 3*x+3]
		d[0], d[1], d[2] = JPEGColor(v, cb[x], cr[x])
	}
}

// goColors is color.YCbCrToRGB.
func goColors(dst, y, cb, cr []uint8) {
	cb, cr, dst = cb[:len(y)], cr[:len(y)], dst[:3*len(y)]
	for x, v := range y {
		luma := int32(v) * 0x10101
		b, r := int32(cb[x])-128, int32(cr[x])-128
		d := dst[3*x : 3*x+3 : 3*x+3]
		d[0] = clamp((luma + 91881*r) >> 16)
		d[1] = clamp((luma - 22554*b - 46802*r) >> 16)
		d[2] = clamp((luma + 116130*b) >> 16)
	}
}
