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
	Patch      int      // side of a patch, pixels
	Grid       int      // side of the position table, patches
	NumClasses int      // class tokens
	Registers  int      // register tokens, after the class tokens
	Teachers   []string // one for each entry of args.teachers
	// TeacherModels says which models the Teachers are, as far as the file does.
	TeacherModels []TeacherModel

	// SummaryIdxs are the class tokens that form the summary. A checkpoint's own
	// summary_idxs take precedence.
	SummaryIdxs []int

	// MaxResolution is the largest image side that the position table was trained for,
	// pixels. For larger images it is extrapolated.
	MaxResolution int
	// PreferredResolution is [height, width].
	PreferredResolution [2]int
	// AlignCorners is how the position table is resized: true in the code that was
	// published with the models up to C-RADIOv3, false from C-RADIOv4 on and in
	// transformers' own RadioModel. A field align_corners in config.json takes precedence.
	AlignCorners bool
	// AlignFrom tells, in words, what AlignCorners was derived from.
	AlignFrom string

	Adaptors []AdaptorConfig // sorted by name

	// Window is the side of ViTDet's windows in patches, or 0 without windows. NumWindowed
	// and NumGlobal are its schedule, or 0 if the checkpoint does not have one.
	Window, NumWindowed, NumGlobal int
	// FeatureNormalizer is the width of the feature normaliser, or 0 without one.
	FeatureNormalizer int
	// InterNormalizer describes the normaliser of intermediates; nil without one.
	InterNormalizer *InterNormalizerConfig

	// LayerScaleFill is the value of LayerScale factors that are not in the file. 0 means
	// that they must be in the file.
	LayerScaleFill float64
	// SpectralEps is added to a weight's norm in spectral reparametrisation.
	SpectralEps float64

	// Synthetic says that `cradio synth` wrote the weights: the features carry no meaning.
	Synthetic bool
	// At is the part of the file that describes the model: empty for the whole file, or
	// "vision_config" in a vision-language model.
	At string
	// Ignored are the paths of fields that do not change the features, sorted, such as
	// "args.batch_size".
	Ignored []string
}

// TeacherModel is a teacher as args.teachers describes it: its library, the model in it, and the
// weights.
type TeacherModel struct{ Type, Model, Pretrained string }

// AdaptorConfig describes the two heads of a teacher.
type AdaptorConfig struct {
	Name             string
	ClassToken       int // the input of the summary head
	Summary, Feature HeadConfig
}

// HeadConfig describes one head.
type HeadConfig struct {
	Version         string // "v1", "v2", or "attn"
	In, Hidden, Out int
	Inner           int
	Upsample        int // factor of upsampling of the feature grid; 1 for none
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
