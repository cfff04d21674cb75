package train

import (
	"fmt"
	"math"

	"cradio/radio"
)

// standardise gives a head whose norm is fixed the mean and the variance of what it reads, over the
// training part, in float64. It does nothing for other heads.
func (b *builder) standardise(in Inputs) error {
	spec := b.h.Spec()
	if spec.Norm == nil || !spec.Norm.Fixed {
		return nil
	}
	c, ok := in.(*Cached)
	if !ok {
		return fmt.Errorf("the fixed norm of the %s head needs features that do not change: the backbone is trained, or sees random crops, flips or colours", spec.Kind)
	}
	for _, s := range spec.Input {
		if !s.Tokens() && spec.Kind.Dense() {
			return fmt.Errorf("a fixed norm for patches with %s joined to them is not there: use batch", s)
		}
	}
	if b.plans {
		return nil
	}
	var mean, variance []float32
	for i, s := range spec.Input {
		m, v, err := c.statistics(s, spec.Widths[i])
		if err != nil {
			return err
		}
		mean, variance = append(mean, m...), append(variance, v...)
	}
	return b.h.Standardise(mean, variance)
}

// statistics are the mean and the variance of each channel of a source, over all samples and tokens.
// The mean is subtracted before squares are added up.
func (c *Cached) statistics(s radio.Source, width int) (mean, variance []float32, err error) {
	n := 1
	for _, k := range c.Shapes[s] {
		n *= k
	}
	values, sums := make([]float32, n), [2][]float64{make([]float64, width), make([]float64, width)}
	rows := float64(c.Len()) * float64(n/width)
	for pass := range sums {
		for sample := range c.Len() {
			if err := c.Copy(values, sample, 0, s); err != nil {
				return nil, nil, fmt.Errorf("%s: %w", c.Names[sample], err)
			}
			for i, v := range values {
				if pass == 0 {
					sums[0][i%width] += float64(v)
					continue
				}
				d := float64(v) - sums[0][i%width]
				sums[1][i%width] += d * d
			}
		}
		for j := range sums[pass] {
			sums[pass][j] /= rows
		}
	}
	for j := range width {
		if v := sums[1][j]; math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, nil, fmt.Errorf("channel %d of %s has the variance %g: its features are not finite", j, s, v)
		}
		mean, variance = append(mean, float32(sums[0][j])), append(variance, float32(sums[1][j]))
	}
	return mean, variance, nil
}
