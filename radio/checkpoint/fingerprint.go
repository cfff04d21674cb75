package checkpoint

// Fingerprint identifies a backbone by two sums, each a SHA-256 of 64 hexadecimal digits: of the
// configuration in use, and of the weights as Model.Identity has them. Unlike there the preprocessor
// does not count: a head has its own.
type Fingerprint struct {
	Config  string `json:"config"`
	Weights string `json:"weights"`
	Adapter string `json:"adapter,omitempty"` // of a LoRA adapter in use
}
