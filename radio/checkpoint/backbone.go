package checkpoint

import (
	"encoding/json"
	"strings"
)

// parseBackbone reads the transformer's sizes: those of the timm model in args.model,
// changed by args.model_kwargs.
func (c *Config) parseBackbone(f *fields) {
	c.Model = f.text("model", "")
	v, ok := variantOf(c.Model)
	if !ok {
		f.fail("model", "is %q: this architecture is not implemented; the models that are: %s", c.Model, list(variantNames()))
	}
	c.Width, c.Depth, c.Heads, c.LayerScale = v.width, v.depth, v.heads, v.layerScale
	ratio := v.mlpRatio
	patch := v.patch
	if kw := f.object("model_kwargs"); kw != nil {
		c.Width = kw.integer("embed_dim", c.Width, 1, maxWidth)
		c.Depth = kw.integer("depth", c.Depth, 1, maxDepth)
		c.Heads = kw.integer("num_heads", c.Heads, 1, maxWidth)
		ratio = kw.number("mlp_ratio", ratio)
		if kw.raw["init_values"] != nil { // null switches LayerScale off
			c.LayerScale = kw.number("init_values", 0) != 0
		}
		c.ScaledLN = kw.boolean("scaled_ln", false)
		patch = kw.integer("patch_size", patch, 1, 256)
		refuseKwargs(kw)
		kw.ignore()
	}
	if c.Patch == 0 {
		c.Patch = patch
	} else if patch != c.Patch {
		f.fail("model", "%s has patches of %d pixels, but patch_size outside args is %d", c.Model, patch, c.Patch)
	}
	if c.Width%c.Heads != 0 {
		f.fail("model_kwargs.num_heads", "is %d, which does not divide the width %d", c.Heads, c.Width)
	}
	if hidden := float64(c.Width) * ratio; hidden >= 1 && hidden <= 16*maxWidth {
		c.Hidden = int(hidden)
	} else {
		f.fail("model_kwargs.mlp_ratio", "is %v, which gives a hidden layer of %v", ratio, hidden)
	}
}

// refuseKwargs reports arguments of timm's VisionTransformer that change its computation
// and have values that are not implemented. Other arguments only affect training, or parts
// that RADIO removes (position table, class token, head).
func refuseKwargs(kw *fields) {
	for _, name := range []string{"qkv_bias", "proj_bias"} {
		if !kw.boolean(name, true) {
			kw.fail(name, "is false: attention without this bias is not implemented")
		}
	}
	for _, name := range []string{"qk_norm", "pre_norm", "scale_attn_norm", "scale_mlp_norm", "swiglu_mlp", "rope", "parallel_blocks"} {
		if raw, on := kw.on(name); on {
			kw.fail(name, "is %s: this variant of the transformer block is not implemented", raw)
		}
	}
	for _, layer := range [][2]string{
		{"act_layer", "gelu"}, {"norm_layer", "layernorm"}, {"mlp_layer", "mlp"}, {"block_fn", "block"}, {"attn_layer", "attention"},
	} {
		var v any
		if !kw.take(layer[0], "a name", &v) {
			continue
		}
		text, _ := v.(string)
		if base := text[strings.LastIndexByte(text, '.')+1:]; !strings.EqualFold(base, layer[1]) {
			raw, _ := json.Marshal(v) // it was JSON
			kw.fail(layer[0], "is %s: only %q is implemented", clip(raw), layer[1])
		}
	}
}
