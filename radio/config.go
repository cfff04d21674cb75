package radio

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Config is the architecture, as config.json describes it. ParseConfig fills
// it from a Hugging Face config.json; nothing is taken from a variant's name.
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
	// AlignCorners is how the position table is resized: true in the code that
	// was published with C-RADIOv2 (the default), false in RADIO's since
	// 28 June 2025 and in transformers. A field of ours in config.json.
	AlignCorners bool

	Adaptors []AdaptorConfig // sorted by name

	// Window is ViTDet's window side in patches, 0 without. See ViTDet.
	Window int
	// FeatureNormalizer is the width of the feature normaliser, 0 without.
	FeatureNormalizer int
	// InterNormalizer is nil without a normaliser of intermediates.
	InterNormalizer *InterNormalizerConfig
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
func (c *Config) Prefix() int { return c.NumClasses + c.Registers }

// SummaryWidth is C, the width of the summary.
func (c *Config) SummaryWidth() int { return len(c.SummaryIdxs) * c.Width }

// Adaptor finds an adaptor by name.
func (c *Config) Adaptor(name string) (AdaptorConfig, error) {
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

// maxConfigBytes bounds config.json and preprocessor_config.json.
const maxConfigBytes = 16 << 20

// ReadConfig reads and parses dir/config.json.
func ReadConfig(dir string) (*Config, error) {
	data, err := readBounded(filepath.Join(dir, "config.json"), maxConfigBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("model %s: has no config.json: is it the folder of a checkpoint, as downloaded? %w", dir, err)
	}
	if err != nil {
		return nil, err
	}
	c, err := ParseConfig(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return c, nil
}

// readBounded reads a file that must not be larger than most bytes.
func readBounded(path string, most int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > most {
		return nil, fmt.Errorf("%s: has %d bytes, wants a file of at most %d", path, info.Size(), most)
	}
	return os.ReadFile(path)
}

// ParseConfig reads a config.json. It reports every field that is wrong,
// unknown or at odds with another.
func ParseConfig(data []byte) (*Config, error) {
	top, err := parseFields("config.json", data)
	if err != nil {
		return nil, err
	}
	if v, ok := top.raw["model_type"]; ok && string(v) == `"radio"` || top.raw["hidden_size"] != nil && top.raw["args"] == nil {
		return nil, fmt.Errorf("config.json: this is the native transformers layout (model_type radio), which is not " +
			"supported yet; use the repository's original files, whose config.json has an \"args\" object")
	}
	c := &Config{}
	args := top.object("args")
	if args == nil && top.err() == nil {
		return nil, fmt.Errorf("config.json: args: is missing; wants the object of a RADIO checkpoint of the Hugging Face hub")
	}
	c.parseTop(top)
	if args != nil {
		c.parseArgs(args)
		c.parseAdaptors(top, args)
		args.rest(isTrainingArg, "; if it only concerns training, remove it from config.json")
	}
	top.rest(func(name string) bool { return slices.Contains(harmlessTop, name) }, "")
	c.check(top)
	if err := top.err(); err != nil {
		return nil, err
	}
	return c, nil
}

// harmlessTop are the fields that transformers itself adds to config.json.
var harmlessTop = []string{
	"_commit_hash", "_name_or_path", "architectures", "attn_implementation", "auto_map", "custom_pipelines", "dtype",
	"is_encoder_decoder", "model_type", "return_dict", "tie_word_embeddings", "torch_dtype", "transformers_version",
	"use_return_dict", "output_attentions", "output_hidden_states",
}

// Bounds on sizes: far above any model of the family, far below what would
// exhaust a machine before the checkpoint shows them to be wrong.
const (
	maxWidth, maxDepth, maxTokens, maxPixels = 1 << 14, 1 << 9, 1 << 12, 1 << 15
)

func (c *Config) parseTop(f *fields) {
	c.Version = f.text("version", "")
	c.Patch = f.integer("patch_size", 16, 1, 256)
	c.MaxResolution = f.integer("max_resolution", 2048, 1, maxPixels)
	c.AlignCorners = f.boolean("align_corners", true)
	c.Window = f.integer("vitdet_window_size", 0, 1, maxTokens)
	size := []int{512, 512}
	if f.take("preferred_resolution", "[height, width]", &size) &&
		(len(size) != 2 || min(size[0], size[1]) < 1 || max(size[0], size[1]) > maxPixels) {
		f.fail("preferred_resolution", "is %v, wants [height, width]", size)
		size = []int{512, 512}
	}
	c.PreferredResolution = [2]int(size)
	if n := f.object("feature_normalizer_config"); n != nil {
		c.FeatureNormalizer = n.integer("embed_dim", 0, 1, maxWidth)
		n.rest(nil, "")
	}
	if n := f.object("inter_feature_normalizer_config"); n != nil {
		c.InterNormalizer = &InterNormalizerConfig{
			Blocks:           n.integer("num_intermediates", 0, 1, maxDepth),
			Width:            n.integer("embed_dim", 0, 1, maxWidth),
			RotationPerBlock: n.boolean("rot_per_layer", false),
		}
		n.rest(nil, "")
	}
}

func (c *Config) parseArgs(f *fields) {
	c.parseBackbone(f)
	c.ModelNorm = f.boolean("model_norm", false)
	if n := f.integer("in_chans", 3, 1, 1<<10); n != 3 {
		f.fail("in_chans", "is %d, wants 3 (red, green, blue)", n)
	}
	var input []int
	if f.take("input_size", "[channels, height, width]", &input) && (len(input) != 3 || input[0] != 3) {
		f.fail("input_size", "is %v, wants [3, height, width]", input)
	}
	f.oneOf("gp", "token", "token", "avg", "") // timm's pooling: without effect on RADIO's outputs

	if size := f.integer("cpe_max_size", 0, 1, maxPixels); size == 0 {
		f.fail("cpe_max_size", "is missing; wants the size of the position table in pixels: models without a cropped position embedding are not supported")
	} else if c.Patch > 0 {
		c.Grid = (size + c.Patch/2) / c.Patch
	}
	c.parseTokens(f)
}

func (c *Config) parseBackbone(f *fields) {
	c.Model = f.text("model", "")
	v, ok := variants[c.Model]
	if !ok {
		f.fail("model", "is %q, wants one of %s", c.Model, strings.Join(variantNames(), ", "))
		v = variants["vit_base_patch16_224"]
	}
	c.Width, c.Depth, c.Heads, c.LayerScale = v.width, v.depth, v.heads, v.layerScale
	ratio := v.mlpRatio
	if kw := f.object("model_kwargs"); kw != nil {
		c.Width = kw.integer("embed_dim", c.Width, 1, maxWidth)
		c.Depth = kw.integer("depth", c.Depth, 1, maxDepth)
		c.Heads = kw.integer("num_heads", c.Heads, 1, maxWidth)
		ratio = kw.number("mlp_ratio", ratio)
		if scale := kw.number("init_values", -1); scale != -1 {
			c.LayerScale = scale != 0
		}
		c.ScaledLN = kw.boolean("scaled_ln", false)
		if n := kw.integer("patch_size", c.Patch, 1, 256); n != c.Patch {
			kw.fail("patch_size", "is %d, but patch_size of config.json is %d", n, c.Patch)
		}
		if !kw.boolean("qkv_bias", true) {
			kw.fail("qkv_bias", "is false: attention without bias is not supported")
		}
		kw.text("weight_init", "")
		kw.rest(nil, ": no model of this program knows it")
	}
	if c.Width%c.Heads != 0 {
		f.fail("model_kwargs.num_heads", "is %d, which does not divide the width %d", c.Heads, c.Width)
	}
	if hidden := float64(c.Width) * ratio; hidden >= 1 && hidden <= 16*maxWidth {
		c.Hidden = int(hidden)
	} else {
		f.fail("model_kwargs.mlp_ratio", "is %v, which makes a hidden layer of %v", ratio, hidden)
	}
}

// parseTokens counts class and register tokens, and says which make the summary.
func (c *Config) parseTokens(f *fields) {
	distinct := map[string]bool{}
	teachers := f.objects("teachers")
	if len(teachers) == 0 {
		f.fail("teachers", "is missing or empty; wants the list of teachers, each with a name")
	}
	if len(teachers) > maxTokens {
		f.fail("teachers", "has %d entries, wants at most %d", len(teachers), maxTokens)
		teachers = teachers[:maxTokens]
	}
	for i, t := range teachers {
		name := t.text("name", "")
		if name == "" {
			t.fail("name", "is missing or empty")
		}
		distinct[name] = true
		c.Teachers = append(c.Teachers, name)
		if t.boolean("use_summary", true) {
			c.SummaryIdxs = append(c.SummaryIdxs, i)
		}
		// What else is said of a teacher concerns its own training.
	}
	c.NumClasses = 1
	if f.boolean("cls_token_per_teacher", true) {
		c.NumClasses = max(len(distinct), 1)
	}
	multiple := f.integer("register_multiple", 0, 0, maxTokens)
	c.Registers = f.integer("cpe_num_registers", 0, 0, maxTokens)
	if c.Registers == 0 && multiple > 0 {
		c.Registers = multiple - c.NumClasses%multiple
	}
}

// check looks for fields that contradict each other.
func (c *Config) check(f *fields) {
	for _, i := range c.SummaryIdxs {
		if i >= c.NumClasses {
			f.fail("args.teachers", "teacher %d has use_summary, but there are only %d class tokens (distinct teachers, or one if cls_token_per_teacher is false)", i, c.NumClasses)
		}
	}
	if n := c.FeatureNormalizer; n != 0 && n != c.Width {
		f.fail("feature_normalizer_config.embed_dim", "is %d, but the model's width is %d", n, c.Width)
	}
	if n := c.InterNormalizer; n != nil && n.Width != c.Width {
		f.fail("inter_feature_normalizer_config.embed_dim", "is %d, but the model's width is %d", n.Width, c.Width)
	}
	if n := c.InterNormalizer; n != nil && n.Blocks < c.Depth {
		f.fail("inter_feature_normalizer_config.num_intermediates", "is %d, but the model has %d blocks", n.Blocks, c.Depth)
	}
}
