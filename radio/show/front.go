package show

import (
	"fmt"
	"math"
	"slices"
)

// front computes the foreground. It returns the tokens to exclude: those of the background, and
// those already excluded.
func front(images []Tokens, width int, opt BasisOptions) (*Front, [][]bool, error) {
	if !(opt.FrontAt >= 0 && opt.FrontAt < 1) {
		return nil, nil, fmt.Errorf("foreground: FrontAt is %v, must be at least 0 and below 1", opt.FrontAt)
	}
	leave := make([][]bool, len(images))
	for i, t := range images {
		leave[i] = t.Leave
	}
	c, err := components(images, leave, width, 1)
	if err != nil {
		return nil, nil, err
	}
	f := &Front{Mean: float32s(c.Mean), Axis: make([]float32, width)}
	for i := range width {
		f.Axis[i] = float32(c.Axes.At(i, 0))
	}
	var kept []float64
	scores := make([][]float64, len(images))
	for i, t := range images {
		scores[i] = along(t.Features, f.Mean, f.Axis)
		for k, v := range scores[i] {
			if leave[i] == nil || !leave[i][k] {
				kept = append(kept, v)
			}
		}
	}
	low, high := slices.Min(kept), slices.Max(kept)
	if low == high {
		return nil, nil, fmt.Errorf("foreground: all patches are equal, so there is no foreground")
	}
	if opt.FrontAt > 0 {
		f.Threshold = float32(low + opt.FrontAt*(high-low))
	} else {
		f.Threshold = float32(otsu(kept))
	}
	switch opt.Front {
	case High:
		f.Above = true
	case Low:
	case Auto:
		f.Above = edgeBelow(images, scores, float64(f.Threshold))
	default:
		return nil, nil, fmt.Errorf("foreground: side is %q, must be %s, %s or %s", opt.Front, Low, High, Auto)
	}
	out := make([][]bool, len(images))
	left := 0
	for i := range images {
		out[i] = make([]bool, len(scores[i]))
		for k, v := range scores[i] {
			out[i][k] = !f.inside(v) || leave[i] != nil && leave[i][k]
			if !out[i][k] {
				left++
			}
		}
	}
	if left == 0 {
		return nil, nil, fmt.Errorf("foreground: no patch is on the %s side of %v of the first component; choose the other side, or another threshold", opt.Front, f.Threshold)
	}
	return f, out, nil
}

// otsu returns the threshold that divides values into two groups with the least variance within
// them (Otsu 1979, without a histogram). If all values are equal, it returns that value.
func otsu(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	total := 0.0
	for _, v := range sorted {
		total += v
	}
	n := float64(len(sorted))
	best, at, below := math.Inf(-1), sorted[0], 0.0
	for i, v := range sorted[:len(sorted)-1] {
		below += v
		if v == sorted[i+1] {
			continue
		}
		k := float64(i + 1)
		apart := below/k - (total-below)/(n-k)
		if between := k * (n - k) * apart * apart; between > best {
			best, at = between, (v+sorted[i+1])/2
		}
	}
	return at
}

// edgeBelow reports whether the tokens below the threshold have the larger fraction at the edges
// of the images.
func edgeBelow(images []Tokens, scores [][]float64, threshold float64) bool {
	var edge, all [2]float64 // below, above
	for i, t := range images {
		for k, v := range scores[i] {
			side := 0
			if v > threshold {
				side = 1
			}
			all[side]++
			if y, x := k/t.Cols, k%t.Cols; y == 0 || x == 0 || y == t.Rows-1 || x == t.Cols-1 {
				edge[side]++
			}
		}
	}
	return edge[0]*all[1] >= edge[1]*all[0]
}
