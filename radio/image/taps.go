package image

import (
	"fmt"
	"math"

	"cradio/radio/image/internal/kernel"
)

// maxTaps is the limit of the weights of one pass: 512 MB, and as much again for assembly.
const maxTaps = 1 << 27

// newTaps follows precompute_coeffs and normalize_coeffs_8bpc (Resample.c).
func newTaps(in, out int, f Filter) (*kernel.Taps, error) {
	weight, support := f.kernel()
	scale := float64(in) / float64(out)
	widen := max(1, scale)
	support *= widen
	size := int(math.Ceil(support))*2 + 1
	if int64(size)*int64(out) > maxTaps {
		return nil, fmt.Errorf("resize %d to %d: needs %d filter weights, want at most %d; resize in steps", in, out, int64(size)*int64(out), maxTaps)
	}
	t := &kernel.Taps{Size: size, Start: make([]int, out), Count: make([]int, out), Weights: make([]int32, out*size)}
	inverse := 1 / widen
	weights := make([]float64, size)
	for i := range t.Start {
		center := float64((float64(i) + 0.5) * scale)
		lo := max(0, int(center-support+0.5))
		n := min(in, int(center+support+0.5)) - lo
		sum := 0.0
		for j := 0; j < n; j++ {
			w := weight(float64((float64(j+lo) - center + 0.5) * inverse))
			weights[j] = w
			sum += w
		}
		t.Start[i], t.Count[i] = lo, n
		for j, w := range weights[:n] {
			if sum != 0 {
				w /= sum
			}
			t.Weights[i*size+j] = int32(math.Copysign(0.5, w) + float64(w*(1<<kernel.PrecisionBits)))
		}
	}
	t.Pack()
	return t, nil
}
