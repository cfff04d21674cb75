package eval

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Interval is where a figure lies with a probability.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// BootstrapOptions are the options of Bootstrap. The zero value is valid.
type BootstrapOptions struct {
	Resamples int     // 0 means 1000
	Level     float64 // the probability; 0 means 0.95
	Seed      uint64
}

// Bootstrap returns the percentile interval of a figure over n rows (Efron 1979). It draws n
// rows at random, with repetition, many times, and computes the figure of each draw. The
// slice that figure gets is valid during the call only. Figures that are NaN are left out.
func Bootstrap(n int, figure func(rows []int) float64, opt BootstrapOptions) (Interval, error) {
	resamples, level := opt.Resamples, opt.Level
	if resamples == 0 {
		resamples = 1000
	}
	if level == 0 {
		level = 0.95
	}
	switch {
	case n < 1:
		return Interval{}, fmt.Errorf("the bootstrap of %d rows: must be at least 1", n)
	case resamples < 1:
		return Interval{}, fmt.Errorf("%d resamples: must be at least 1", resamples)
	case !(level > 0 && level < 1):
		return Interval{}, fmt.Errorf("the level is %g: must be between 0 and 1", level)
	}
	random := rand.New(rand.NewPCG(opt.Seed, 0x626f6f74)) // "boot"
	rows := make([]int, n)
	figures := make([]float64, 0, resamples)
	for range resamples {
		for i := range rows {
			rows[i] = random.IntN(n)
		}
		if f := figure(rows); !math.IsNaN(f) {
			figures = append(figures, f)
		}
	}
	if len(figures) == 0 {
		return Interval{math.NaN(), math.NaN()}, nil
	}
	slices.Sort(figures)
	return Interval{quantile(figures, (1-level)/2), quantile(figures, (1+level)/2)}, nil
}

// quantile interpolates between the two nearest of sorted values, as numpy.quantile does.
func quantile(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
