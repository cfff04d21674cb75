package show

import (
	"math"
	"slices"
)

// median returns the median of values. For an even number it is the lower of the middle two, as in
// torch.median.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[(len(sorted)-1)/2]
}

// deviation returns the median absolute deviation from the median m.
func deviation(values []float64, m float64) float64 {
	far := make([]float64, len(values))
	for i, v := range values {
		far[i] = math.Abs(v - m)
	}
	return median(far)
}

// span returns the range of the values that are less than m deviations from the median, so that
// outliers do not reduce the contrast. If more than half of the values are equal, it returns
// the range of all values.
func span(values []float64, m float64) (low, high float64) {
	middle := median(values)
	d := deviation(values, middle)
	low, high = math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if d == 0 || math.Abs(v-middle)/d < m {
			low, high = min(low, v), max(high, v)
		}
	}
	return low, high
}
