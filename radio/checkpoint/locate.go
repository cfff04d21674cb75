package checkpoint

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxNesting is the depth in a config.json to which a model is searched for.
const maxNesting = 4

// locate finds the object that describes a RADIO model: the whole file, or a part of
// the config of a vision-language model ("vision_config").
func locate(top *fields) (*fields, error) {
	if describes(top.raw) {
		return top, nil
	}
	found := search(top, maxNesting)
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return nil, notFound(top)
	}
	paths := make([]string, len(found))
	for i, f := range found {
		paths[i] = f.path
	}
	return nil, fmt.Errorf("%s: describes %d RADIO models, in %s; keep one", top.file, len(found), list(paths))
}

// search lists the objects below f that describe a model.
func search(f *fields, depth int) (found []*fields) {
	if depth == 0 {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(f.raw)) {
		var raw map[string]json.RawMessage
		if json.Unmarshal(f.raw[name], &raw) != nil || raw == nil {
			continue
		}
		inner := &fields{reading: f.reading, path: f.at(name), raw: raw}
		if describes(raw) {
			found = append(found, inner)
			continue
		}
		found = append(found, search(inner, depth-1)...)
	}
	return found
}

// describes reports whether an object looks like a RADIO model's config.
func describes(raw map[string]json.RawMessage) bool {
	var args map[string]json.RawMessage
	if json.Unmarshal(raw["args"], &args) == nil && args != nil {
		return args["teachers"] != nil || args["model"] != nil || args["cpe_max_size"] != nil
	}
	return isNative(&fields{raw: raw})
}

// isNative reports whether an object is the config of transformers' RadioModel.
func isNative(f *fields) bool {
	return string(f.raw["model_type"]) == `"radio"` && f.raw["hidden_size"] != nil && !f.has("args")
}

// notFound returns the error for a config.json without a RADIO model. It names what the file describes instead.
func notFound(top *fields) error {
	switch raw := top.raw["args"]; {
	case raw != nil && raw[0] != '{':
		return fmt.Errorf("%s: args: is %s, want an object: the arguments of a RADIO checkpoint", top.file, clip(raw))
	case raw != nil:
		return fmt.Errorf("%s: args: has no model and no teachers: these are not the arguments of a RADIO checkpoint", top.file)
	}
	var words []string
	for _, name := range []string{"model_type", "architectures"} {
		if top.has(name) {
			words = append(words, name+" "+clip(top.raw[name]))
		}
	}
	what := "it has neither args nor a vision_config with args"
	if len(words) > 0 {
		what = "it describes another kind of model, " + strings.Join(words, ", ")
	}
	return fmt.Errorf("%s: args: is missing: %s; give a checkpoint of the RADIO family, such as nvidia/C-RADIOv2-B", top.file, what)
}
