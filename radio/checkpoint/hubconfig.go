package checkpoint

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// ParseConfig reads a config.json. It may be in the hub's format, whose args are the
// arguments of the training run, or in the format of transformers' RadioModel. It may also
// be part of the config.json of a vision-language model. Every field that changes the
// features is checked, and all errors are reported at once. Other fields are ignored, and
// listed in Config.Ignored.
func ParseConfig(data []byte) (*Config, error) { return parseConfig("config.json", data) }

// SyntheticMark is the beginning of _name_or_path in the config.json of synthetic weights.
const SyntheticMark = "synthetic:"

// parseConfig is ParseConfig of a file by that name.
func parseConfig(file string, data []byte) (*Config, error) {
	top, err := parseFields(file, data)
	if err != nil {
		return nil, err
	}
	f, err := locate(top)
	if err != nil {
		return nil, err
	}
	c := &Config{At: f.path}
	var name string // of any type: it does not change the features
	if json.Unmarshal(top.raw["_name_or_path"], &name) == nil {
		c.Synthetic = strings.HasPrefix(name, SyntheticMark)
	}
	if isNative(f) {
		c.parseNative(f)
	} else {
		c.parseHub(f)
	}
	f.ignore()
	slices.Sort(top.ignored)
	c.Ignored = top.ignored
	if err := top.err(); err != nil {
		return nil, err
	}
	return c, nil
}

// parseHub reads the hub's format.
func (c *Config) parseHub(f *fields) {
	c.parseTop(f)
	args := f.object("args")
	if args == nil {
		return // take has said why
	}
	c.parseArgs(args, func(int, *fields) {})
	c.parseAdaptors(f, args)
	c.parseSchedule(f, args)
	c.parseSpectral(args)
	refuse(args)
	args.ignore()
	c.check(f)
}

// Bounds on sizes: far above those of any model of the family, and low enough that a wrong
// size cannot exhaust memory before the checkpoint is read.
const (
	maxWidth, maxDepth, maxTokens, maxPixels = 1 << 14, 1 << 9, 1 << 12, 1 << 15
)

func (c *Config) parseTop(f *fields) {
	c.Version = f.text("version", "")
	c.Patch = f.integer("patch_size", 0, 1, 256)
	c.MaxResolution = f.integer("max_resolution", 2048, 1, maxPixels)
	c.parseAlignment(f)
	size := []int{512, 512}
	if f.take("preferred_resolution", "[height, width]", &size) &&
		(len(size) != 2 || min(size[0], size[1]) < 1 || max(size[0], size[1]) > maxPixels) {
		f.fail("preferred_resolution", "is %v, want [height, width]", size)
		size = []int{512, 512}
	}
	c.PreferredResolution = [2]int(size)
	if n := f.object("feature_normalizer_config"); n != nil {
		c.FeatureNormalizer = n.integer("embed_dim", 0, 1, maxWidth)
		n.ignore()
	}
	if n := f.object("inter_feature_normalizer_config"); n != nil {
		c.InterNormalizer = &InterNormalizerConfig{
			Blocks:           n.integer("num_intermediates", 0, 1, maxDepth),
			Width:            n.integer("embed_dim", 0, 1, maxWidth),
			RotationPerBlock: n.boolean("rot_per_layer", false),
		}
		n.ignore()
	}
}

// cRADIO matches the generation in a version: 4 in "c-radio_v4-h". File names use other
// spellings too: "c-radio-v3_l_half.pth.tar".
var cRADIO = regexp.MustCompile(`(?i)\bc-radio[-_]?v(\d{1,3})`)

// parseAlignment decides how the position table is resized. RADIO's code aligned
// corners until 28 June 2025; each repository keeps the code of its time.
func (c *Config) parseAlignment(f *fields) {
	said := f.has("align_corners")
	value := f.boolean("align_corners", true)
	if said {
		c.AlignCorners, c.AlignFrom = value, "the field align_corners"
		return
	}
	c.alignByVersion()
}

func (c *Config) alignByVersion() {
	c.AlignCorners = true
	if c.Version == "" {
		c.AlignFrom = "no version is given: as in C-RADIOv2"
		return
	}
	if m := cRADIO.FindStringSubmatch(c.Version); m != nil {
		generation, _ := strconv.Atoi(m[1]) // digits, by the pattern
		c.AlignCorners = generation < 4
	}
	c.AlignFrom = fmt.Sprintf("version %q", c.Version)
}

// parseArgs reads the training arguments. It calls teacher with each of args.teachers, for
// further fields.
func (c *Config) parseArgs(f *fields, teacher func(i int, t *fields)) {
	c.parseBackbone(f)
	c.ModelNorm = f.boolean("model_norm", false)
	var input []int
	f.take("input_size", "[channels, height, width]", &input)
	channels := 3
	if len(input) == 3 { // the size itself is that of training
		channels = input[0]
	}
	if n := f.integer("in_chans", channels, 1, 1<<10); n != 3 {
		f.fail("in_chans", "is %d, want 3 (red, green, blue)", n)
	}
	if size := f.integer("cpe_max_size", 0, 1, maxPixels); size == 0 {
		f.fail("cpe_max_size", "is missing; want the size of the position table in pixels: models without a cropped position embedding are not supported")
	} else if c.Patch > 0 {
		c.Grid = max(int(math.RoundToEven(float64(size)/float64(c.Patch))), 1)
	}
	c.parseTokens(f, teacher)
}

// parseTokens counts class and register tokens, and finds those that form the summary.
func (c *Config) parseTokens(f *fields, teacher func(i int, t *fields)) {
	distinct := map[string]bool{}
	teachers := f.objects("teachers")
	if len(teachers) == 0 {
		f.fail("teachers", "is missing or empty; want the list of teachers, each with a name")
	}
	if len(teachers) > maxTokens {
		f.fail("teachers", "has %d entries, want at most %d", len(teachers), maxTokens)
		teachers = teachers[:maxTokens]
	}
	for i, t := range teachers {
		name := t.text("name", "")
		if name == "" {
			t.fail("name", "is missing or empty")
		}
		distinct[name] = true
		c.Teachers = append(c.Teachers, name)
		c.TeacherModels = append(c.TeacherModels, TeacherModel{peek(t, "type"), peek(t, "model"), peek(t, "pretrained")})
		if t.boolean("use_summary", true) {
			c.SummaryIdxs = append(c.SummaryIdxs, i)
		}
		teacher(i, t)
		t.ignore()
	}
	c.NumClasses = max(len(distinct), 1)
	if !f.boolean("cls_token_per_teacher", true) {
		c.NumClasses = 1
		c.SummaryIdxs = []int{0}
	}
	multiple := f.integer("register_multiple", 0, 0, maxTokens)
	c.Registers = f.integer("cpe_num_registers", 0, 0, maxTokens)
	if c.Registers == 0 && multiple > 0 {
		c.Registers = multiple - c.NumClasses%multiple
	}
}

// peek is a field of text that changes no features, or empty: it is still counted as ignored.
func peek(f *fields, key string) (text string) {
	if json.Unmarshal(f.raw[key], &text) != nil {
		return ""
	}
	return text
}

// parseSchedule reads ViTDet's windows. Training may use windows when inference does not:
// only the vitdet_window_size outside args switches them on.
func (c *Config) parseSchedule(f, args *fields) {
	c.Window = f.integer("vitdet_window_size", 0, 1, maxTokens)
	trained := args.integer("vitdet_window_size", 0, 0, maxTokens)
	if c.Window > 0 && trained > 0 && trained != c.Window {
		args.fail("vitdet_window_size", "is %d, but vitdet_window_size outside args is %d: set one of them to null", trained, c.Window)
	}
	c.NumWindowed = args.integer("vitdet_num_windowed", 0, 0, maxDepth)
	c.NumGlobal = args.integer("vitdet_num_global", 0, 0, maxDepth)
	if c.NumWindowed > 0 && c.NumGlobal > 0 && c.NumWindowed+1 != max(c.Depth/c.NumGlobal, 1) {
		args.fail("vitdet_num_windowed", "is %d, but vitdet_num_global %d of %d blocks means %d: set one of them to null",
			c.NumWindowed, c.NumGlobal, c.Depth, max(c.Depth/c.NumGlobal, 1)-1)
	}
}

// parseSpectral reads how weights were reparametrised in training. The tensors show whether
// they still are.
func (c *Config) parseSpectral(args *fields) {
	c.SpectralEps = 1e-6
	if raw := args.raw["spectral_reparam"]; len(raw) > 0 && raw[0] == '{' {
		c.SpectralEps = args.object("spectral_reparam").number("eps", 1e-12)
	}
}

// check reports fields that contradict each other.
func (c *Config) check(f *fields) {
	for _, i := range c.SummaryIdxs {
		if i >= c.NumClasses {
			f.fail("args.teachers", "teacher %d has use_summary, but there are only %d class tokens (one for each distinct name)", i, c.NumClasses)
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

// refuse reports arguments that change the features in a way that is not implemented.
func refuse(args *fields) {
	if raw, on := args.on("tome"); on {
		args.fail("tome", "is %s: token merging is not implemented; use a checkpoint without it", raw)
	}
	disabled := args.boolean("force_disable_damp", false)
	if raw, on := args.on("damp"); on && !disabled {
		args.fail("damp", "is %s: weights under DAMP's parametrization are not implemented; export the checkpoint without it, and set damp to null", raw)
	}
}

// list joins words with commas.
func list(words []string) string { return strings.Join(words, ", ") }
