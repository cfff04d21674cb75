package bench

import (
	"math"
	"slices"
)

// Median is the middle of x, or the mean of the two in the middle; NaN of none.
func Median(x []float64) float64 { return Quantile(x, 0.5) }

// Quantile is where a fraction q of x lies below, between neighbours linearly; NaN
// of none.
func Quantile(x []float64, q float64) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(x))
	at := q * float64(len(s)-1)
	i := min(int(at), len(s)-1)
	j := min(i+1, len(s)-1)
	return s[i] + (at-float64(i))*(s[j]-s[i])
}

// Difference is how far two summaries are apart: the root of the mean square of
// their difference, over that of want. It is +Inf where their shapes differ.
func Difference(got, want [][]float32) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	var off, all float64
	for i := range want {
		if len(got[i]) != len(want[i]) {
			return math.Inf(1)
		}
		for j, w := range want[i] {
			d := float64(got[i][j]) - float64(w)
			off += d * d
			all += float64(w) * float64(w)
		}
	}
	return math.Sqrt(off / all)
}
