package text

import (
	"fmt"
	"strings"

	"cradio/loader/strictjson"
)

// transformersText is what is read of a config.json, of its text_config or of the whole.
type transformersText struct {
	ModelType  string   `json:"model_type"`
	Width      *int     `json:"hidden_size"`
	Hidden     *int     `json:"intermediate_size"`
	Depth      *int     `json:"num_hidden_layers"`
	Heads      *int     `json:"num_attention_heads"`
	Context    *int     `json:"max_position_embeddings"`
	Vocabulary *int     `json:"vocab_size"`
	Activation *string  `json:"hidden_act"`
	Eps        *float64 `json:"layer_norm_eps"`
	End        *int     `json:"eos_token_id"`
	Projection *int     `json:"projection_size"` // SigLIP's
	Embed      *int     `json:"projection_dim"`  // CLIP's
}

// parseTransformers reads the config.json of transformers' CLIPModel,
// CLIPTextModelWithProjection, SiglipModel or Siglip2Model. Absent fields have the defaults
// of the class, which config.json leaves out.
func parseTransformers(data []byte) (*Config, error) {
	var f struct {
		transformersText
		Text *transformersText `json:"text_config"`
	}
	if err := strictjson.Unmarshal(data, strictjson.Limits{}, &f); err != nil {
		return nil, err
	}
	t := &f.transformersText
	if f.Text != nil {
		t = f.Text
	}
	switch f.ModelType {
	case "clip", "clip_text_model":
		return t.clip(or(f.Embed, 512))
	case "siglip", "siglip2", "siglip_text_model", "siglip2_text_model":
		return t.siglip()
	}
	return nil, fmt.Errorf("model_type is %q, want clip, clip_text_model, siglip or siglip2", f.ModelType)
}

func (t *transformersText) clip(embed int) (*Config, error) {
	c := &Config{
		Width: or(t.Width, 512), Heads: or(t.Heads, 8), Depth: or(t.Depth, 12), Hidden: or(t.Hidden, 2048),
		Context: or(t.Context, 77), Vocabulary: or(t.Vocabulary, 49408), Embed: embed, Eps: or(t.Eps, 1e-5),
		Causal: true, Pool: PoolEnd, End: or(t.End, 49407),
	}
	if c.End == 2 { // in older files, where it means the largest id
		c.Pool = PoolLargest
	}
	return c, c.activate(or(t.Activation, "quick_gelu"))
}

func (t *transformersText) siglip() (*Config, error) {
	c := &Config{
		Width: or(t.Width, 768), Heads: or(t.Heads, 12), Depth: or(t.Depth, 12), Hidden: or(t.Hidden, 3072),
		Context: or(t.Context, 64), Vocabulary: or(t.Vocabulary, 32000), Eps: or(t.Eps, 1e-6),
		Pool: PoolLast, ProjectionBias: true,
	}
	c.Embed = or(t.Projection, c.Width)
	return c, c.activate(or(t.Activation, "gelu_pytorch_tanh"))
}

// activate sets the activation of a hidden_act, and checks the whole.
func (c *Config) activate(name string) error {
	known := map[string]Activation{"quick_gelu": QuickGELU, "gelu": ExactGELU, "gelu_pytorch_tanh": TanhGELU, "gelu_new": TanhGELU}
	a, ok := known[name]
	if !ok {
		return fmt.Errorf("hidden_act is %q, want one of %s", name, strings.Join([]string{"quick_gelu", "gelu", "gelu_pytorch_tanh", "gelu_new"}, ", "))
	}
	c.Activation = a
	return c.check()
}
