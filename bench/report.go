package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// Report is one run of the suite, as it is kept in results/.
type Report struct {
	Date    time.Time `json:"date"`
	Version string    `json:"version"` // of this program
	Machine Machine   `json:"machine"`
	Threads int       `json:"threads"`
	Limits  Limits    `json:"limits"`
	// BestProbe is the fastest of all probes, GFLOP/s. IsPeak says that it is the
	// machine's peak, so that fractions mean something.
	BestProbe float64  `json:"best_probe"`
	IsPeak    bool     `json:"is_peak"`
	Starts    []*Start `json:"starts,omitempty"`
	Cells     []*Cell  `json:"cells"`
}

// Write writes the report as JSON.
func (r *Report) Write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(r)
}

// maxReport bounds a report that is read.
const maxReport = 64 << 20

// ReadReport reads what Write wrote, and judges it again by its own limits.
func ReadReport(in io.Reader) (*Report, error) {
	r := &Report{}
	if err := json.NewDecoder(io.LimitReader(in, maxReport)).Decode(r); err != nil {
		return nil, fmt.Errorf("benchmark report: %w", err)
	}
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("benchmark report: %w", err)
	}
	for _, c := range r.Cells {
		c.summarise(r.Limits, r.BestProbe)
	}
	return r, nil
}

// check finds what JSON can say and a report cannot.
func (r *Report) check() error {
	if slices.Contains(r.Starts, nil) {
		return errors.New("a start is null")
	}
	for i, c := range r.Cells {
		if c == nil || slices.Contains(c.Results, nil) {
			return fmt.Errorf("cell %d is null, or has a result that is", i)
		}
		for _, t := range slices.Concat(c.Rounds...) {
			if t == nil || t.Seconds <= 0 || t.Before <= 0 || t.After <= 0 {
				return fmt.Errorf("cell %d (%v): a turn's seconds and probes want to be above 0", i, c.Case)
			}
		}
	}
	return nil
}
