package report

// Start is the cost of start-up: the time from the start of a process to the first
// embedding, and the peak memory until then and during a few more passes.
type Start struct {
	Case
	Entrant   string    `json:"entrant"`
	Settings  string    `json:"settings,omitempty"`
	Seconds   float64   `json:"seconds,omitempty"` // the median
	All       []float64 `json:"all,omitempty"`
	PeakBytes int64     `json:"peak_bytes,omitempty"` // resident set; 0 if it is not known
	Error     string    `json:"error,omitempty"`
}
