package eval

import (
	"fmt"
	"math"

	"cradio/cpu"
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
	rows := s.Rows()
	rows.Labels = make([]int, len(s.Features)/s.Width)
	return fitScale(rows, cpu.Default())
}

// fitScale is FitScale of rows, which it reads twice.
func fitScale(rows Rows, pool *cpu.Pool) (*Scale, error) {
	mean := (&scaleTask{rows: rows}).total(pool)
	square := (&scaleTask{rows: rows, mean: mean}).total(pool)
	out := &Scale{make([]float32, rows.Width), make([]float32, rows.Width)}
	for j, v := range square {
		if v-v != 0 {
			return nil, rows.finite("train", allOf(rows.Len()))
		}
		out.Mean[j], out.Std[j] = float32(mean[j]), float32(math.Sqrt(v))
	}
	return out, nil
}

// factors are what centred features are multiplied by.
func (c *Scale) factors() []float32 {
	f := make([]float32, len(c.Std))
	for j, v := range c.Std {
		f[j] = 1 / (v + scaleEpsilon)
	}
	return f
}

// allOf returns 0, 1, … n-1.
func allOf(n int) []int {
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	return rows
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
