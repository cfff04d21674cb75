package conformance

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"time"
)

// The limits.
const (
	// MaxRatio is the limit of a tensor's error divided by PyTorch's.
	MaxRatio = 1.25
	// MaxMean is the limit of the geometric mean of all ratios.
	MaxMean = 1.0
	// MaxInt8Ratio is the limit of a tensor's error in int8 divided by ONNX Runtime's.
	MaxInt8Ratio = 1.0
	// MaxEstimate is the limit of a tensor's error divided by an estimated baseline. An estimate
	// is a bound, not a measurement.
	MaxEstimate = 2.0
)

// Report is the outcome of a run.
type Report struct {
	Peer    Peer     // the library that tensors are compared with
	Tensors []Tensor // worst first
	Images  []Image  // worst first
	// Checkpoints lists the opened checkpoints, in order.
	Checkpoints []Checkpoint
	Failures    []Failure
	Skipped     []Skip
	Missing     []string // bundles that are in the manifest but not in the folder
	Times       []Time
}

// Failure is a limit that was exceeded, or something that could not be compared.
type Failure struct {
	Bundle string `json:"bundle"`
	Name   string `json:"name"` // of the tensor; "" for the whole bundle
	Reason string `json:"reason"`
}

// String returns the failure in one line.
func (f Failure) String() string {
	if f.Name == "" {
		return fmt.Sprintf("%s: %s", f.Bundle, f.Reason)
	}
	return fmt.Sprintf("%s: %s: %s", f.Bundle, f.Name, f.Reason)
}

// Checkpoint is a checkpoint that was compared with a bundle.
type Checkpoint struct {
	Bundle     string `json:"bundle"`
	Checkpoint string `json:"checkpoint"` // its name among the bundles, or its path
	// Layout is the layout of its files: "hub", "torch hub" or "transformers", and the prefix of
	// a model inside a larger one.
	Layout string `json:"layout"`
}

// Skip is a skipped bundle, and the reason.
type Skip struct{ Bundle, Reason string }

// Time is the time of a bundle: to make the model, and to run it.
type Time struct {
	Bundle string
	Model  time.Duration // to make or read the weights
	Run    time.Duration // to compute, compile and pack
}

// Geomean returns the geometric mean of the ratios to the peer's recorded errors, or 0 if there are
// none.
func (r *Report) Geomean() float64 {
	return geomean(func(yield func(float64) bool) {
		for i := range r.Tensors {
			if t := &r.Tensors[i]; t.measured() && !yield(t.counted) {
				return
			}
		}
	})
}

// geomean returns the geometric mean, or 0 of nothing.
func geomean(ratios iter.Seq[float64]) float64 {
	var sum float64
	var n int
	for x := range ratios {
		sum += math.Log(x)
		n++
	}
	if n == 0 {
		return 0
	}
	return math.Exp(sum / float64(n))
}

// Worst returns the largest ratio to the peer's recorded errors, or 0 if there are none.
func (r *Report) Worst() float64 {
	var worst float64
	for _, t := range r.Tensors {
		if t.measured() {
			worst = max(worst, t.Ratio)
		}
	}
	return worst
}

// measured reports whether the peer's error on the tensor was recorded.
func (t *Tensor) measured() bool { return t.Baseline != nil && !t.Baseline.Estimated }

// worst returns the larger of the ratios.
func (t *Tensor) worst() float64 {
	if t.Fast != nil {
		return max(t.Ratio, t.Fast.Ratio)
	}
	return t.Ratio
}

// missed returns why a tensor exceeds its limit, or "".
func (t *Tensor) missed() string {
	m := t.Baseline
	switch {
	case m == nil:
		return ""
	case m.Estimated && t.Ratio > MaxEstimate:
		return fmt.Sprintf("rms error is %.3g, %.3g times the estimate from other errors of %v; the limit is %g", t.Ours.RMS, t.Ratio, m.By, MaxEstimate)
	case !m.Estimated && t.Ratio > m.limit():
		why := fmt.Sprintf("rms error is %.3g, %.3g times that of %v; the limit is %g", t.Ours.RMS, t.Ratio, m.By, m.limit())
		if m.RMS < t.LastPlace {
			why += fmt.Sprintf(" (one value off by one unit in the last place would give %.3g)", t.LastPlace)
		}
		return why
	}
	return ""
}

// finish sorts the results, and adds a failure for each exceeded limit.
func (r *Report) finish() {
	slices.SortStableFunc(r.Tensors, func(a, b Tensor) int {
		return cmp.Or(cmp.Compare(b.worst(), a.worst()), cmp.Compare(a.Bundle, b.Bundle), cmp.Compare(a.Name, b.Name))
	})
	slices.SortStableFunc(r.Images, func(a, b Image) int { return cmp.Compare(b.Mean, a.Mean) })
	for i := range r.Tensors {
		t := &r.Tensors[i]
		if why := t.missed(); why != "" {
			r.Failures = append(r.Failures, Failure{t.Bundle, t.Name, why})
		}
		if why := t.missedFast(); why != "" {
			r.Failures = append(r.Failures, Failure{t.Bundle, t.Name, why})
		}
	}
	for _, p := range r.Images {
		if why := p.missed(); why != "" {
			r.Failures = append(r.Failures, Failure{p.Bundle, p.Name, why})
		}
	}
	if mean := r.Geomean(); mean > MaxMean {
		r.Failures = append(r.Failures, Failure{"all bundles", "", fmt.Sprintf("the geometric mean of all ratios is %.3f; the limit is %g", mean, MaxMean)})
	}
	if mean := r.FastGeomean(); mean > MaxMean {
		r.Failures = append(r.Failures, Failure{"all bundles", "", fmt.Sprintf("%sthe geometric mean of all ratios is %.3f; the limit is %g", onFastPath, mean, MaxMean)})
	}
}

// ErrExceeded is the error of a report with failures; use errors.Is.
var ErrExceeded = errors.New("conformance: a limit was exceeded")

// Err returns nil if there are no failures.
func (r *Report) Err() error {
	switch n := len(r.Failures); n {
	case 0:
		return nil
	case 1:
		return fmt.Errorf("%w: %v", ErrExceeded, r.Failures[0])
	default:
		return fmt.Errorf("%w: %v, and %d more", ErrExceeded, r.Failures[0], n-1)
	}
}
