package checkpoint

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"cradio/loader"
)

// Tensors are the tensors of one model in a source, by their names on the hub, whatever
// their names in the file. It is a layers.Source. It records which tensors were asked for.
type Tensors struct {
	src    loader.Source
	config *Config
	*dialect
	prefix string          // before the model's names, as in a vision-language model
	any    bool            // the source makes what it is asked for
	read   map[string]bool // names in the source
}

// NewTensors finds the model in a source: how its tensors are named, and their prefix.
func NewTensors(src loader.Source, c *Config) (*Tensors, error) {
	t := &Tensors{src: src, config: c, dialect: hub, read: map[string]bool{}}
	names := src.Names()
	if names == nil {
		t.any = true
		return t, nil
	}
	for _, d := range dialects {
		prefixes := d.prefixes(names)
		switch {
		case len(prefixes) == 1:
			t.dialect, t.prefix = d, prefixes[0]
			return t, nil
		case len(prefixes) > 1:
			return nil, fmt.Errorf("%s: holds %d RADIO models, under %q; want one", src, len(prefixes), prefixes)
		}
	}
	return nil, fmt.Errorf("%s: has no tensor %q, alone or under a prefix; it holds %s", src, hub.anchor, contents(names))
}

// prefixes returns the prefix of the names of each model in the source. For the file of a
// training run it returns the averaged weights, which upstream uses too.
func (d *dialect) prefixes(names []string) (found []string) {
	for _, n := range names {
		p, ok := strings.CutSuffix(n, d.anchor)
		if ok && (p == "" || strings.HasSuffix(p, ".")) {
			found = append(found, p)
		}
	}
	if ema := slices.Index(found, "state_dict_ema."); ema >= 0 && slices.Contains(found, "state_dict.") {
		return []string{"state_dict_ema."}
	}
	return found
}

// contents describes a checkpoint with these names.
func contents(names []string) string {
	if len(names) == 0 {
		return "no tensors"
	}
	show := names[:min(3, len(names))]
	return fmt.Sprintf("%d tensors, such as %s: is it another model?", len(names), strings.Join(show, ", "))
}

// Dialect returns the naming in the source: "hub", "torch hub" or "transformers".
func (t *Tensors) Dialect() string { return t.dialect.name }

// Prefix returns the prefix of the model's names in the source.
func (t *Tensors) Prefix() string { return t.prefix }

// Float32 reads a tensor of the model.
func (t *Tensors) Float32(name string, shape ...int) ([]float32, error) {
	return t.Float32Into(nil, name, shape...)
}

// Float32Into implements layers.Source.
func (t *Tensors) Float32Into(dst []float32, name string, shape ...int) ([]float32, error) {
	return t.recipe(name).read(t.src, dst, shape)
}

// Check implements layers.Source.
func (t *Tensors) Check(name string, shape ...int) error {
	r := t.recipe(name)
	for _, n := range r.uses() {
		t.read[n] = true
	}
	return r.check(t.src, shape)
}

// Release implements layers.Source.
func (t *Tensors) Release(name string) {
	for _, n := range t.recipe(name).uses() {
		t.src.Release(n)
	}
}

// recipe returns how to make a tensor from those in the source.
func (t *Tensors) recipe(name string) recipe {
	if t.any {
		return plain(name)
	}
	alternatives := t.names(t.config, name)
	for _, parts := range alternatives {
		for i, n := range parts {
			parts[i] = t.prefix + n
		}
		if !slices.ContainsFunc(parts, t.has) {
			if r := spectralOf(t.src, parts[0], cmp.Or(t.config.SpectralEps, 1e-6)); r != nil && len(parts) == 1 {
				return r
			}
			continue
		}
		if len(parts) > 1 {
			return joined(parts)
		}
		return plain(parts[0])
	}
	if t.config.LayerScaleFill != 0 && strings.HasSuffix(name, ".grandma") {
		return filled(t.config.LayerScaleFill)
	}
	return plain(alternatives[0][0]) // which is missing
}

func (t *Tensors) has(name string) bool {
	_, ok := t.src.Lookup(name)
	return ok
}

// SummaryIdxs returns the buffer of that name, or nil if the source has none.
func (t *Tensors) SummaryIdxs() ([]int, error) {
	key := t.prefix + t.names(t.config, root+"summary_idxs")[0][0]
	info, ok := t.src.Lookup(key)
	if !ok {
		return nil, nil
	}
	t.read[key] = true
	if len(info.Shape) != 1 || info.Shape[0] > maxTokens {
		return nil, fmt.Errorf("%s: %s is %v, want a list of at most %d tokens", info.File, key, info.Shape, maxTokens)
	}
	values, err := t.src.Int64(key, info.Shape...)
	if err != nil {
		return nil, err
	}
	idxs := make([]int, len(values))
	for i, v := range values {
		if v < 0 || v > maxTokens {
			return nil, fmt.Errorf("%s: %s[%d] is %d, want the index of a class token", info.File, key, i, v)
		}
		idxs[i] = int(v)
	}
	return idxs, nil
}

// unused lists the model's tensors that were not read. If the model is part of a larger
// model, other tensors are ignored. Otherwise every tensor must be known.
func (t *Tensors) unused() []string {
	alone := t.prefix == "" && t.config.At == ""
	var list []string
	for _, n := range t.src.Names() {
		name, ok := strings.CutPrefix(n, t.prefix)
		if ok && !t.read[n] && !t.aside(name, alone) {
			list = append(list, n)
		}
	}
	return list
}
