package bench

import (
	"errors"
	"fmt"
	"sync"

	"cradio/radio"
)

// Config returns the architecture of a case's model. It is an error if the case does not
// fit the model.
func Config(c Case) (*radio.Config, error) {
	config, err := configOf(c.Model)
	if err != nil {
		return nil, err
	}
	if c.Batch < 1 || c.Batch > maxBatch {
		return nil, fmt.Errorf("batch is %d, want 1 to %d", c.Batch, maxBatch)
	}
	if c.Size > maxSize {
		return nil, fmt.Errorf("size is %d, want at most %d", c.Size, maxSize)
	}
	switch {
	case c.Train != "" && (c.Train.Blocks(config.Depth) < 1 || c.Train.Blocks(config.Depth) > config.Depth):
		return nil, fmt.Errorf("training %s: %s has %d blocks", c.Train, c.Model, config.Depth)
	case c.Recompute && c.Train == "":
		return nil, errors.New("there is nothing to compute again without training")
	}
	return config, config.CheckSize(c.Size, c.Size)
}

// configs caches the results of configOf, by the name of the model.
var configs sync.Map

// configOf returns a copy of the architecture of a synthetic model.
func configOf(model string) (*radio.Config, error) {
	if known, ok := configs.Load(model); ok {
		config := *known.(*radio.Config)
		return &config, nil
	}
	data, err := radio.SyntheticConfig(model)
	if err != nil {
		return nil, err
	}
	config, err := radio.ParseConfig(data)
	if err != nil {
		return nil, err
	}
	configs.Store(model, config)
	return configOf(model)
}

// Limits of a case: more than can be measured, but without overflow.
const (
	maxBatch = 1024
	maxSize  = 8192
)

// FLOPs returns the work of a forward pass, see radio.FLOPs; with gradients three times as
// much, since each product has two derivatives. Training of some blocks counts their share of
// the derivatives.
func FLOPs(c Case) (float64, error) {
	config, err := Config(c)
	if err != nil {
		return 0, err
	}
	n, err := radio.FLOPs(config, radio.ViTDet{}, c.Batch, c.Size, c.Size, radio.Request{})
	switch {
	case c.Grad:
		n *= 3
	case c.Train != "":
		n *= 1 + 2*float64(c.Train.Blocks(config.Depth))/float64(config.Depth)
	}
	return n, err
}
