package checkpoint

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// synthetic is the config.json of a synthetic model.
func synthetic(t testing.TB, name string) []byte {
	data, err := os.ReadFile(filepath.Join("..", "configs", name+".json"))
	require.NoError(t, err)
	return data
}

// nanoConfig is the nano config.json as a tree that a test can change.
func nanoConfig(t testing.TB) map[string]any {
	data := synthetic(t, "nano")
	var tree map[string]any
	require.NoError(t, json.Unmarshal(data, &tree))
	return tree
}

// set changes a field by its path; deleted removes it.
func set(tree map[string]any, path string, value any) {
	parts := strings.Split(path, ".")
	for _, p := range parts[:len(parts)-1] {
		tree = tree[p].(map[string]any)
	}
	name := parts[len(parts)-1]
	if value == deleted {
		delete(tree, name)
		return
	}
	tree[name] = value
}

type deletion struct{}

var deleted = deletion{}

func parse(t testing.TB, tree map[string]any) (*Config, error) {
	data, err := json.Marshal(tree)
	require.NoError(t, err)
	return ParseConfig(data)
}

func TestSyntheticConfigs(t *testing.T) {
	for name, want := range map[string]struct {
		width, depth, heads, hidden, classes, registers, summary int
		scaled                                                   bool
	}{
		"B":    {768, 12, 12, 3072, 4, 4, 2304, false},
		"L":    {1024, 24, 16, 4096, 4, 4, 3072, false},
		"H":    {1280, 32, 16, 5120, 4, 4, 3840, false},
		"g":    {1536, 40, 24, 6144, 2, 6, 3072, true},
		"nano": {64, 3, 2, 256, 4, 4, 192, false},
	} {
		c, err := ParseConfig(synthetic(t, name))
		require.NoError(t, err)
		require.Equal(t, want.width, c.Width, name)
		require.Equal(t, want.depth, c.Depth, name)
		require.Equal(t, want.heads, c.Heads, name)
		require.Equal(t, want.hidden, c.Hidden, name)
		require.Equal(t, want.classes, c.NumClasses, name)
		require.Equal(t, want.registers, c.Registers, name)
		require.Equal(t, want.summary, c.SummaryWidth(), name)
		require.Equal(t, want.scaled, c.ScaledLN, name)
		require.True(t, c.AlignCorners)
	}
}

func TestVariantsLoadByTheirUpstreamNames(t *testing.T) {
	for _, name := range variantNames() {
		tree := nanoConfig(t)
		set(tree, "args.model", name)
		set(tree, "args.model_kwargs", map[string]any{})
		set(tree, "patch_size", nil)
		c, err := parse(t, tree)
		require.NoError(t, err, name)
		require.Equal(t, variants[name].width, c.Width)
		require.Equal(t, strings.Contains(name, "_v2_") && !strings.Contains(name, "so400m") || strings.Contains(name, "bigG"), c.LayerScale, name)
		require.Equal(t, strings.Contains(name, "patch14"), c.Patch == 14, name)
	}
	for name, hidden := range map[string]int{"vit_so400m_patch16_224": 4304, "vit_so400m_v2_patch16_224": 4320} {
		tree := nanoConfig(t)
		set(tree, "args.model", name)
		set(tree, "args.model_kwargs", deleted)
		c, err := parse(t, tree)
		require.NoError(t, err)
		require.Equal(t, hidden, c.Hidden)
	}
}

func TestTokenRules(t *testing.T) {
	teacher := func(name string, summary bool) map[string]any {
		return map[string]any{"name": name, "use_summary": summary}
	}
	for _, c := range []struct {
		name               string
		fields             map[string]any
		classes, registers int
		summary            []int
	}{
		{"a full multiple more where it divides", map[string]any{"register_multiple": 4}, 4, 4, []int{0, 1, 2}},
		{"to the next multiple", map[string]any{"register_multiple": 5}, 4, 1, []int{0, 1, 2}},
		{"no registers", map[string]any{"register_multiple": nil}, 4, 0, []int{0, 1, 2}},
		{"zero is none", map[string]any{"register_multiple": 0}, 4, 0, []int{0, 1, 2}},
		{"a number of registers comes first", map[string]any{"register_multiple": 8, "cpe_num_registers": 3}, 4, 3, []int{0, 1, 2}},
		{"one class token", map[string]any{"cls_token_per_teacher": false, "register_multiple": nil,
			"teachers": []any{teacher("a", true), teacher("b", false)}}, 1, 0, []int{0}},
		{"teachers of one name share a token", map[string]any{
			"teachers": []any{teacher("a", true), teacher("b", true), teacher("a", false)}}, 2, 6, []int{0, 1}},
		{"use_summary defaults to true", map[string]any{"teachers": []any{map[string]any{"name": "a"}}}, 1, 7, []int{0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := nanoConfig(t)
			for k, v := range c.fields {
				set(tree, "args."+k, v)
			}
			got, err := parse(t, tree)
			require.NoError(t, err)
			require.Equal(t, c.classes, got.NumClasses)
			require.Equal(t, c.registers, got.Registers)
			require.Equal(t, c.summary, got.SummaryIdxs)
		})
	}
}

func TestConfigRefusesByName(t *testing.T) {
	head := map[string]any{"input_dim": 64, "hidden_dim": 8, "output_dim": 8, "num_inner": 0}
	for _, c := range []struct {
		path  string
		value any
		want  string
	}{
		{"args.model", "vit_enormous", `config.json: args.model: is "vit_enormous": this architecture is not implemented; the models that are: vit_base_patch14_224, vit_base_patch16_224,`},
		{"args.model", deleted, `config.json: args.model: is "": this architecture`},
		{"args.model_kwargs.depth", -3, "config.json: args.model_kwargs.depth: is -3, want a whole number from 1 to 512"},
		{"args.model_kwargs.depth", "12", `config.json: args.model_kwargs.depth: is "12", want a whole number`},
		{"args.model_kwargs.depth", 2.5, "config.json: args.model_kwargs.depth: is 2.5, want a whole number"},
		{"args.model_kwargs.depth", 1e9, "config.json: args.model_kwargs.depth: is 1e+09, want a whole number from 1 to 512"},
		{"args.model_kwargs.num_heads", 5, "config.json: args.model_kwargs.num_heads: is 5, which does not divide the width 64"},
		{"args.model_kwargs.rope", true, "config.json: args.model_kwargs.rope: is true: this variant of the transformer block is not implemented"},
		{"args.model_kwargs.qk_norm", true, "config.json: args.model_kwargs.qk_norm: is true"},
		{"args.model_kwargs.act_layer", "gelu_tanh", `config.json: args.model_kwargs.act_layer: is "gelu_tanh": only "gelu" is implemented`},
		{"args.tome", map[string]any{"r": 8}, `config.json: args.tome: is {"r":8}: token merging is not implemented`},
		{"args.tome", true, "config.json: args.tome: is true: token merging"},
		{"args.damp", 0.1, "config.json: args.damp: is 0.1: weights under DAMP"},
		{"args.vitdet_num_windowed", 9, "config.json: args.vitdet_num_windowed: is 9, but vitdet_num_global 1 of 3 blocks means 2"},
		{"args.vitdet_window_size", 8, "config.json: args.vitdet_window_size: is 8, but vitdet_window_size outside args is 4"},
		{"args.model_kwargs.qkv_bias", false, "attention without this bias is not implemented"},
		{"args.model_kwargs.patch_size", 14, "patch_size outside args is 16"},
		{"args.model_kwargs.mlp_ratio", 1e12, "args.model_kwargs.mlp_ratio: is 1e+12"},
		{"args.cpe_max_size", nil, "config.json: args.cpe_max_size: is missing"},
		{"args.in_chans", 4, "config.json: args.in_chans: is 4, want 3"},
		{"args.teachers", []any{}, "config.json: args.teachers: is missing or empty"},
		{"args.teachers", []any{map[string]any{"type": "clip"}}, "config.json: args.teachers[0].name: is missing"},
		{"patch_size", 0, "config.json: patch_size: is 0, want a whole number from 1 to 256"},
		{"preferred_resolution", []any{432}, "config.json: preferred_resolution: is [432], want [height, width]"},
		{"align_corners", "yes", `config.json: align_corners: is "yes", want true or false`},
		{"adaptor_names", []any{"clip"}, `config.json: adaptor_configs.clip: is missing, but adaptor_names lists it`},
		{"adaptor_names", 7, "config.json: adaptor_names: is 7, want a list of names"},
		{"feature_normalizer_config", map[string]any{"embed_dim": 65}, "is 65, but the model's width is 64"},
		{"inter_feature_normalizer_config", map[string]any{"embed_dim": 64, "num_intermediates": 2}, "is 2, but the model has 3 blocks"},
		{"args", deleted, "config.json: args: is missing"},
		{"args", 3, "config.json: args: is 3, want an object"},
	} {
		t.Run(c.path, func(t *testing.T) {
			tree := nanoConfig(t)
			set(tree, "args.vitdet_num_global", 1)
			set(tree, "vitdet_window_size", 4)
			set(tree, c.path, c.value)
			_, err := parse(t, tree)
			require.ErrorContains(t, err, c.want)
		})
	}
	t.Run("adaptors", func(t *testing.T) {
		tree := nanoConfig(t)
		set(tree, "adaptor_names", []any{"clip"})
		set(tree, "adaptor_configs", map[string]any{"clip": map[string]any{"head_idx": 9, "summary": head,
			"feature": map[string]any{"input_dim": 63, "hidden_dim": 8, "output_dim": 9, "num_inner": 0, "upsample_factor": 2}}})
		_, err := parse(t, tree)
		require.ErrorContains(t, err, "adaptor_configs.clip.head_idx: is 9, but there are only 8 class and register tokens")
		require.ErrorContains(t, err, "adaptor_configs.clip.feature.input_dim: is 63, but the model's width is 64")
		require.ErrorContains(t, err, "adaptor_configs.clip.feature.output_dim: is 9, which upsample_factor² = 4 does not divide")
	})
	for text, want := range map[string]string{
		``:                         "not a JSON object",
		`null`:                     "is null, want a JSON object",
		`[1]`:                      "not a JSON object",
		`{"args": {}, "args": {}}`: `field "args" appears twice`,
		`{"args": {"model": "vit_base_patch16_224", "model": "x"}}`: `field "model" appears twice`,
	} {
		_, err := ParseConfig([]byte(text))
		require.ErrorContains(t, err, want, text)
	}
}

// A published config.json carries the training run's whole command line. What the model
// does not depend on is ignored, whatever its name and type, and counted.
func TestWhatTheModelDoesNotDependOn(t *testing.T) {
	tree := nanoConfig(t)
	before, err := parse(t, tree)
	require.NoError(t, err)
	for path, v := range map[string]any{
		"args.batch_size": 32, "args.data_dir": []any{[]any{"a", 0.5}}, "args.aa": nil, "args.chk_keep_forever": 50,
		"args.quantum_tokens": map[string]any{"deep": []any{1, nil}}, "args.mlp_version": "v9", // there are no adaptors
		"args.damp": 0.0, "args.tome": nil, "args.model_kwargs.img_size": 224,
		"auto_map": map[string]any{"AutoModel": "hf_model.RADIOModel"}, "id2label": map[string]any{"0": "cat"},
		"video_temporal_patch_size": 2, "quantum": "x", "args.teachers": []any{
			map[string]any{"name": "a", "amp": true, "student_resolution": 432, "whatever": []any{}}},
	} {
		set(tree, path, v)
	}
	c, err := parse(t, tree)
	require.NoError(t, err)
	require.Subset(t, c.Ignored, []string{"args.aa", "args.batch_size", "args.model_kwargs.img_size", "args.quantum_tokens",
		"args.teachers[0].whatever", "auto_map", "id2label", "quantum", "video_temporal_patch_size"})
	require.NotContains(t, c.Ignored, "args.model")
	require.NotContains(t, c.Ignored, "args.tome")
	require.IsIncreasing(t, c.Ignored)
	require.NotEmpty(t, before.Ignored)
}

// Python's json module writes constants that JSON does not have, and editors a byte
// order mark.
func TestPythonsJSON(t *testing.T) {
	tree := nanoConfig(t)
	set(tree, "args.best_metric", "NAN")
	set(tree, "args.note", `a "quoted" NaN, and a \`)
	data, err := json.Marshal(tree)
	require.NoError(t, err)
	text := strings.Replace(string(data), `"NAN"`, "[NaN, Infinity, -Infinity]", 1)
	_, err = ParseConfig([]byte("\ufeff" + text))
	require.NoError(t, err)
}

func TestNullIsFalse(t *testing.T) {
	tree := nanoConfig(t)
	set(tree, "args.cls_token_per_teacher", nil)
	c, err := parse(t, tree)
	require.NoError(t, err)
	require.Equal(t, 1, c.NumClasses)
	require.Equal(t, []int{0}, c.SummaryIdxs)
	set(tree, "args.cls_token_per_teacher", 1)
	c, err = parse(t, tree)
	require.NoError(t, err)
	require.Equal(t, 4, c.NumClasses)
}

func TestHeadVersionsThatAreNotImplemented(t *testing.T) {
	for path, want := range map[string]string{
		"args.mlp_version":         `config.json: args.mlp_version: is "v9": this version of adaptor heads is not implemented; the versions that are: v1, v2`,
		"args.spatial_mlp_version": `config.json: args.spatial_mlp_version: is "v9": this version of adaptor heads is not implemented; the versions that are: v1, v2, attn`,
	} {
		tree := nanoConfig(t)
		head := map[string]any{"input_dim": 64, "hidden_dim": 8, "output_dim": 8, "num_inner": 0, "note": "of no concern"}
		set(tree, "adaptor_names", "clip")
		set(tree, "adaptor_configs", map[string]any{"clip": map[string]any{"head_idx": 0, "summary": head, "feature": head}})
		set(tree, path, "v9")
		_, err := parse(t, tree)
		require.ErrorContains(t, err, want)
	}
}

func TestAlignmentByVersion(t *testing.T) {
	for version, want := range map[string]bool{
		"radio_v2.5-b": true, "c-radio_v2-b": true, "c-radio_v3-l": true, "e-radio_v2": true, "": true, "something": true,
		"c-radio_v4-h": false, "c-radio_v4-so400m": false, "c-radio_v5-h": false, "C-RADIOv4-H": false, "c-radio-v3_l": true, "c-radio_v10-b": false,
	} {
		tree := nanoConfig(t)
		set(tree, "version", version)
		c, err := parse(t, tree)
		require.NoError(t, err)
		require.Equal(t, want, c.AlignCorners, version)
		require.Contains(t, c.AlignFrom, version)
		for _, said := range []bool{true, false} {
			set(tree, "align_corners", said)
			c, err = parse(t, tree)
			require.NoError(t, err)
			require.Equal(t, said, c.AlignCorners)
			require.Equal(t, "the field align_corners", c.AlignFrom)
		}
	}
}

func TestModelInsideAnother(t *testing.T) {
	tower := nanoConfig(t)
	for _, name := range []string{"vision_config", "vision_tower_config"} {
		c, err := parse(t, map[string]any{"model_type": "vlm", "llm_config": map[string]any{"hidden_size": 64}, name: tower})
		require.NoError(t, err)
		require.Equal(t, name, c.At)
		require.Equal(t, 64, c.Width)
		require.Contains(t, c.Ignored, name+".args.amp")
	}
	c, err := parse(t, map[string]any{"encoder": map[string]any{"inner": tower}})
	require.NoError(t, err)
	require.Equal(t, "encoder.inner", c.At)
	_, err = parse(t, map[string]any{"a": tower, "b": tower})
	require.EqualError(t, err, "config.json: describes 2 RADIO models, in a, b; keep one")
	_, err = parse(t, map[string]any{"model_type": "llama", "text_config": map[string]any{}})
	require.ErrorContains(t, err, `config.json: args: is missing: it describes another kind of model, model_type "llama"; give a checkpoint of the RADIO family`)
	set(tower, "args.model", "eradio")
	_, err = parse(t, map[string]any{"vision_config": tower})
	require.ErrorContains(t, err, `config.json: vision_config.args.model: is "eradio"`)
}

func TestReadConfig(t *testing.T) {
	dir := t.TempDir()
	_, err := ReadConfig(dir)
	require.ErrorIs(t, err, os.ErrNotExist)
	path := filepath.Join(dir, "config.json")
	require.NoError(t, os.WriteFile(path, make([]byte, maxConfigBytes+1), 0o600))
	_, err = ReadConfig(dir)
	require.ErrorContains(t, err, "want a file of at most")
	require.NoError(t, os.WriteFile(path, synthetic(t, "B"), 0o600))
	c, err := ReadConfig(dir)
	require.NoError(t, err)
	require.Equal(t, "vit_base_patch16_224", c.Model)
}

// What people have in the place of config.json is named, with what helps.
func TestConfigOfAnotherKind(t *testing.T) {
	for text, want := range map[string]string{
		"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n": "config.json: want JSON, found a git-lfs pointer",
		"<!DOCTYPE html><html>": "config.json: want JSON, found ",
		"":                      "config.json: want JSON, found an empty file",
		"\xff\xfe{\x00}\x00":    "config.json: want JSON, found ",
		"PK\x03\x04":            "config.json: want JSON, found a zip",
		"{":                     "not a JSON object",
	} {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, "config.json"), []byte(text), 0o600))
		_, err := ReadConfig(dir)
		require.ErrorContains(t, err, want, text)
	}
}

func TestNearestSize(t *testing.T) {
	c := &Config{Patch: 16}
	for _, v := range [][4]int{{224, 224, 224, 224}, {225, 231, 224, 224}, {8, 7, 16, 16}, {24, 40, 32, 32}, {1000, 1, 992, 16}} {
		h, w := c.NearestSize(v[0], v[1])
		require.Equal(t, [2]int{v[2], v[3]}, [2]int{h, w})
	}
	require.NoError(t, c.CheckSize(32, 48))
	require.EqualError(t, c.CheckSize(225, 300), "image is 225×300: height and width must be multiples of 16; the nearest supported size is 224×304")
	require.NoError(t, c.CheckSize(8192, 8192))
	require.ErrorContains(t, c.CheckSize(8192, 8208), "too large; at most 262144 patches")
	require.ErrorContains(t, c.CheckSize(16, 1<<20), "too large")
	c.Window = 4
	require.ErrorContains(t, c.CheckSize(64, 80), "multiples of 64; the nearest supported size is 64×64")
	require.Error(t, c.CheckSize(0, 64))
	require.Error(t, c.CheckSize(-64, 64))
}

// A refused size comes with one that is taken.
func TestSizeError(t *testing.T) {
	for _, c := range []Config{{Patch: 16}, {Patch: 14}, {Patch: 16, Window: 14}, {Patch: 256}, {Patch: 1}} {
		for _, h := range []int{-5, 0, 1, 17, 224, 300, 8192, 8208, 32768, 40000, 1 << 20, math.MaxInt32} {
			for _, w := range []int{-5, 0, 1, 48, 225, 1000, 8192, 30000, 32768, 1 << 20, math.MaxInt32} {
				err := c.CheckSize(h, w)
				if err == nil {
					continue
				}
				var e *SizeError
				require.ErrorAs(t, err, &e)
				require.Equal(t, [3]int{h, w, c.Step()}, [3]int{e.Height, e.Width, e.Step})
				require.NoError(t, c.CheckSize(e.NearestHeight, e.NearestWidth), "%+v of %d×%d", e, h, w)
			}
		}
	}
	var e *SizeError
	require.ErrorAs(t, Config{Patch: 16}.CheckSize(300, 500), &e)
	require.Equal(t, SizeError{Height: 300, Width: 500, Step: 16, NearestHeight: 304, NearestWidth: 496, Patch: 16}, *e)
	require.ErrorAs(t, Config{Patch: 16}.CheckSize(16384, 16384), &e)
	require.Equal(t, SizeError{Height: 16384, Width: 16384, Step: 16, NearestHeight: 8192, NearestWidth: 8192, Patch: 16, MaxPatches: 1 << 18}, *e)
}
