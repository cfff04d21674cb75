package conformance

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
	"time"
)

// Write prints the report: the worst `most` tensors (all if it is negative), images, skipped bundles,
// times, failures and the verdict.
func (r *Report) Write(out io.Writer, most int) error {
	w := &sticky{w: out}
	r.writeTensors(w, most)
	r.writeImages(w)
	for _, c := range r.Checkpoints {
		fmt.Fprintf(w, "opened %s, layout %s\n", c.Checkpoint, c.Layout)
	}
	for _, s := range r.Skipped {
		fmt.Fprintf(w, "skipped %s: %s\n", s.Bundle, s.Reason)
	}
	if n := len(r.Missing); n > 0 {
		fmt.Fprintf(w, "%d bundles of %s are not in the folder, such as %s\n", n, manifestName, r.Missing[0])
	}
	for _, t := range r.Times {
		if t.Run+t.Model > time.Second {
			fmt.Fprintf(w, "%s took %.1f s, plus %.1f s for its weights\n", t.Bundle, t.Run.Seconds(), t.Model.Seconds())
		}
	}
	for _, f := range r.Failures {
		fmt.Fprintf(w, "FAILED %v\n", f)
	}
	fmt.Fprintln(w, r.Verdict())
	return w.err
}

func (r *Report) writeTensors(w io.Writer, most int) {
	if len(r.Tensors) == 0 {
		return
	}
	list := r.Tensors
	if most >= 0 && most < len(list) {
		list = list[:most]
	}
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fast := r.fastCount() > 0
	heads := "bundle\ttensor\tours\t" + r.Peer.String() + "'s\tratio"
	if fast {
		heads += "\tfast path"
	}
	fmt.Fprintln(tab, heads)
	for _, t := range list {
		baseline, ratio := "–", "–"
		if t.Baseline != nil {
			baseline, ratio = fmt.Sprintf("%.3g", t.Baseline.RMS), fmt.Sprintf("%.3f", t.Ratio)
			if t.Baseline.Estimated {
				baseline = "≈" + baseline
			}
		}
		fmt.Fprintf(tab, "%s\t%s\t%.3g\t%s\t%s", t.Bundle, t.Name, t.Ours.RMS, baseline, ratio)
		switch {
		case !fast:
		case t.Fast != nil && t.Baseline != nil:
			fmt.Fprintf(tab, "\t%.3f", t.Fast.Ratio)
		default:
			fmt.Fprint(tab, "\t–")
		}
		fmt.Fprintln(tab)
	}
	tab.Flush()
	if n := len(r.Tensors) - len(list); n > 0 {
		fmt.Fprintf(w, "and %d more\n", n)
	}
}

func (r *Report) writeImages(w io.Writer) {
	if len(r.Images) == 0 {
		return
	}
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	equal := 0
	for _, p := range r.Images {
		if p.Max == 0 {
			equal++
			continue
		}
		fmt.Fprintf(tab, "%s\t%s\tdiffers by up to %d levels\t%.3g on average\n", p.Bundle, p.Name, p.Max, p.Mean)
	}
	tab.Flush()
	fmt.Fprintf(w, "images: %d of %d equal Python's bit for bit\n", equal, len(r.Images))
}

// Verdict returns the result in one line.
func (r *Report) Verdict() string {
	var marked, estimated, unmarked int
	for i := range r.Tensors {
		if r.Tensors[i].measured() {
			marked++
		} else if r.Tensors[i].Baseline != nil {
			estimated++
		} else {
			unmarked++
		}
	}
	verdict := "passed"
	if len(r.Failures) > 0 {
		verdict = fmt.Sprintf("FAILED (%d)", len(r.Failures))
	}
	var parts []string
	if n := r.fastCount(); n > 0 {
		parts = append(parts, fmt.Sprintf("%d tensors on the fast path, geometric mean %.3f (limit %g), worst %.3f", n, r.FastGeomean(), MaxMean, r.FastWorst()))
	}
	if marked > 0 {
		parts = append(parts, fmt.Sprintf("%d tensors, geometric mean %.3f (limit %g), worst %.3f (limit %g)",
			marked, r.Geomean(), MaxMean, r.Worst(), r.Peer.maxRatio()))
	}
	if estimated > 0 {
		parts = append(parts, fmt.Sprintf("%d tensors with estimated limits", estimated))
	}
	if unmarked > 0 {
		parts = append(parts, fmt.Sprintf("%d tensors without a limit", unmarked))
	}
	if len(r.Images) > 0 {
		parts = append(parts, fmt.Sprintf("%d images", len(r.Images)))
	}
	if parts == nil {
		parts = []string{"nothing to compare"}
	}
	return verdict + ": " + strings.Join(parts, "; ")
}

// row is the JSON of a tensor.
type row struct {
	Bundle   string  `json:"bundle"`
	Name     string  `json:"name"`
	Max      float64 `json:"max"`
	RMS      float64 `json:"rms"`
	TorchMax float64 `json:"torch_max"`
	TorchRMS float64 `json:"torch_rms"`
	Ratio    float64 `json:"ratio"`
	// On the fast path; left out if the bundle did not run on it.
	FastMax   *float64 `json:"fast_max,omitempty"`
	FastRMS   *float64 `json:"fast_rms,omitempty"`
	FastRatio *float64 `json:"fast_ratio,omitempty"`
}

// MarshalJSON returns the tensors that have a baseline, the worst first, the geometric mean and the worst
// ratio, the same on the fast path, the layouts of checkpoints, and the failures.
func (r *Report) MarshalJSON() ([]byte, error) {
	out := struct {
		Tensors     []row        `json:"tensors"`
		Geomean     float64      `json:"geomean"`
		Worst       float64      `json:"worst"`
		FastGeomean float64      `json:"fast_geomean,omitempty"`
		FastWorst   float64      `json:"fast_worst,omitempty"`
		Checkpoints []Checkpoint `json:"checkpoints"`
		Failed      []Failure    `json:"failed"`
	}{[]row{}, finite(r.Geomean()), finite(r.Worst()), finite(r.FastGeomean()), finite(r.FastWorst()), append([]Checkpoint{}, r.Checkpoints...), append([]Failure{}, r.Failures...)}
	for _, t := range r.Tensors {
		if t.Baseline == nil {
			continue
		}
		row := row{
			Bundle: t.Bundle, Name: t.Name, Max: finite(t.Ours.Max), RMS: finite(t.Ours.RMS),
			TorchMax: t.Baseline.Max, TorchRMS: t.Baseline.RMS, Ratio: finite(t.Ratio),
		}
		if f := t.Fast; f != nil {
			row.FastMax, row.FastRMS, row.FastRatio = pointer(finite(f.Ours.Max)), pointer(finite(f.Ours.RMS)), pointer(finite(f.Ratio))
		}
		out.Tensors = append(out.Tensors, row)
	}
	return json.Marshal(out)
}

func pointer(x float64) *float64 { return &x }

// finite returns x, or the largest number if x is infinite, since JSON has no infinity.
func finite(x float64) float64 { return min(x, math.MaxFloat64) }

// sticky is a writer that keeps the first error.
type sticky struct {
	w   io.Writer
	err error
}

func (s *sticky) Write(p []byte) (int, error) {
	if s.err == nil {
		_, s.err = s.w.Write(p)
	}
	return len(p), s.err
}
