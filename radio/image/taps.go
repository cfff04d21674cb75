package image

import (
	"fmt"
	"math"
	"runtime"
	"sync"
)

const (
	precisionBits = 32 - 8 - 2 // Pillow's: 8 bits of result, 2 for overshoot
	half          = int32(1) << (precisionBits - 1)
	maxTaps       = 1 << 27 // bounds the weights of one pass: 512 MB
)

// taps are one pass's weights: output i is the weighted sum of inputs
// start[i] … start[i]+count[i]-1, with weights[i*size:] in 10.22 fixed point.
type taps struct {
	size         int
	start, count []int
	weights      []int32
}

// newTaps follows precompute_coeffs and normalize_coeffs_8bpc (Resample.c).
func newTaps(in, out int, f Filter) (*taps, error) {
	kernel, support := f.kernel()
	scale := float64(in) / float64(out)
	widen := max(1, scale)
	support *= widen
	size := int(math.Ceil(support))*2 + 1
	if int64(size)*int64(out) > maxTaps {
		return nil, fmt.Errorf("resize %d to %d: needs %d filter weights, more than %d; resize in steps", in, out, int64(size)*int64(out), maxTaps)
	}
	t := &taps{size: size, start: make([]int, out), count: make([]int, out), weights: make([]int32, out*size)}
	inverse := 1 / widen
	weights := make([]float64, size)
	for i := range t.start {
		center := float64((float64(i) + 0.5) * scale)
		lo := max(0, int(center-support+0.5))
		n := min(in, int(center+support+0.5)) - lo
		sum := 0.0
		for j := 0; j < n; j++ {
			w := kernel(float64((float64(j+lo) - center + 0.5) * inverse))
			weights[j] = w
			sum += w
		}
		t.start[i], t.count[i] = lo, n
		for j, w := range weights[:n] {
			if sum != 0 {
				w /= sum
			}
			t.weights[i*size+j] = int32(math.Copysign(0.5, w) + float64(w*(1<<precisionBits)))
		}
	}
	return t, nil
}

// span is the range of inputs that any output uses.
func (t *taps) span() (first, last int) {
	n := len(t.start) - 1
	return t.start[0], t.start[n] + t.count[n]
}

// shift moves every output's inputs by d.
func (t *taps) shift(d int) {
	for i := range t.start {
		t.start[i] += d
	}
}

// clip8 takes the integer part of a 10.22 sum, clamped to a byte.
func clip8(v int32) uint8 {
	return uint8(min(max(v>>precisionBits, 0), 255))
}

// parallelBands splits n rows into one band a core and calls band(first, end) for each. Rows are
// independent, so the result does not depend on how many cores there are.
func parallelBands(n int, band func(first, end int)) {
	bands := min(n, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for i := range bands {
		wg.Go(func() { band(n*i/bands, n*(i+1)/bands) })
	}
	wg.Wait()
}
