package text

import (
	"encoding/json"
	"fmt"

	"cradio/loader/strictjson"
)

// openCLIP is what is read of an open_clip_config.json.
type openCLIP struct {
	Model *openCLIPModel `json:"model_cfg"`
}

type openCLIPModel struct {
	Embed     int  `json:"embed_dim"`
	QuickGELU bool `json:"quick_gelu"`
	Text      *struct {
		Context    *int     `json:"context_length"`
		Vocabulary *int     `json:"vocab_size"`
		Width      *int     `json:"width"`
		Heads      *int     `json:"heads"`
		Depth      *int     `json:"layers"`
		MLPRatio   *float64 `json:"mlp_ratio"`
		NoMask     bool     `json:"no_causal_mask"`
		Bias       bool     `json:"proj_bias"`
		Pool       string   `json:"pool_type"`
		End        *int     `json:"eos_id"`
		Norm       *struct {
			Eps *float64 `json:"eps"`
		} `json:"norm_kwargs"`
		Activation *struct {
			Approximate string `json:"approximate"`
		} `json:"act_kwargs"`

		// What would change the result, and is not implemented.
		LSInit    *float64 `json:"ls_init_value"`
		EmbedCls  bool     `json:"embed_cls"`
		NoProj    string   `json:"proj_type"`
		FinalPost bool     `json:"final_ln_after_pool"`
		HFModel   string   `json:"hf_model_name"`
	} `json:"text_cfg"`
}

// or is the value, or open_clip's default where the file has none.
func or[T any](v *T, otherwise T) T {
	if v == nil {
		return otherwise
	}
	return *v
}

// parseOpenCLIP reads an open_clip_config.json. Absent fields have open_clip 3.3's defaults.
func parseOpenCLIP(data []byte) (*Config, error) {
	var f openCLIP
	if err := strictjson.Unmarshal(data, strictjson.Limits{}, &f); err != nil {
		return nil, err
	}
	if f.Model == nil || f.Model.Text == nil {
		return nil, fmt.Errorf("there is no model_cfg.text_cfg: want the open_clip_config.json of a model with a text tower")
	}
	t := f.Model.Text
	for _, refused := range []struct {
		is    bool
		field string
	}{
		{t.HFModel != "", "hf_model_name"}, {t.LSInit != nil, "ls_init_value"}, {t.EmbedCls, "embed_cls"},
		{t.NoProj != "" && t.NoProj != "linear", "proj_type"}, {t.FinalPost, "final_ln_after_pool"},
	} {
		if refused.is {
			return nil, fmt.Errorf("model_cfg.text_cfg.%s changes the result and is not implemented", refused.field)
		}
	}
	c := &Config{
		Width: or(t.Width, 512), Heads: or(t.Heads, 8), Depth: or(t.Depth, 12), Context: or(t.Context, 77),
		Vocabulary: or(t.Vocabulary, 49408), Embed: f.Model.Embed, Eps: 1e-5, Causal: !t.NoMask, End: or(t.End, 2),
		ProjectionBias: t.Bias, Activation: ExactGELU, Pool: PoolLargest,
	}
	ratio := or(t.MLPRatio, 4)
	if !(ratio > 0 && ratio <= 16) {
		return nil, fmt.Errorf("model_cfg.text_cfg.mlp_ratio is %g, want more than 0, at most 16", ratio)
	}
	c.Hidden = int(float64(c.Width) * ratio)
	if t.Norm != nil {
		c.Eps = or(t.Norm.Eps, 1e-5)
	}
	if t.Pool != "" {
		c.Pool = Pool(t.Pool)
	}
	if c.Pool != PoolLargest && c.Pool != PoolEnd && c.Pool != PoolLast {
		return nil, fmt.Errorf("model_cfg.text_cfg.pool_type is %q, want %s, %s or %s", t.Pool, PoolLargest, PoolEnd, PoolLast)
	}
	switch {
	case f.Model.QuickGELU: // open_clip then ignores act_kwargs
		c.Activation = QuickGELU
	case t.Activation != nil && t.Activation.Approximate == "tanh":
		c.Activation = TanhGELU
	case t.Activation != nil && t.Activation.Approximate != "none" && t.Activation.Approximate != "":
		return nil, fmt.Errorf("model_cfg.text_cfg.act_kwargs.approximate is %q, want tanh or none", t.Activation.Approximate)
	}
	return c, c.check()
}

// isOpenCLIP says whether a JSON file is open_clip's.
func isOpenCLIP(data []byte) bool {
	var f struct {
		Model json.RawMessage `json:"model_cfg"`
	}
	return json.Unmarshal(data, &f) == nil && f.Model != nil
}
