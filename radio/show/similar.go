package show

import "fmt"

// Cosines returns the cosine similarity between a token q (D) and each token of features (T, D).
// It is 0 for a token of zeros.
func Cosines(q, features []float32) ([]float64, error) {
	if len(q) == 0 || len(features)%len(q) != 0 {
		return nil, fmt.Errorf("cosines: %d values are not tokens of %d", len(features), len(q))
	}
	out := make([]float64, len(features)/len(q))
	for t := range out {
		out[t] = Cosine(q, features[t*len(q):][:len(q)])
	}
	return out, nil
}

// Cosine returns the cosine similarity of two vectors of equal length, -1 to 1. It is 0 if one of
// them is all zeros.
func Cosine(a, b []float32) float64 {
	dot, na, nb := 0.0, norm(a), norm(b)
	if na == 0 || nb == 0 {
		return 0
	}
	for i, v := range a {
		dot += float64(v) / na * (float64(b[i]) / nb)
	}
	return min(max(dot, -1), 1)
}
