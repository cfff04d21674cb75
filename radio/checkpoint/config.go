package checkpoint

import (
	"fmt"
	"strings"
)

// Config is the architecture, as a checkpoint describes it. ParseConfig fills it
// from a config.json. Nothing is taken from the name of a repository. Its methods have
// value receivers, so that what a model's Config() returns can be asked at once.
type Config struct {
	Model      string   // args.model, timm's name of the backbone
	Version    string   // "c-radio_v2-b", for messages only
	Width      int      // D
	Depth      int      // blocks
	Heads      int      // attention heads
	Hidden     int      // width of the MLP
	LayerScale bool     // blocks have LayerScale
	ScaledLN   bool     // norms of block i (from 1) are multiplied by 1/√i
	ModelNorm  bool     // a LayerNorm after the last block
	Patch      int      // pixels a side
	Grid       int      // side of the position table, patches
	NumClasses int      // class tokens
	Registers  int      // register tokens, after the class tokens
	Teachers   []string // one for each entry of args.teachers

	// SummaryIdxs are the class tokens that make the summary. A checkpoint's
	// own summary_idxs come first.
	SummaryIdxs []int

	// MaxResolution is the side that the position table was trained for,
	// pixels; larger images extrapolate.
	MaxResolution int
	// PreferredResolution is [height, width].
	PreferredResolution [2]int
	// AlignCorners is how the position table is resized: true in the code that was
	// published with the models up to C-RADIOv3, false from C-RADIOv4 on and in
	// transformers' own RadioModel. A field align_corners in config.json comes first.
	AlignCorners bool
	// AlignFrom says what AlignCorners was decided by, in words.
	AlignFrom string

	Adaptors []AdaptorConfig // sorted by name

	// Window is ViTDet's window side in patches, 0 without. NumWindowed and NumGlobal
	// are its schedule, 0 where the checkpoint does not say.
	Window, NumWindowed, NumGlobal int
	// FeatureNormalizer is the width of the feature normaliser, 0 without.
	FeatureNormalizer int
	// InterNormalizer is nil without a normaliser of intermediates.
	InterNormalizer *InterNormalizerConfig

	// LayerScaleFill fills the factors of a LayerScale that the file does not hold; 0 for
	// none: they must be there then.
	LayerScaleFill float64
	// SpectralEps is what spectral reparametrisation adds to a weight's norm.
	SpectralEps float64

	// Synthetic says that `cradio synth` made the weights: the features carry no meaning.
	Synthetic bool
	// At is where in the file the model is described: empty, or "vision_config" of a
	// vision-language model.
	At string
	// Ignored are the paths of fields that the model does not depend on, sorted:
	// "args.batch_size".
	Ignored []string
}

// AdaptorConfig describes the two heads of a teacher.
type AdaptorConfig struct {
	Name             string
	ClassToken       int // the token that the summary head reads
	Summary, Feature HeadConfig
}

// HeadConfig describes one head.
type HeadConfig struct {
	Version         string // "v1", "v2", or "attn"
	In, Hidden, Out int
	Inner           int
	Upsample        int // the feature grid is so many times finer; 1 for none
}

// InterNormalizerConfig describes the normaliser of intermediates.
type InterNormalizerConfig struct {
	Blocks, Width    int
	RotationPerBlock bool
}

// Prefix is the number of tokens before the patches.
func (c Config) Prefix() int { return c.NumClasses + c.Registers }

// SummaryWidth is C, the width of the summary.
func (c Config) SummaryWidth() int { return len(c.SummaryIdxs) * c.Width }

// Adaptor finds an adaptor by name.
func (c Config) Adaptor(name string) (AdaptorConfig, error) {
	var have []string
	for _, a := range c.Adaptors {
		if a.Name == name {
			return a, nil
		}
		have = append(have, a.Name)
	}
	if len(have) == 0 {
		return AdaptorConfig{}, fmt.Errorf("no adaptor %q: this checkpoint has none", name)
	}
	return AdaptorConfig{}, fmt.Errorf("no adaptor %q: this checkpoint has %s", name, strings.Join(have, ", "))
}
