package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Summary is the result of the rounds of a case.
type Summary struct {
	Results []*Result `json:"results"` // ours first
	// Counted is the number of rounds in which no entrant was disturbed.
	Counted   int `json:"counted"`
	Discarded int `json:"discarded"` // rounds that do not count
	Disturbed int `json:"disturbed"` // disturbed measurements
	// Peak is the median of the probes in the rounds that count, GFLOP/s.
	Peak float64 `json:"peak,omitempty"`
	// Fastest is the peer with the smallest median. Ratio is its median divided by ours.
	Fastest string  `json:"fastest,omitempty"`
	Ratio   float64 `json:"ratio,omitempty"`
}

// Result is the result of one entrant in a case.
type Result struct {
	Entrant string `json:"entrant"`
	// Milliseconds is the time of a forward pass: the median over the rounds that count.
	// Quarter and ThreeQuarter are the quartiles.
	Milliseconds float64 `json:"ms,omitempty"`
	Quarter      float64 `json:"ms_quarter,omitempty"`
	ThreeQuarter float64 `json:"ms_three_quarter,omitempty"`
	// Fraction is the median of the speed, relative to the probes before and after.
	Fraction float64 `json:"fraction,omitempty"`

	// PeakBytes is the peak of the resident memory of the process (VmHWM), from its start to
	// the end of the rounds: of a training case, and 0 where it is not known.
	PeakBytes int64 `json:"peak_bytes,omitempty"`

	Preparation float64           `json:"preparation_s,omitempty"`
	Versions    map[string]string `json:"versions,omitempty"`
	Settings    string            `json:"settings,omitempty"`
	// Difference is the relative difference of its summary from ours; see the function.
	Difference float64 `json:"difference,omitempty"`
	// Disagrees reports whether the difference is larger than the precision explains.
	Disagrees bool `json:"disagrees,omitempty"`
	// Error is the reason if there is no result.
	Error string `json:"error,omitempty"`
}

// tolerance of Difference, by precision: about ten times the difference of libraries that
// compute the same function.
var tolerance = map[string]float64{"float32": 1e-4, "bfloat16": 0.1, "int8": 0.3, "tf32": 0.02}

// Compare sets Difference and Disagrees from the entrant's summary and ours.
func (r *Result) Compare(got, want [][]float32, dtype string) {
	r.Difference = Difference(got, want)
	r.Disagrees = !(r.Difference <= tolerance[dtype])
	if math.IsInf(r.Difference, 0) || math.IsNaN(r.Difference) {
		r.Difference = math.MaxFloat32 // JSON has neither
	}
}

// Result returns the result of an entrant, which must be there.
func (s *Summary) Result(entrant string) *Result {
	i := slices.IndexFunc(s.Results, func(r *Result) bool { return r.Entrant == entrant })
	return s.Results[i]
}

// Summarise judges every measurement by the fastest probe, and computes medians over the
// rounds that count.
func (c *Cell) Summarise(l Limits, best float64) {
	seconds, fractions := map[string][]float64{}, map[string][]float64{}
	var peaks []float64
	c.Counted, c.Discarded, c.Disturbed = 0, 0, 0
	for _, measured := range c.Rounds {
		counting := map[string]*Measurement{}
		for _, t := range measured {
			if t.Disturbed = l.Judge(t, best); t.Disturbed != "" {
				c.Disturbed++
			} else if counting[t.Entrant] == nil {
				counting[t.Entrant] = t
			}
		}
		if !c.whole(counting) {
			c.Discarded++
			continue
		}
		c.Counted++
		for name, t := range counting {
			peak := (t.Before + t.After) / 2
			peaks = append(peaks, peak)
			seconds[name] = append(seconds[name], t.Seconds)
			fractions[name] = append(fractions[name], c.GFLOP/t.Seconds/peak)
		}
	}
	for _, r := range c.Results {
		r.Milliseconds, r.Quarter, r.ThreeQuarter, r.Fraction = 0, 0, 0, 0
		if x := seconds[r.Entrant]; r.Error == "" && len(x) > 0 {
			r.Milliseconds, r.Quarter, r.ThreeQuarter = Median(x)*1e3, Quantile(x, 0.25)*1e3, Quantile(x, 0.75)*1e3
			r.Fraction = Median(fractions[r.Entrant])
		}
	}
	c.Peak = 0
	if len(peaks) > 0 {
		c.Peak = Median(peaks)
	}
	c.compete()
}

// whole reports whether every entrant without an error has an undisturbed measurement.
func (c *Cell) whole(counting map[string]*Measurement) bool {
	working := 0
	for _, r := range c.Results {
		if r.Error != "" {
			continue
		}
		working++
		if counting[r.Entrant] == nil {
			return false
		}
	}
	return working > 0
}

// compete finds the fastest peer whose summary agrees with ours.
func (c *Cell) compete() {
	c.Fastest, c.Ratio = "", 0
	if len(c.Results) == 0 {
		return
	}
	ours, best := c.Results[0], math.Inf(1)
	for _, r := range c.Results[1:] {
		if r.Milliseconds > 0 && !r.Disagrees && r.Milliseconds < best {
			c.Fastest, best = r.Entrant, r.Milliseconds
		}
	}
	if c.Fastest != "" && ours.Milliseconds > 0 {
		c.Ratio = best / ours.Milliseconds
	}
}

// Brief describes the cell in a line.
func (c *Cell) Brief() string {
	var parts []string
	for _, r := range c.Results {
		if r.Milliseconds > 0 {
			parts = append(parts, fmt.Sprintf("%s %.4g ms", r.Entrant, r.Milliseconds))
		}
	}
	if c.Ratio > 0 {
		parts = append(parts, fmt.Sprintf("ratio %.2f to %s", c.Ratio, c.Fastest))
	}
	return fmt.Sprintf("%s (%d rounds, %d discarded)", strings.Join(parts, ", "), c.Counted, c.Discarded)
}
