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
	w := layers.NewWeights(src, tensor.Float32)
	t := &Tower{net: newNetwork(w.At("text"), c, true), source: src, tokens: tokens, rows: tokenRows(src, "text.token_embedding.weight", c)}
	device, err := opt.device()
	if err == nil {
		err = t.start(device, opt)
	}
	if err != nil {
		src.Close()
		return nil, err
	}
	return t, nil
}
