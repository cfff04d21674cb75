package metadata

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"cradio/loader/strictjson"
)

// Facts is the metadata of a bundle. Each value is JSON.
type Facts struct {
	Config       json.RawMessage            `json:"config"`
	Seed         string                     `json:"seed"`
	AlignCorners *bool                      `json:"align_corners"`
	ViTDet       *ViTDet                    `json:"vitdet"`
	Calls        []Call                     `json:"calls"`
	Files        map[string]json.RawMessage `json:"files"`
	Settings     map[string]json.RawMessage `json:"settings"`
	// Checkpoint is the folder or file, next to the bundle, from whose weights it was made.
	Checkpoint string `json:"checkpoint"`
	// Synthetic is false for a bundle made from a real checkpoint.
	Synthetic *bool `json:"synthetic"`
}

// ViTDet is the schedule of windowed attention, as in reference.py.
type ViTDet struct {
	Window int `json:"window"`
	Period int `json:"period"`
}

// Call is one call of forward_intermediates.
type Call struct {
	Indices     Indices `json:"indices"`
	Aggregation string  `json:"aggregation"`
	AlphaScheme string  `json:"alpha_scheme"`
	Norm        bool    `json:"norm"`
	Outputs     int     `json:"outputs"`
}

// Indices is a list of blocks, or the number of last blocks.
type Indices struct {
	Blocks []int
	Last   int
}

// UnmarshalJSON reads [0, 2] or 2.
func (i *Indices) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, &i.Last) == nil {
		return nil
	}
	if err := json.Unmarshal(data, &i.Blocks); err != nil || len(i.Blocks) == 0 {
		return fmt.Errorf("indices are %s, want a number or a list of numbers", data)
	}
	return nil
}

// ParseFacts reads the metadata of a bundle. It ignores other keys.
func ParseFacts(meta map[string]string) (Facts, error) {
	var f Facts
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
