package bench

import (
	"fmt"
	"sync"

	"cradio/radio"
)

// Part is the floating-point work of one matrix product of the model, in all blocks and
// for the whole batch.
type Part struct {
	// Paths are the possible paths of the product, with * for the block. A product that
	// is fused with the next operation has the path of that operation.
	Paths []string
	FLOPs float64
}

// Work returns the floating-point work of a forward pass. It counts a multiplication and an
// addition for each weight and token, as `cradio info` does. With N patches, P prefix
// tokens, T = N + P, width D, hidden width M and patches of p pixels, it is
//
//	2·N·3p²·D + blocks·(2·T·D·(4D + 2M) + 4·T²·D)
//
// Norms, softmax and GELU are not counted, and ViTDet windows are not considered.
func Work(c radio.Config, batch, height, width int) []Part {
	patches := float64(c.Tokens(height, width))
	tokens := patches + float64(c.Prefix())
	d, hidden, pixels := float64(c.Width), float64(c.Hidden), float64(3*c.Patch*c.Patch)
	images, blocks := float64(batch), float64(batch*c.Depth)
	return []Part{
		{[]string{"patch_generator.patches", "patch_generator", "tokens"}, images * 2 * patches * pixels * d},
		{[]string{"blocks.*.attn.qkv"}, blocks * 2 * tokens * d * 3 * d},
		{[]string{"blocks.*.attn.context"}, blocks * 4 * tokens * tokens * d},
		{[]string{"blocks.*.attn.proj", "blocks.*.mid"}, blocks * 2 * tokens * d * d},
		{[]string{"blocks.*.mlp.fc1", "blocks.*.mlp.gelu"}, blocks * 2 * tokens * d * hidden},
		{[]string{"blocks.*.mlp.fc2", "blocks.*"}, blocks * 2 * tokens * d * hidden},
	}
}

// FLOPs returns the sum of all Work.
func FLOPs(c radio.Config, batch, height, width int) (total float64) {
	for _, p := range Work(c, batch, height, width) {
		total += p.FLOPs
	}
	return total
}

// Config returns the architecture of a case's model. It is an error if the case does not
// fit the model.
func (c Case) Config() (*radio.Config, error) {
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

// FLOPs returns the work of a forward pass.
func (c Case) FLOPs() (float64, error) {
	config, err := c.Config()
	if err != nil {
		return 0, err
	}
	return FLOPs(*config, c.Batch, c.Size, c.Size), nil
}
