package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// Report is the result of one run of the suite. The files in results/ are reports.
type Report struct {
	Date    time.Time `json:"date"`
	Version string    `json:"version"` // of this program
	Machine Machine   `json:"machine"`
	Threads int       `json:"threads"`
	// Device is what computed, by its name, where it was not the CPU.
	Device string `json:"device,omitempty"`
	Limits Limits `json:"limits"`
	// BestProbe is the fastest probe, GFLOP/s. IsPeak reports whether it is the machine's
	// peak speed. Only then are fractions of it shown.
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

// maxReport is the limit of a report's size, bytes.
const maxReport = 64 << 20

// Read reads a report that Write wrote, and judges it again by its limits.
func Read(in io.Reader) (*Report, error) {
	r := &Report{}
	if err := json.NewDecoder(io.LimitReader(in, maxReport)).Decode(r); err != nil {
		return nil, fmt.Errorf("benchmark report: %w", err)
	}
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("benchmark report: %w", err)
	}
	for _, c := range r.Cells {
		c.Summarise(r.Limits, r.BestProbe)
	}
	return r, nil
}

// check returns an error for JSON that is not a valid report.
func (r *Report) check() error {
	if slices.Contains(r.Starts, nil) {
		return errors.New("a start is null")
	}
	for i, c := range r.Cells {
		if c == nil || slices.Contains(c.Results, nil) {
			return fmt.Errorf("cell %d or one of its results is null", i)
		}
		for _, t := range slices.Concat(c.Rounds...) {
			if t == nil || t.Seconds <= 0 || t.Before <= 0 || t.After <= 0 {
				return fmt.Errorf("cell %d (%v): seconds and probes must be above 0", i, c.Case)
			}
		}
	}
	return nil
}
