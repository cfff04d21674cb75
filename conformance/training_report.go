package conformance

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"text/tabwriter"
)

// TrainingReport is the outcome of Training.Run, and of Text.Run.
type TrainingReport struct {
	Of       string           // "training" or "text"
	Tensors  []TrainingTensor // worst first
	Failures []Failure
	NotRun   []Skip // cases that nothing here computes, and why
}

// TrainingTensor is the comparison of one tensor in one way.
type TrainingTensor struct {
	Tensor
	Way string // "" is how users run it; fastPath, unfused

	kind numbers
	size float64 // RMS of the reference
	off  float64 // what one number may be off in any case
	// updates is how many updates of a weight have rounded it.
	updates int

	limit float64 // of limitedNumbers
}

// numbers says which mark a tensor has.
type numbers int

const (
	manyNumbers    numbers = iota
	oneNumber              // a loss, a norm
	zeroNumbers            // zero in exact arithmetic
	equalNumbers           // equal in every bit, as pixels are
	limitedNumbers         // each within a limit of their own
)

// MaxZero is the limit of a value that is zero in exact arithmetic, divided by PyTorch's largest.
const MaxZero = 4.0

// singleRoundings is what one number may be off, relative to it: 4·2⁻²⁴. A single rounding says nothing.
const singleRoundings = 4.0 / (1 << 24)

func (r *TrainingReport) notRun(name, why string) {
	if !slices.Contains(r.NotRun, Skip{name, why}) {
		r.NotRun = append(r.NotRun, Skip{name, why})
	}
}

func (r *TrainingReport) fail(name string, way trainingWay, tensor string, err error) {
	reason := err.Error()
	if way.name != "" {
		reason = way.name + ": " + reason
	}
	r.Failures = append(r.Failures, Failure{name, tensor, reason})
}

// missedMark returns why a tensor exceeds its limit, or "".
func (t *TrainingTensor) missedMark() string {
	theirs := t.Baseline.Error
	switch t.kind {
	case zeroNumbers:
		if limit := MaxZero * theirs.Max; t.Ours.Max > limit {
			return fmt.Sprintf("is up to %.3g, and zero in exact arithmetic; the limit is %.3g, %g times PyTorch's", t.Ours.Max, limit, MaxZero)
		}
	case equalNumbers:
		if t.Ours.Max != 0 {
			return fmt.Sprintf("differs from the reference by up to %.3g: must be equal", t.Ours.Max)
		}
	case limitedNumbers:
		if !(t.Ours.Max <= t.limit) {
			return fmt.Sprintf("is off by up to %.3g; the limit is %.3g", t.Ours.Max, t.limit)
		}
	case oneNumber:
		if limit := max(MaxRatio*theirs.Max, singleRoundings*t.size, t.off); t.Ours.Max > limit {
			return fmt.Sprintf("error is %.3g, PyTorch's %.3g; the limit is %.3g", t.Ours.Max, theirs.Max, limit)
		}
	default:
		if t.Way != "" && t.fewDraws() {
			return ""
		}
		return t.missed()
	}
	return ""
}

// fewDraws says whether a tensor that is not computed as users run it is off by no more than chance
// gives. Of few tokens the error is a single draw. In the gradient of a bias, or of a head's weight where
// one channel is far out, PyTorch may have all large values right to the last place by chance, and two
// that are off by one unit then are many times its error. Of n roundings of one size, the ratio of two
// equally good results varies by 1/√n of itself: a small tensor may exceed the limit by twice that. A weight
// of few tokens is rounded again at each update, and its error is a random walk of so many steps: it may be
// twice as long as the mean one.
func (t *TrainingTensor) fewDraws() bool {
	if t.Tokens < fewTokens {
		walk := 2 * math.Sqrt(float64(t.updates)) * t.Floor
		return t.Ratio <= MaxFewTokens || t.Ours.RMS <= max(math.Sqrt2*t.LastPlace, walk)
	}
	return t.Values <= fewValues && t.Ratio <= MaxRatio*(1+2/math.Sqrt(t.roundings()))
}

// fewValues is how many values a small tensor has at most: as many as the references keep in float64.
const fewValues = 1024

// roundings is how many values in the size of the largest would together be rounded as far as all are.
func (t *Tensor) roundings() float64 { return 12 * t.Floor * t.Floor / (t.LastPlace * t.LastPlace) }

// finish sorts the tensors and adds a failure for each exceeded limit.
func (r *TrainingReport) finish() {
	slices.SortStableFunc(r.Tensors, func(a, b TrainingTensor) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(b.Ratio, a.Ratio), cmp.Compare(a.Bundle, b.Bundle), cmp.Compare(a.Name, b.Name))
	})
	for i := range r.Tensors {
		t := &r.Tensors[i]
		if why := t.missedMark(); why != "" {
			r.fail(t.Bundle, trainingWay{name: t.Way}, t.Name, fmt.Errorf("%s", why))
		}
	}
	for _, way := range r.ways() {
		if mean := r.Geomean(way); mean > MaxMean {
			r.fail("all cases", trainingWay{name: way}, "", fmt.Errorf("the geometric mean of all ratios is %.3f; the limit is %g", mean, MaxMean))
		}
	}
}

// ways are the ways in which cases ran.
func (r *TrainingReport) ways() []string {
	var ways []string
	for _, t := range r.Tensors {
		if !slices.Contains(ways, t.Way) {
			ways = append(ways, t.Way)
		}
	}
	slices.Sort(ways)
	return ways
}

// Geomean returns the geometric mean of the ratios in one way, or 0 if there are none. Single numbers
// and zeros do not count.
func (r *TrainingReport) Geomean(way string) float64 {
	return geomean(func(yield func(float64) bool) {
		for _, t := range r.Tensors {
			if t.kind == manyNumbers && t.Way == way && !yield(t.counted) {
				return
			}
		}
	})
}

// Worst returns the largest ratio in one way, or 0 if there are none.
func (r *TrainingReport) Worst(way string) (worst float64) {
	for _, t := range r.Tensors {
		if t.kind == manyNumbers && t.Way == way {
			worst = max(worst, t.Ratio)
		}
	}
	return worst
}

// Err returns nil if there are no failures.
func (r *TrainingReport) Err() error { return (&Report{Failures: r.Failures}).Err() }

// Write prints the report: the worst `most` tensors (all if it is negative), what did not run, failures
// and the verdict.
func (r *TrainingReport) Write(out io.Writer, most int) error {
	w := &sticky{w: out}
	list := r.Tensors
	if most >= 0 && most < len(list) {
		list = list[:most]
	}
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if len(list) > 0 {
		fmt.Fprintln(tab, r.Of+"\ttensor\tours\tPyTorch's\tratio\t")
	}
	for _, t := range list {
		ratio := fmt.Sprintf("%.3f", t.Ratio)
		if t.kind != manyNumbers {
			ratio = "–" // the limit is another
		}
		fmt.Fprintf(tab, "%s\t%s\t%.3g\t%.3g\t%s\t%s\n", t.Bundle, t.Name, t.Ours.RMS, t.Baseline.RMS, ratio, t.Way)
	}
	tab.Flush()
	if n := len(r.Tensors) - len(list); n > 0 && most > 0 {
		fmt.Fprintf(w, "and %d more\n", n)
	}
	for _, s := range r.NotRun {
		fmt.Fprintf(w, "not run: %s: %s\n", s.Bundle, s.Reason)
	}
	for _, f := range r.Failures {
		fmt.Fprintf(w, "FAILED %v\n", f)
	}
	fmt.Fprintln(w, r.Verdict())
	return w.err
}

// Verdict returns the result in one line.
func (r *TrainingReport) Verdict() string {
	verdict := r.Of + " passed"
	switch {
	case len(r.Failures) > 0:
		verdict = fmt.Sprintf("%s FAILED (%d)", r.Of, len(r.Failures))
	case len(r.Tensors) == 0:
		verdict = r.Of + ": nothing ran"
	}
	for _, way := range r.ways() {
		n := 0
		for _, t := range r.Tensors {
			if t.Way == way {
				n++
			}
		}
		limit := fmt.Sprint(MaxRatio)
		if way != "" {
			limit += fmt.Sprintf(", %g of fewer than %d tokens", MaxFewTokens, fewTokens)
		}
		verdict += fmt.Sprintf("; %s: %d tensors, geometric mean %.3f (limit %g), worst %.3f (limit %s)",
			cmp.Or(way, "as users run it"), n, r.Geomean(way), MaxMean, r.Worst(way), limit)
	}
	if n := len(r.NotRun); n > 0 {
		verdict += fmt.Sprintf("; %d cases not run", n)
	}
	return verdict
}
