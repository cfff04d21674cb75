package show

import "math"

// Outlier is a token that is far larger or smaller than its image's others. Some models
// keep what is of the whole image in a few such patches (Darcet et al. 2023,
// https://arxiv.org/abs/2309.16588): they say nothing of their place.
type Outlier struct {
	Token      int     // row·cols + col
	Norm       float64 // √Σx²
	Deviations float64 // of the norm from the median; see Outliers
}

// DefaultDeviations is what Outliers is asked for unless told otherwise.
const DefaultDeviations = 6

// Outliers finds the tokens of an image's features (T, D) whose norm is more than m
// deviations from the median, and by a quarter of it at least. A deviation is 1.4826
// times the median absolute one, which for normal numbers is the standard deviation.
func Outliers(features []float32, width int, m float64) []Outlier {
	norms := make([]float64, len(features)/width)
	for t := range norms {
		norms[t] = norm(features[t*width:][:width])
	}
	if len(norms) == 0 {
		return nil
	}
	middle := median(norms)
	d := 1.4826 * deviation(norms, middle)
	d = max(d, middle/4/m) // so that nothing within a quarter is one
	var list []Outlier
	for t, n := range norms {
		if d > 0 && math.Abs(n-middle)/d > m {
			list = append(list, Outlier{t, n, (n - middle) / d})
		}
	}
	return list
}

func norm(x []float32) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum)
}
