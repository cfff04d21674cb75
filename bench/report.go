package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"
)

// Report is one run of the suite, as it is kept in results/.
type Report struct {
	Date    time.Time `json:"date"`
	Command []string  `json:"command"`
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

// ReadReport reads what Write wrote, and judges it again by its own limits.
func ReadReport(path string) (*Report, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := &Report{}
	if err := json.NewDecoder(f).Decode(r); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, c := range r.Cells {
		if c == nil {
			return nil, fmt.Errorf("%s: a cell is null", path)
		}
		c.summarise(r.Limits, r.BestProbe)
	}
	return r, nil
}
