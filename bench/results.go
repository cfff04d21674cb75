package bench

import (
	"fmt"

	"cradio/bench/report"
)

// The results of measurements, which package report holds, reads and prints.
type (
	Case        = report.Case
	Cell        = report.Cell
	Limits      = report.Limits
	Machine     = report.Machine
	Measurement = report.Measurement
	Result      = report.Result
	Start       = report.Start
)

// ParseCase reads "B:224:1", the model, size and batch of a float32 case. It is an error if
// there is no such model, or the size does not fit it.
func ParseCase(text string) (Case, error) {
	c, err := report.ParseCase(text)
	if err != nil {
		return Case{}, err
	}
	if _, err := Config(c); err != nil {
		return Case{}, fmt.Errorf("case %q: %w", text, err)
	}
	return c, nil
}
