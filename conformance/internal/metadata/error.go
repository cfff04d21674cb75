package metadata

// Error is the error of a tensor: its distance from the reference.
type Error struct {
	Max float64 `json:"max"`
	RMS float64 `json:"rms"`
}
