package conformance

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// The marks.
const (
	// MaxRatio is the most that a tensor's error may be of PyTorch's.
	MaxRatio = 1.25
	// MaxMean is the most that the geometric mean of all ratios may be.
	MaxMean = 1.0
	// MaxInt8Ratio is the most that a tensor's error in int8 may be of ONNX Runtime's.
	MaxInt8Ratio = 1.0
	// MaxEstimate is the most that a tensor's error may be of an estimated mark,
	// which is a bound and not a measurement.
	MaxEstimate = 2.0
)

// Report is the outcome of a run.
type Report struct {
	Peer     Peer      // whom the tensors are compared with
	Tensors  []Tensor  // worst first
	Pictures []Picture // worst first
	// Checkpoints are those that were opened, in order.
	Checkpoints []Checkpoint
	Failures    []Failure
	Skipped     []Skip
	Missing     []string // bundles that the manifest describes and the folder lacks
	Times       []Time
}

// Failure is a mark that was missed, or something that could not be compared.
type Failure struct {
	Bundle string `json:"bundle"`
	Name   string `json:"name"` // of the tensor; "" where it concerns the whole bundle
	Reason string `json:"reason"`
}

// String is one line.
func (f Failure) String() string {
	if f.Name == "" {
		return fmt.Sprintf("%s: %s", f.Bundle, f.Reason)
	}
	return fmt.Sprintf("%s: %s: %s", f.Bundle, f.Name, f.Reason)
}

// Checkpoint is a checkpoint that a bundle was compared on.
type Checkpoint struct {
	Bundle     string `json:"bundle"`
	Checkpoint string `json:"checkpoint"` // its name among the bundles, or its path
	// Layout is that of its files: "hub", "torch hub" or "transformers", and the
	// prefix of a model inside a larger one.
	Layout string `json:"layout"`
}

// Skip is a bundle that did not run, and why.
type Skip struct{ Bundle, Reason string }

// Time is how long a bundle took: making the model and running it.
type Time struct {
	Bundle string
	Model  time.Duration // making or reading the weights
	Run    time.Duration // computing, compiling and packing included
}

// Geomean is the geometric mean of the ratios to the peer's recorded errors; 0
// without any.
func (r *Report) Geomean() float64 {
	var sum float64
	var n int
	for _, t := range r.Tensors {
		if t.marked() {
			sum += math.Log(t.counted)
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return math.Exp(sum / float64(n))
}

// Worst is the largest ratio to the peer's recorded errors; 0 without any.
func (r *Report) Worst() float64 {
	var worst float64
	for _, t := range r.Tensors {
		if t.marked() {
			worst = max(worst, t.Ratio)
		}
	}
	return worst
}

// marked says whether the peer's error on the tensor was recorded.
func (t *Tensor) marked() bool { return t.Mark != nil && !t.Mark.Estimated }

// missed is why a tensor misses its mark, or "".
func (t *Tensor) missed() string {
	m := t.Mark
	switch {
	case m == nil:
		return ""
	case m.Estimated && t.Ratio > MaxEstimate:
		return fmt.Sprintf("rms error is %.3g, %.3g times what %v's errors nearby suggest; at most %g is asked", t.Ours.RMS, t.Ratio, m.By, MaxEstimate)
	case !m.Estimated && t.Ratio > m.By.maxRatio():
		why := fmt.Sprintf("rms error is %.3g, %.3g times %v's; at most %g is asked", t.Ours.RMS, t.Ratio, m.By, m.By.maxRatio())
		if m.RMS < t.LastPlace {
			why += fmt.Sprintf(" (one value off by one unit in its last place makes %.3g)", t.LastPlace)
		}
		return why
	}
	return ""
}

// finish sorts, and turns missed marks into failures.
func (r *Report) finish() {
	slices.SortStableFunc(r.Tensors, func(a, b Tensor) int {
		return cmp.Or(cmp.Compare(b.Ratio, a.Ratio), cmp.Compare(a.Bundle, b.Bundle), cmp.Compare(a.Name, b.Name))
	})
	slices.SortStableFunc(r.Pictures, func(a, b Picture) int { return cmp.Compare(b.Mean, a.Mean) })
	for i := range r.Tensors {
		t := &r.Tensors[i]
		if why := t.missed(); why != "" {
			r.Failures = append(r.Failures, Failure{t.Bundle, t.Name, why})
		}
	}
	for _, p := range r.Pictures {
		if why := p.missed(); why != "" {
			r.Failures = append(r.Failures, Failure{p.Bundle, p.Name, why})
		}
	}
	if mean := r.Geomean(); mean > MaxMean {
		r.Failures = append(r.Failures, Failure{"all bundles", "", fmt.Sprintf("the geometric mean of all ratios is %.3f; at most %g is asked", mean, MaxMean)})
	}
}

// ErrMissed is what errors.Is finds when a mark was missed.
var ErrMissed = errors.New("conformance: a mark was missed")

// Err is nil if every mark is met.
func (r *Report) Err() error {
	switch n := len(r.Failures); n {
	case 0:
		return nil
	case 1:
		return fmt.Errorf("%w: %v", ErrMissed, r.Failures[0])
	default:
		return fmt.Errorf("%w: %v, and %d more", ErrMissed, r.Failures[0], n-1)
	}
}
