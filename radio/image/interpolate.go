package image

import "cradio/radio/image/internal/kernel"

// Interpolate resizes planes (3, h, w) of float32 to (3, oh, ow), like PyTorch's
// F.interpolate(mode="bilinear", align_corners=False). It uses two neighbours in each direction,
// without antialiasing. RADIO's README resizes images to a supported size in this way.
func Interpolate(dst []float32, oh, ow int, src []float32, h, w int) {
	rows, cols := neighbours(h, oh), neighbours(w, ow)
	kernel.Bands(oh, func(y, end int) {
		for ; y < end; y++ {
			for c := range 3 {
				top := src[(c*h+rows[y].first)*w:][:w]
				bottom := src[(c*h+rows[y].second)*w:][:w]
				out := dst[(c*oh+y)*ow:][:ow]
				for x, n := range cols {
					a := float32(n.keep*top[n.first]) + float32(n.move*top[n.second])
					b := float32(n.keep*bottom[n.first]) + float32(n.move*bottom[n.second])
					out[x] = float32(rows[y].keep*a) + float32(rows[y].move*b)
				}
			}
		}
	})
}

// neighbour holds the two samples that an output sample depends on, and their weights.
type neighbour struct {
	first, second int
	keep, move    float32
}

// neighbours follows area_pixel_compute_source_index (ATen/native/UpSample.h), in float32.
func neighbours(in, out int) []neighbour {
	list := make([]neighbour, out)
	scale := float32(in) / float32(out)
	for i := range list {
		at := max(float32(scale*(float32(i)+0.5))-0.5, 0)
		first := min(int(at), in-1)
		move := min(max(at-float32(first), 0), 1)
		list[i] = neighbour{first, min(first+1, in-1), 1 - move, move}
	}
	return list
}
