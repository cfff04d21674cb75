package checkpoint

import (
	"fmt"
	"slices"
	"strings"
)

// torchHub is the naming in files of the torch hub (.pth.tar). Training saved them, with
// the backbone, the teachers' heads and the losses.
var torchHub = &dialect{
	name:   "torch hub",
	anchor: "base_model.patch_generator.embedder.weight",
	names: func(c *Config, tensor string) [][]string {
		tensor = strings.TrimPrefix(tensor, root)
		if head, ok := torchHubHead(c, tensor); ok {
			return head
		}
		for ours, theirs := range torchHubParts {
			if rest, ok := strings.CutPrefix(tensor, ours); ok {
				return layerScale(theirs + rest)
			}
		}
		return [][]string{{tensor}}
	},
	// Of heads only those are read that a teacher of args has; losses never are.
	aside: func(name string, _ bool) bool { return !strings.HasPrefix(name, "base_model.") },
}

var torchHubParts = map[string]string{
	"model.":                    "base_model.",
	"feature_normalizer.":       "_feature_normalizer.",
	"inter_feature_normalizer.": "_intermediate_feature_normalizer.",
}

// torchHubHead is the names of an adaptor's tensor: a teacher's heads go by its name or
// by its place in args.teachers.
func torchHubHead(c *Config, tensor string) ([][]string, bool) {
	for _, a := range c.Adaptors {
		rest, ok := strings.CutPrefix(tensor, "adaptors."+a.Name+".")
		if !ok {
			continue
		}
		for ours, theirs := range map[string]string{"head_mlp.": "_heads.", "feat_mlp.": "_feature_projections."} {
			if rest, ok := strings.CutPrefix(rest, ours); ok {
				at := slices.Index(c.Teachers, a.Name)
				return [][]string{{fmt.Sprintf("%s%s.%s", theirs, a.Name, rest)}, {fmt.Sprintf("%s%d.%s", theirs, at, rest)}}, true
			}
		}
	}
	return nil, false
}
