package eval

import (
	"fmt"
	"math"
)

// Scale standardises features: each has mean 0 and standard deviation 1 in the set that the
// Scale was fitted to. RADIO's features have no final norm, and a few channels far larger
// than the others, so that this helps every fit that is regularised.
type Scale struct{ Mean, Std []float32 }

// scaleEpsilon keeps constant features finite.
const scaleEpsilon = 1e-6

// FitScale computes the mean and the biased standard deviation of each feature, in float64.
func FitScale(s Set) (*Scale, error) {
	if err := checkRows("train", s.Features, s.Width); err != nil {
		return nil, err
	}
	n := float64(len(s.Features) / s.Width)
	mean, square := make([]float64, s.Width), make([]float64, s.Width)
	for i, v := range s.Features {
		mean[i%s.Width] += float64(v)
	}
	for j := range mean {
		mean[j] /= n
	}
	for i, v := range s.Features {
		d := float64(v) - mean[i%s.Width]
		square[i%s.Width] += float64(d * d)
	}
	out := &Scale{make([]float32, s.Width), make([]float32, s.Width)}
	for j := range mean {
		out.Mean[j], out.Std[j] = float32(mean[j]), float32(math.Sqrt(square[j]/n))
	}
	return out, nil
}

// Apply returns a set with standardised features, (x − mean) / (std + 1e-6), and the labels
// of s.
func (c *Scale) Apply(s Set) (Set, error) {
	if s.Width != len(c.Mean) || s.Width < 1 || len(s.Features)%s.Width != 0 {
		return Set{}, fmt.Errorf("the features have width %d, the scale has %d: take both from one model and one output", s.Width, len(c.Mean))
	}
	out := Set{Features: make([]float32, len(s.Features)), Width: s.Width, Labels: s.Labels}
	for i, v := range s.Features {
		j := i % s.Width
		out.Features[i] = (v - c.Mean[j]) / (c.Std[j] + scaleEpsilon)
	}
	return out, nil
}
