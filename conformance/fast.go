package conformance

import (
	"fmt"
	"slices"

	"cradio/radio"
)

// Small operations are computed in float64: see radio.Options.Small. In a small model nearly all
// operations are small, so its tensors do not show the errors of the kernels that large models
// use. So a suite runs small models in two ways: as users run them, and on the fast path, with
// no operation in float64.

// Fast is the comparison of a tensor on the fast path.
type Fast struct {
	Ours  Error
	Ratio float64 // as Tensor.Ratio
	// counted is the ratio in the geometric mean.
	counted float64
}

// twoWays reports whether small models also run on the fast path.
func (o Options) twoWays() bool {
	return o.Machine != Tape && o.Small == 0 && o.DType != radio.Float64
}

// join adds the results of a run on the fast path.
func (r *Report) join(fast *Report) {
	type key struct{ bundle, name string }
	at := map[key]int{}
	for i, t := range r.Tensors {
		at[key{t.Bundle, t.Name}] = i
	}
	for _, t := range fast.Tensors {
		if i, ok := at[key{t.Bundle, t.Name}]; ok {
			r.Tensors[i].Fast = &Fast{t.Ours, t.Ratio, t.counted}
		}
	}
	for _, f := range fast.Failures {
		both := slices.ContainsFunc(r.Failures, func(g Failure) bool { return g.Bundle == f.Bundle && g.Name == f.Name })
		if !both {
			r.Failures = append(r.Failures, Failure{f.Bundle, f.Name, onFastPath + f.Reason})
		}
	}
}

const onFastPath = "on the fast path: "

// Limits of tensors of a few tokens on the fast path. The error of a token is a single draw: its
// values share the rounding of one norm and one residual stream. In 35,000 comparisons, of 38 sets
// of weights at 6 CPU levels, the ratio of one token was at most 2.2, where PyTorch's error
// was half of its usual one, and that of larger tensors at most 1.11. In vectors, which gradients
// of norms are, a single value that is off by one unit in the last place has the same effect: 2.5.
const (
	fewTokens = 8
	// MaxFewTokens is the limit of the ratio of such a tensor.
	MaxFewTokens = 3.0
)

// tokens returns the number of rows along the last axis.
func tokens(shape []int) int {
	n := 1
	for i := range len(shape) - 1 {
		n *= shape[i]
	}
	return n
}

// missedFast returns why a tensor exceeds its limit on the fast path, or "".
func (t *Tensor) missedFast() string {
	b := t.Baseline
	if t.Fast == nil || b == nil {
		return ""
	}
	limit := b.By.maxRatio()
	if b.Estimated {
		limit = MaxEstimate
	}
	if t.Tokens < fewTokens {
		limit = max(limit, MaxFewTokens)
	}
	if t.Fast.Ratio <= limit {
		return ""
	}
	return fmt.Sprintf("%srms error is %.3g, %.3g times that of %v; the limit is %g", onFastPath, t.Fast.Ours.RMS, t.Fast.Ratio, b.By, limit)
}

// FastGeomean returns the geometric mean of the ratios on the fast path, or 0 if there are none.
func (r *Report) FastGeomean() float64 {
	return geomean(func(yield func(float64) bool) {
		for i := range r.Tensors {
			if t := &r.Tensors[i]; t.Fast != nil && t.measured() && !yield(t.Fast.counted) {
				return
			}
		}
	})
}

// FastWorst returns the largest ratio on the fast path, or 0 if there are none.
func (r *Report) FastWorst() float64 {
	var worst float64
	for i := range r.Tensors {
		if t := &r.Tensors[i]; t.Fast != nil && t.measured() {
			worst = max(worst, t.Fast.Ratio)
		}
	}
	return worst
}

// fastCount returns the number of tensors that FastGeomean counts.
func (r *Report) fastCount() (n int) {
	for i := range r.Tensors {
		if t := &r.Tensors[i]; t.Fast != nil && t.measured() {
			n++
		}
	}
	return n
}
