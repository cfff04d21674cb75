package checkpoint

import (
	"testing"

	"github.com/stretchr/testify/require"
)

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
		{"preferred_resolution", []any{"432"}, `config.json: preferred_resolution: is ["432"], want [height, width]`},
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
		`{"": 0, "": 0}`:           `field "" appears twice`,
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
