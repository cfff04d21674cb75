package webp

import (
	"image"

	"cradio/radio/image/internal/raster"
)

// paint converts a decoded VP8 frame with libwebp's "fancy" upsampling (dsp/upsampling.c). Each chroma
// value is 9/16, 3/16, 3/16 and 1/16 of the four samples around it. Edges are repeated, and
// intermediate results are rounded as in libwebp.
func paint(out *raster.RGB, m *image.YCbCr) {
	last := (out.H - 1) / 2
	u, v := make([]uint8, out.W), make([]uint8, out.W)
	for y := range out.H {
		near := y / 2
		far := min(max(near-1+y%2*2, 0), last)
		upsample(u, m.Cb[near*m.CStride:], m.Cb[far*m.CStride:])
		upsample(v, m.Cr[near*m.CStride:], m.Cr[far*m.CStride:])
		luma := m.Y[y*m.YStride:]
		for x := range out.W {
			r, g, b := rgb(int(luma[x]), int(u[x]), int(v[x]))
			out.Set(y*out.W+x, r, g, b)
		}
	}
}

// upsample computes one row of len(dst) values from the nearer and the further chroma row.
func upsample(dst, near, far []uint8) {
	edge := func(i int) uint8 { return uint8((3*int(near[i]) + int(far[i]) + 2) >> 2) }
	dst[0] = edge(0)
	x := 1
	for ; 2*x < len(dst); x++ {
		nl, nr, fl, fr := int(near[x-1]), int(near[x]), int(far[x-1]), int(far[x])
		sum := nl + nr + fl + fr + 8
		dst[2*x-1] = uint8(((sum+2*(nr+fl))>>3 + nl) >> 1)
		dst[2*x] = uint8(((sum+2*(nl+fr))>>3 + nr) >> 1)
	}
	if len(dst)%2 == 0 {
		dst[len(dst)-1] = edge(x - 1)
	}
}

// rgb is BT.601 in studio range, 14-bit fixed point (dsp/yuv.h).
func rgb(y, u, v int) (r, g, b uint8) {
	light := y * 19077 >> 8
	return clip(light + v*26149>>8 - 14234),
		clip(light - u*6419>>8 - v*13320>>8 + 8708),
		clip(light + u*33050>>8 - 17685)
}

func clip(v int) uint8 { return uint8(min(max(v>>6, 0), 255)) }
