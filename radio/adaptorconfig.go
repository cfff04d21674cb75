package radio

import (
	"encoding/json"
	"slices"
)

// parseAdaptors reads adaptor_names and adaptor_configs, and the versions of
// the heads in args.
func (c *Config) parseAdaptors(top, args *fields) {
	summary := args.oneOf("mlp_version", "v2", "v1", "v2")
	feature := args.oneOf("spatial_mlp_version", summary, "v1", "v2", "attn")
	names := adaptorNames(top)
	configs := top.object("adaptor_configs")
	for _, name := range names {
		if configs == nil {
			top.fail("adaptor_names", "names %q, but adaptor_configs is missing", name)
			return
		}
		a := configs.object(name)
		if a == nil {
			configs.fail(name, "is missing, though adaptor_names has it")
			continue
		}
		c.Adaptors = append(c.Adaptors, c.parseAdaptor(name, a, summary, feature))
	}
	if configs != nil {
		configs.rest(nil, ", which adaptor_names does not name")
	}
}

// adaptorNames is a string, a list of strings, or null.
func adaptorNames(top *fields) []string {
	raw, ok := top.raw["adaptor_names"]
	delete(top.raw, "adaptor_names")
	if !ok || string(raw) == "null" {
		return nil
	}
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return []string{one}
	}
	var names []string
	if json.Unmarshal(raw, &names) != nil || slices.Contains(names, "") {
		top.fail("adaptor_names", "is %s, wants a list of names", clip(raw))
	}
	slices.Sort(names)
	if len(slices.Compact(slices.Clone(names))) != len(names) {
		top.fail("adaptor_names", "names an adaptor twice: %v", names)
	}
	return slices.Compact(names)
}

func (c *Config) parseAdaptor(name string, f *fields, summary, feature string) AdaptorConfig {
	a := AdaptorConfig{Name: name, ClassToken: f.integer("head_idx", -1, 0, maxTokens)}
	if a.ClassToken < 0 {
		f.fail("head_idx", "is missing; wants the class token that the summary head reads")
	}
	if a.ClassToken >= c.NumClasses {
		f.fail("head_idx", "is %d, but there are only %d class tokens", a.ClassToken, c.NumClasses)
	}
	a.Summary = c.parseHead(f, "summary", summary)
	a.Feature = c.parseHead(f, "feature", feature)
	f.rest(nil, "")
	return a
}

func (c *Config) parseHead(f *fields, part, version string) HeadConfig {
	h := f.object(part)
	if h == nil {
		f.fail(part, "is missing; wants an object with input_dim, hidden_dim, output_dim and num_inner")
		return HeadConfig{}
	}
	head := HeadConfig{
		Version:  version,
		In:       h.integer("input_dim", 0, 1, maxWidth),
		Hidden:   h.integer("hidden_dim", 0, 1, maxWidth),
		Out:      h.integer("output_dim", 0, 1, 1<<20),
		Inner:    h.integer("num_inner", 0, 0, maxDepth),
		Upsample: h.integer("upsample_factor", 1, 1, 64),
	}
	h.integer("upsample_rank", 0, 0, maxWidth) // unused upstream
	h.rest(nil, "")
	if part == "summary" {
		head.Upsample = 1 // upstream upsamples features alone
	}
	if head.In != 0 && head.In != c.Width {
		h.fail("input_dim", "is %d, but the model's width is %d", head.In, c.Width)
	}
	for i, v := range []int{head.In, head.Hidden, head.Out} {
		if v == 0 {
			h.fail([]string{"input_dim", "hidden_dim", "output_dim"}[i], "is missing; wants a positive whole number")
		}
	}
	if u := head.Upsample * head.Upsample; u > 1 && head.Out%u != 0 {
		h.fail("output_dim", "is %d, which upsample_factor² = %d does not divide", head.Out, u)
	}
	if head.Upsample > 1 && version != "v2" {
		h.fail("upsample_factor", "is %d, which heads of version %s do not do", head.Upsample, version)
	}
	if version == "attn" && head.In%16 != 0 {
		h.fail("input_dim", "is %d, which 16 heads do not divide", head.In)
	}
	return head
}
