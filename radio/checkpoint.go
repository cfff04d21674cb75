package radio

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"cradio/loader"
)

// root is where the model's tensors begin in a checkpoint.
const root = "radio_model."

// anchor is a tensor that every checkpoint has.
const anchor = root + "model.patch_generator.embedder.weight"

// checkpoint reads a source under whatever prefix its keys have, as inside a
// vision-language model, and keeps track of what was read.
type checkpoint struct {
	loader.Source
	prefix string
	read   map[string]bool
}

// newCheckpoint finds the prefix.
func newCheckpoint(src loader.Source) (*checkpoint, error) {
	c := &checkpoint{Source: src, read: map[string]bool{}}
	names := src.Names()
	if names == nil { // a source that makes what it is asked for
		return c, nil
	}
	var found []string
	for _, n := range names {
		if p, ok := strings.CutSuffix(n, anchor); ok {
			found = append(found, p)
		}
	}
	switch len(found) {
	case 1:
		c.prefix = found[0]
		return c, nil
	case 0:
		return nil, fmt.Errorf("%s: has no tensor %q, alone or under a prefix%s", src, anchor, guess(names))
	default:
		return nil, fmt.Errorf("%s: holds %d RADIO models, under %q; wants one", src, len(found), found)
	}
}

// guess says what a checkpoint with these names probably is.
func guess(names []string) string {
	for _, n := range names {
		switch {
		case strings.HasSuffix(n, "embeddings.patch_projection.weight"), strings.Contains(n, "encoder.layer.0."):
			return "; this looks like the native transformers layout (model_type radio), which is not supported yet: use the repository's original files"
		case strings.HasPrefix(n, "base_model."):
			return "; this looks like a torch hub checkpoint (.pth.tar) saved as safetensors, which is not supported yet"
		case strings.Contains(n, "parametrizations.weight.original"):
			return "; its weights are spectrally reparametrised, as in training: export them first"
		}
	}
	show := names[:min(3, len(names))]
	return fmt.Sprintf("; it holds %d tensors, such as %s: is it another model?", len(names), strings.Join(show, ", "))
}

// Float32 reads a tensor of the model.
func (c *checkpoint) Float32(name string, shape ...int) ([]float32, error) {
	return c.Source.Float32(c.key(name), shape...)
}

// Float32Into implements layers.Source.
func (c *checkpoint) Float32Into(dst []float32, name string, shape ...int) ([]float32, error) {
	return c.Source.Float32Into(dst, c.key(name), shape...)
}

// Check implements layers.Source.
func (c *checkpoint) Check(name string, shape ...int) error {
	key := c.key(name)
	c.read[key] = true
	return c.Source.Check(key, shape...)
}

// Release implements layers.Source.
func (c *checkpoint) Release(name string) {
	c.Source.Release(c.key(name))
}

// key is the name of a tensor in the source. LayerScale's "grandma" is called
// "gamma" in older files.
func (c *checkpoint) key(name string) string {
	key := c.prefix + name
	if stem, ok := strings.CutSuffix(key, ".grandma"); ok {
		if _, there := c.Lookup(key); !there {
			if _, old := c.Lookup(stem + ".gamma"); old {
				key = stem + ".gamma"
			}
		}
	}
	return key
}

// summaryIdxs is the buffer of that name, nil where the source has none.
func (c *checkpoint) summaryIdxs() ([]int, error) {
	key := c.prefix + root + "summary_idxs"
	info, ok := c.Lookup(key)
	if !ok {
		return nil, nil
	}
	c.read[key] = true
	if len(info.Shape) != 1 || info.Shape[0] > maxTokens {
		return nil, fmt.Errorf("%s: %s is %v, wants a list of at most %d tokens", info.File, key, info.Shape, maxTokens)
	}
	values, err := c.Int64(key, info.Shape...)
	if err != nil {
		return nil, err
	}
	idxs := make([]int, len(values))
	for i, v := range values {
		if v < 0 || v > maxTokens {
			return nil, fmt.Errorf("%s: %s[%d] is %d, wants the index of a class token", info.File, key, i, v)
		}
		idxs[i] = int(v)
	}
	return idxs, nil
}

// unused lists the model's tensors that nobody read. Beside a prefix, other
// tensors are another model's; without one every tensor must be known.
func (c *checkpoint) unused() []string {
	var list []string
	for _, n := range c.Names() {
		if c.prefix != "" && !strings.HasPrefix(n, c.prefix+root) {
			continue
		}
		if !c.read[n] && n != c.prefix+root+"model.reg_token" { // that one is unused upstream too
			list = append(list, n)
		}
	}
	return list
}

// verify turns what is missing, mis-shaped or unused into one error that
// lists every tensor, and says what is probably wrong.
func (c *checkpoint) verify(errs []error) error {
	var missing, wrong []string
	for _, err := range errs {
		if errors.Is(err, loader.ErrMissing) {
			missing = append(missing, err.Error())
		} else {
			wrong = append(wrong, err.Error())
		}
	}
	unused := c.unused()
	if len(missing)+len(wrong)+len(unused) == 0 {
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: does not fit its config.json: %d tensors missing, %d wrong, %d that the model does not use",
		c.Source, len(missing), len(wrong), len(unused))
	for _, group := range []struct {
		title string
		lines []string
	}{{"missing", missing}, {"wrong", wrong}, {"unused", unused}} {
		for _, l := range group.lines {
			fmt.Fprintf(&b, "\n  %s: %s", group.title, l)
		}
	}
	if hint := diagnose(missing, wrong, unused); hint != "" {
		fmt.Fprintf(&b, "\n%s", hint)
	}
	return errors.New(b.String())
}

// diagnose guesses at the cause from the names.
func diagnose(missing, wrong, unused []string) string {
	has := func(list []string, part string) bool {
		return slices.ContainsFunc(list, func(s string) bool { return strings.Contains(s, part) })
	}
	switch {
	case has(unused, "parametrizations.weight.original"):
		return "the weights are spectrally reparametrised, as in training: export the checkpoint first"
	case has(missing, "grandma"):
		return "the config says LayerScale (a _v2_ model or init_values), the checkpoint has none: is config.json that of another model?"
	case has(unused, "grandma") || has(unused, ".gamma"):
		return "the checkpoint has LayerScale, the config does not: args.model should be the _v2_ name"
	case has(unused, root+"adaptors."):
		return "the checkpoint has adaptors that adaptor_names of config.json does not name"
	case has(missing, root+"adaptors."):
		return "adaptor_names of config.json names adaptors that the checkpoint does not have"
	case has(unused, root+"feature_normalizer.") || has(unused, root+"inter_feature_normalizer."):
		return "the checkpoint has a normaliser that config.json does not describe (feature_normalizer_config, inter_feature_normalizer_config)"
	case len(wrong) > 0 && len(missing)+len(unused) == 0:
		return "every tensor is there but of another size: is config.json that of another variant?"
	case has(missing, ".blocks.") || has(unused, ".blocks."):
		return "the number of blocks differs: is config.json that of another variant?"
	}
	return ""
}
