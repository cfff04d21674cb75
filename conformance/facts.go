package conformance

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cradio/loader"
	"cradio/loader/strictjson"
	"cradio/radio"
)

// facts is the metadata of a bundle. Each value is JSON.
type facts struct {
	Config       json.RawMessage            `json:"config"`
	Seed         string                     `json:"seed"`
	AlignCorners *bool                      `json:"align_corners"`
	ViTDet       *vitdet                    `json:"vitdet"`
	Calls        []call                     `json:"calls"`
	Files        map[string]json.RawMessage `json:"files"`
	Settings     map[string]json.RawMessage `json:"settings"`
	// Checkpoint is the folder or file, next to the bundle, from whose weights it was made.
	Checkpoint string `json:"checkpoint"`
	// Synthetic is false for a bundle made from a real checkpoint.
	Synthetic *bool `json:"synthetic"`
}

// vitdet is the schedule of windowed attention, as in reference.py.
type vitdet struct {
	Window int `json:"window"`
	Period int `json:"period"`
}

// call is one call of forward_intermediates.
type call struct {
	Indices     indices `json:"indices"`
	Aggregation string  `json:"aggregation"`
	AlphaScheme string  `json:"alpha_scheme"`
	Norm        bool    `json:"norm"`
	Outputs     int     `json:"outputs"`
}

// indices is a list of blocks, or the number of last blocks.
type indices struct {
	Blocks []int
	Last   int
}

// UnmarshalJSON reads [0, 2] or 2.
func (i *indices) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, &i.Last) == nil {
		return nil
	}
	if err := json.Unmarshal(data, &i.Blocks); err != nil || len(i.Blocks) == 0 {
		return fmt.Errorf("indices are %s, want a number or a list of numbers", data)
	}
	return nil
}

func (c call) request() (*radio.Intermediates, error) {
	r := &radio.Intermediates{
		Blocks: c.Indices.Blocks, Last: c.Indices.Last, Norm: c.Norm, Alpha: radio.AlphaScheme(c.AlphaScheme), Prefix: true,
	}
	switch c.Aggregation {
	case "sparse":
	case "dense":
		r.Dense = true
	default:
		return nil, fmt.Errorf("aggregation is %q, want sparse or dense", c.Aggregation)
	}
	return r, nil
}

// parseFacts reads the metadata of a bundle. It ignores other keys.
func parseFacts(meta map[string]string) (facts, error) {
	var f facts
	fields := map[string]any{
		"config": &f.Config, "seed": &f.Seed, "align_corners": &f.AlignCorners, "vitdet": &f.ViTDet, "calls": &f.Calls,
		"files": &f.Files, "settings": &f.Settings, "checkpoint": &f.Checkpoint, "synthetic": &f.Synthetic,
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		text, ok := meta[name]
		if !ok {
			continue
		}
		if err := strictjson.Unmarshal([]byte(text), strictjson.Limits{Bytes: maxFact}, fields[name]); err != nil {
			return f, fmt.Errorf("metadata %s is %.80q: %w", name, text, err)
		}
	}
	if len(f.Calls) > maxCalls {
		return f, fmt.Errorf("metadata calls has %d entries, want at most %d", len(f.Calls), maxCalls)
	}
	return f, nil
}

// Limits of the metadata of a bundle: number of calls, and bytes of one value.
const (
	maxCalls = 1000
	maxFact  = 16 << 20
)

// kind is the kind of a bundle, according to its tensors and metadata.
type kind int

const (
	unknown       kind = iota
	forward            // every tensor of a forward pass, or some rows of some of them
	gradient           // the gradient of every parameter
	intermediates      // calls of forward_intermediates
	images             // decoded or preprocessed images
	weights            // a checkpoint: a folder or a file
	native             // outputs of transformers' RadioModel in float32; see native.go
)

func kindOf(f *loader.File, read facts) kind {
	names := f.Names()
	has := func(prefix string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, prefix) })
	}
	switch {
	case read.Files != nil || read.Settings != nil:
		return images
	case !has("pixels"):
		return unknown
	case read.Calls != nil:
		return intermediates
	case has("weight/"):
		return gradient
	case has(truthPrefix):
		return forward
	case has(nativePrefix):
		return native
	}
	return unknown
}

// truthPrefix is the prefix of the names of reference tensors.
const truthPrefix = "truth/"
