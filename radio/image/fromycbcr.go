package image

import (
	stdimage "image"

	"cradio/radio/image/internal/kernel"
)

// yccRows converts the rows of a Go YCbCr image as color.YCbCrToRGB does. Chroma samples are
// repeated. withAlpha is the image if it has alpha, else nil.
func yccRows(m *stdimage.YCbCr, withAlpha *stdimage.NYCbCrA) goRow {
	x0, w := m.Rect.Min.X, m.Rect.Dx()
	spread := chromaSpread(m)
	var cb, cr []uint8
	if spread != nil {
		cb, cr = make([]uint8, w), make([]uint8, w)
	}
	last := -1
	return func(dst, alpha []uint8, y int) bool {
		at := m.COffset(x0, y)
		if spread == nil {
			cb, cr = m.Cb[at:][:w], m.Cr[at:][:w]
		} else if at != last {
			last = at
			spread(cb, m.Cb[at:])
			spread(cr, m.Cr[at:])
		}
		kernel.Best.GoColors(dst, m.Y[m.YOffset(x0, y):][:w], cb, cr)
		if withAlpha == nil {
			return true
		}
		all := uint8(255)
		a := withAlpha.A[withAlpha.AOffset(x0, y):][:w]
		for _, v := range a {
			all &= v
		}
		copy(alpha, a)
		return all == 255
	}
}

// chromaSpread returns a function that repeats a row's chroma samples to the width of the image. It
// is nil if there is one sample per pixel.
func chromaSpread(m *stdimage.YCbCr) func(dst, src []uint8) {
	ratio := 1
	switch m.SubsampleRatio {
	case stdimage.YCbCrSubsampleRatio422, stdimage.YCbCrSubsampleRatio420:
		ratio = 2
	case stdimage.YCbCrSubsampleRatio411, stdimage.YCbCrSubsampleRatio410:
		ratio = 4
	default:
		return nil
	}
	x0 := m.Rect.Min.X
	if ratio == 2 && x0 >= 0 && x0%2 == 0 {
		return kernel.Best.Double
	}
	return func(dst, src []uint8) {
		for x := range dst {
			dst[x] = src[(x0+x)/ratio-x0/ratio] // as in image.YCbCr.COffset, which rounds towards zero
		}
	}
}
