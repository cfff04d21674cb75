package checkpoint

import (
	"math"
	"strings"
)

// The native layout is that of transformers' own RadioModel (model_type "radio"): a flat
// config, and tensors named after its modules. From models/radio and conversion_mapping.py
// of transformers 5. save_pretrained writes the hub's names, except for LayerScale.

// parseNative reads the config of a RadioModel.
func (c *Config) parseNative(f *fields) {
	c.Model = "RadioModel"
	c.Version = f.text("version", "")
	c.Width = f.integer("hidden_size", 1280, 1, maxWidth)
	c.Depth = f.integer("num_hidden_layers", 32, 1, maxDepth)
	c.Heads = f.integer("num_attention_heads", 16, 1, maxWidth)
	if c.Width%c.Heads != 0 {
		f.fail("num_attention_heads", "is %d, which does not divide hidden_size %d", c.Heads, c.Width)
	}
	if hidden := float64(c.Width) * f.number("mlp_ratio", 4); hidden >= 1 && hidden <= 16*maxWidth {
		c.Hidden = int(hidden)
	} else {
		f.fail("mlp_ratio", "gives a hidden layer of %v", hidden)
	}
	c.Patch = f.integer("patch_size", 16, 1, 256)
	c.MaxResolution = f.integer("max_img_size", 2048, c.Patch, maxPixels)
	c.Grid = c.MaxResolution / c.Patch
	c.PreferredResolution = [2]int{512, 512} // that of C-RADIOv4; image_size is not used
	c.AlignCorners, c.AlignFrom = false, "transformers' RadioModel"
	if f.has("align_corners") {
		c.AlignCorners, c.AlignFrom = f.boolean("align_corners", false), "the field align_corners"
	}
	c.NumClasses = f.integer("num_cls_tokens", 3, 1, maxTokens)
	c.Registers = f.integer("num_registers", 7, 0, maxTokens)
	c.SummaryIdxs = []int{0, 1}
	f.take("summary_idxs", "a list of class tokens", &c.SummaryIdxs)
	for _, i := range c.SummaryIdxs {
		if i < 0 || i >= c.NumClasses {
			f.fail("summary_idxs", "has %d, but there are only %d class tokens", i, c.NumClasses)
		}
	}
	c.LayerScale = true
	c.LayerScaleFill = f.number("layerscale_value", 1)
	c.refuseNative(f)
}

// refuseNative reports values that would change the features and are not implemented.
func (c *Config) refuseNative(f *fields) {
	if n := f.integer("num_channels", 3, 1, 1<<10); n != 3 {
		f.fail("num_channels", "is %d, want 3 (red, green, blue)", n)
	}
	if act := f.text("hidden_act", "gelu"); act != "gelu" {
		f.fail("hidden_act", "is %q: only the exact \"gelu\" is implemented", act)
	}
	if eps := f.number("layer_norm_eps", 1e-6); math.Abs(eps-1e-6) > 1e-12 {
		f.fail("layer_norm_eps", "is %v: only 1e-06 is implemented", eps)
	}
	if !f.boolean("qkv_bias", true) {
		f.fail("qkv_bias", "is false: attention without this bias is not implemented")
	}
	if f.boolean("use_swiglu_ffn", false) {
		f.fail("use_swiglu_ffn", "is true: the SwiGLU feed-forward network is not implemented")
	}
}

// native names tensors after RadioModel's modules: those of transformers 5, and of earlier
// drafts, which had Dinov2's names.
var native = &dialect{
	name:   "transformers",
	anchor: "embeddings.patch_projection.weight",
	names: func(_ *Config, tensor string) [][]string {
		tensor = strings.TrimPrefix(tensor, root)
		if block, ok := strings.CutPrefix(tensor, "model.blocks."); ok {
			return nativeBlock("encoder.layer." + block)
		}
		if name, ok := nativeNames[tensor]; ok {
			tensor = name
		}
		return [][]string{{tensor}}
	},
	aside: func(name string, alone bool) bool {
		for _, part := range []string{"embeddings.", "encoder.", "input_conditioner.", "summary_idxs"} {
			if strings.HasPrefix(name, part) {
				return strings.HasPrefix(name, "embeddings.video_patch_projection.")
			}
		}
		return !alone
	},
}

var nativeNames = map[string]string{
	"model.patch_generator.embedder.weight": "embeddings.patch_projection.weight",
	"model.patch_generator.pos_embed":       "embeddings.position_embedding",
	"model.patch_generator.cls_token.token": "embeddings.cls_register_token",
}

// nativeBlock returns the names of a block's tensor. Queries, keys and values are separate
// tensors; the hub's tensor is the three in this order.
func nativeBlock(tensor string) [][]string {
	with := func(old string, names ...string) []string {
		for i, n := range names {
			names[i] = strings.Replace(tensor, old, n, 1)
		}
		return names
	}
	switch {
	case strings.Contains(tensor, ".attn.qkv."):
		return [][]string{
			with("attn.qkv", "attention.q_proj", "attention.k_proj", "attention.v_proj"),
			with("attn.qkv", "attention.attention.query", "attention.attention.key", "attention.attention.value"),
			with("attn.qkv", "attention.qkv"),
		}
	case strings.Contains(tensor, ".attn.proj."):
		return [][]string{with("attn.proj", "attention.o_proj"), with("attn.proj", "attention.output.dense")}
	}
	return layerScale(tensor)
}
