package report

import (
	"math"
	"slices"
)

// Median returns the median of x, or NaN if x is empty.
func Median(x []float64) float64 { return Quantile(x, 0.5) }

// Quantile returns the q-quantile of x, interpolated linearly, or NaN if x is empty.
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

// Difference returns the relative difference of two summaries: the root mean square of
// their difference, divided by that of want. It is +Inf if their shapes differ.
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
