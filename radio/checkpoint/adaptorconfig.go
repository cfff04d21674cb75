package checkpoint

import (
	"encoding/json"
	"slices"
)

// parseAdaptors reads adaptor_names and adaptor_configs, and the head versions in
// args.
func (c *Config) parseAdaptors(top, args *fields) {
	versions := parseVersions(args, HeadVersions{})
	names := adaptorNames(top)
	configs := top.object("adaptor_configs")
	for _, name := range names {
		if configs == nil {
			top.fail("adaptor_names", "names %q, but adaptor_configs is missing", name)
			return
		}
		a := configs.object(name)
		if a == nil {
			configs.fail(name, "is missing, but adaptor_names lists it")
			continue
		}
		c.Adaptors = append(c.Adaptors, c.parseAdaptor(name, a, versions))
	}
	if configs != nil {
		configs.ignore() // adaptors that are not in adaptor_names have no weights in the file
	}
	if len(names) > 0 {
		versions.check(args)
	}
}

// HeadVersions are the versions of an adaptor's two heads: "v1" or "v2"; the feature head
// may also be "attn".
type HeadVersions struct{ Summary, Feature string }

// parseVersions reads the head versions of args or of a teacher.
func parseVersions(f *fields, otherwise HeadVersions) HeadVersions {
	v := HeadVersions{Summary: f.text("mlp_version", otherwise.Summary)}
	if v.Summary == "" {
		v.Summary = "v2"
	}
	v.Feature = f.text("spatial_mlp_version", otherwise.Feature)
	if v.Feature == "" {
		v.Feature = v.Summary
	}
	return v
}

// check returns an error for a version that is not implemented.
func (v HeadVersions) check(f *fields) {
	if known := []string{"v1", "v2"}; !slices.Contains(known, v.Summary) {
		f.fail("mlp_version", "is %q: this version of adaptor heads is not implemented; the versions that are: %s", v.Summary, list(known))
	}
	if known := []string{"v1", "v2", "attn"}; v.Feature != v.Summary && !slices.Contains(known, v.Feature) {
		f.fail("spatial_mlp_version", "is %q: this version of adaptor heads is not implemented; the versions that are: %s", v.Feature, list(known))
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
		top.fail("adaptor_names", "is %s, want a list of names", clip(raw))
	}
	slices.Sort(names)
	if len(slices.Compact(slices.Clone(names))) != len(names) {
		top.fail("adaptor_names", "names an adaptor twice: %v", names)
	}
	return slices.Compact(names)
}

func (c *Config) parseAdaptor(name string, f *fields, versions HeadVersions) AdaptorConfig {
	a := AdaptorConfig{Name: name, ClassToken: f.integer("head_idx", -1, 0, maxTokens)}
	if a.ClassToken < 0 {
		f.fail("head_idx", "is missing; want the class token that the summary head reads")
	}
	if a.ClassToken >= c.Prefix() { // upstream allows a slot among the registers
		f.fail("head_idx", "is %d, but there are only %d class and register tokens", a.ClassToken, c.Prefix())
	}
	a.Summary = c.parseHead(f, "summary", versions.Summary)
	a.Feature = c.parseHead(f, "feature", versions.Feature)
	f.ignore()
	return a
}

func (c *Config) parseHead(f *fields, part, version string) HeadConfig {
	h := f.object(part)
	if h == nil {
		f.fail(part, "is missing; want an object with input_dim, hidden_dim, output_dim and num_inner")
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
	if raw, on := h.on("pre_norm"); on {
		h.fail("pre_norm", "is %s: heads with an initial norm are not implemented", raw)
	}
	h.ignore()
	if part == "summary" {
		head.Upsample = 1 // upstream upsamples features only
	}
	if head.In != 0 && head.In != c.Width {
		h.fail("input_dim", "is %d, but the model's width is %d", head.In, c.Width)
	}
	for i, v := range []int{head.In, head.Hidden, head.Out} {
		if v == 0 {
			h.fail([]string{"input_dim", "hidden_dim", "output_dim"}[i], "is missing; want a positive whole number")
		}
	}
	if u := head.Upsample * head.Upsample; u > 1 && head.Out%u != 0 {
		h.fail("output_dim", "is %d, which upsample_factor² = %d does not divide", head.Out, u)
	}
	if head.Upsample > 1 && version != "v2" {
		h.fail("upsample_factor", "is %d, but heads of version %s do not support it", head.Upsample, version)
	}
	if version == "attn" && head.In%16 != 0 {
		h.fail("input_dim", "is %d, which 16 heads do not divide", head.In)
	}
	return head
}
