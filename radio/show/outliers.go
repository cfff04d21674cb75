package show

import "math"

// Outlier is a token whose norm is much larger or smaller than that of the image's other tokens.
// Some models store information about the whole image in a few such patches, rather than
// about their position (Darcet et al. 2023, https://arxiv.org/abs/2309.16588).
type Outlier struct {
	Token      int     // row·cols + col
	Norm       float64 // √Σx²
	Deviations float64 // distance of the norm from the median; see Outliers
}

// DefaultDeviations is the usual m of Outliers.
const DefaultDeviations = 6

// Outliers returns the tokens of an image's features (T, D) whose norm differs from the median
// by more than m deviations, and by more than a quarter of the median. A deviation is 1.4826
// times the median absolute deviation: for a normal distribution, the standard deviation.
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
	d = max(d, middle/4/m) // norms within a quarter of the median are no outliers
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
