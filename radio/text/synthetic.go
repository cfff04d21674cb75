package text

import (
	"cradio/layers"
	"cradio/loader"
	"cradio/radio/text/token"

	"gorgonia.org/tensor"
)

// Synthetic makes a tower without a file, whose weights are computed from their names: for
// tests, benchmarks and examples. Its features mean nothing. tokens may be nil.
func Synthetic(c *Config, tokens *token.Tokenizer, opt Options) (*Tower, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	src := loader.NewSynthetic(opt.Seed)
	t, err := newTower(newNetwork(layers.NewWeights(src, tensor.Float32).At("text"), c, true), src, tokens, opt)
	if err != nil {
		src.Close()
	}
	return t, err
}
