package report

// Cell is the result of one case.
type Cell struct {
	Case
	GFLOP float64 `json:"gflop"` // of one forward pass
	Summary
	Rounds [][]*Measurement `json:"rounds"` // all rounds, with the disturbed measurements
}
