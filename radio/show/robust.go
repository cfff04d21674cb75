package show

import (
	"math"
	"slices"
)

// median is the middle of values, of an even number the lower of the two, as torch.median.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[(len(sorted)-1)/2]
}

// deviation is the median of the distances to the median m.
func deviation(values []float64, m float64) float64 {
	far := make([]float64, len(values))
	for i, v := range values {
		far[i] = math.Abs(v - m)
	}
	return median(far)
}

// span is the range of the values that are less than m deviations from the median, so
// that outliers do not take all the contrast. Where more than half of the values are the
// same, it is the range of all.
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
