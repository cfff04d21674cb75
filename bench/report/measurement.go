package report

import "fmt"

// Limits are the limits of an undisturbed measurement.
type Limits struct {
	// Floor is the lowest speed of a probe, as a fraction of the fastest probe.
	Floor float64 `json:"floor"`
	// Drift is the largest difference of the probes before and after, as a fraction.
	Drift float64 `json:"drift"`
	// Others is the largest fraction of processor time that other processes, and other
	// virtual machines, may use.
	Others float64 `json:"others"`
}

// DefaultLimits allow the clock to vary by some percent. They do not allow two
// processors to share one core, which halves the speed.
var DefaultLimits = Limits{Floor: 0.85, Drift: 0.06, Others: 0.03}

// Measurement is the time of one entrant in a round, with the state of the machine.
type Measurement struct {
	Entrant string  `json:"entrant"`
	Runs    int     `json:"runs"`
	Seconds float64 `json:"seconds"` // of one run
	Before  float64 `json:"before"`  // the probe, GFLOP/s
	After   float64 `json:"after"`
	Others  float64 `json:"others"` // fraction of processor time that other processes used
	// Disturbed is why the measurement does not count, or empty.
	Disturbed string `json:"disturbed,omitempty"`
}

// Judge returns why a measurement does not count, given the fastest probe, or "" if it
// counts.
func (l Limits) Judge(t *Measurement, best float64) string {
	low, high := min(t.Before, t.After), max(t.Before, t.After)
	switch {
	case low < l.Floor*best:
		return fmt.Sprintf("a probe at %.0f %% of the fastest", 100*low/best)
	case high-low > l.Drift*high:
		return fmt.Sprintf("probes differ by %.0f %%", 100*(high-low)/high)
	case t.Others > l.Others:
		return fmt.Sprintf("other processes used %.0f %% of the processors", 100*t.Others)
	}
	return ""
}
