package features

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"cradio/loader"
	"cradio/loader/strictjson"
	"cradio/radio/data"
)

// The file set.jsonl of a store has the pictures of the last run: a line about the set, and then one
// for each picture.
const (
	setName    = "set.jsonl"
	setFormat  = "cradio features 1"
	maxHeader  = 256 << 20 // bytes of the first line, which has the classes
	maxSetLine = 1 << 20
)

// setHeader is the first line.
type setHeader struct {
	Format     string            `json:"format"`
	Complete   bool              `json:"complete"` // false until all rows are there
	Recipe     Recipe            `json:"recipe"`
	Model      string            `json:"model"` // its name, for people
	Synthetic  bool              `json:"synthetic"`
	Blocks     int               `json:"blocks,omitempty"` // of the model
	Settings   map[string]string `json:"settings,omitempty"`
	Views      Views             `json:"views"`
	Entries    int               `json:"entries"` // records in the index
	Path       string            `json:"path"`
	Classes    []string          `json:"classes"`
	MultiLabel bool              `json:"multi_label"`
}

// setItem is a further line.
type setItem struct {
	Path       string     `json:"path"`
	PathBase64 []byte     `json:"path_base64,omitempty"` // where a path is not UTF-8
	Target     string     `json:"target,omitempty"`
	Labels     []int      `json:"labels,omitempty"`
	Unknown    []int      `json:"unknown,omitempty"`
	Part       data.Part  `json:"part,omitempty"`
	SHA256     string     `json:"sha256,omitempty"`
	Stamp      data.Stamp `json:"stamp,omitzero"`
	Error      string     `json:"error,omitempty"` // why it has no row
}

// writeSet writes set.jsonl, whole or not at all.
func writeSet(path string, h setHeader, d *data.Dataset) error {
	return loader.WriteFile(path, func(w io.Writer) error {
		out := json.NewEncoder(w)
		out.SetEscapeHTML(false)
		if err := out.Encode(h); err != nil {
			return err
		}
		for _, item := range d.Items {
			line := setItem{Path: item.Path, Target: item.Target, Labels: item.Labels, Unknown: item.Unknown, Part: item.Part, SHA256: hex.EncodeToString(item.SHA256[:]), Stamp: item.Stamp}
			if err := out.Encode(line.escaped()); err != nil {
				return err
			}
		}
		for _, s := range d.Skipped {
			line := setItem{Path: s.Path, Error: s.Err.Error()}
			if err := out.Encode(line.escaped()); err != nil {
				return err
			}
		}
		return nil
	})
}

func (i setItem) escaped() setItem {
	if !utf8.ValidString(i.Path) {
		i.PathBase64 = []byte(i.Path)
	}
	return i
}

// parseSet reads set.jsonl.
func parseSet(path string, text []byte) (h setHeader, d *data.Dataset, err error) {
	d = &data.Dataset{Hashed: true}
	line := 0
	for row := range bytes.Lines(text) {
		line++
		wrong := func(field, format string, args ...any) error {
			return &loader.Error{File: path, Item: fmt.Sprintf("line %d: %s", line, field), Found: fmt.Sprintf(format, args...), Do: again}
		}
		most := maxSetLine
		if line == 1 {
			most = maxHeader
		}
		if len(row) > most {
			return h, nil, wrong("its length", "has %d bytes: must be at most %d", len(row), most)
		}
		if row[len(row)-1] != '\n' {
			return h, nil, wrong("its end", "is missing: the file is cut short")
		}
		if line == 1 {
			if err := strictjson.Unmarshal(row, strictjson.Limits{Bytes: most}, &h); err != nil {
				return h, nil, wrong("JSON", "%v", err)
			}
			if err := h.check(); err != nil {
				return h, nil, wrong("the store", "%v", err)
			}
			d.Path, d.Classes, d.MultiLabel = h.Path, h.Classes, h.MultiLabel
			continue
		}
		if item, ok := plainItem(row); ok && plainLines && len(h.Classes) == 0 && len(d.Items) < data.MaxItems {
			d.Items = append(d.Items, item)
			continue
		}
		var v setItem
		if err := strictjson.Unmarshal(row, strictjson.Limits{Bytes: most}, &v); err != nil {
			return h, nil, wrong("JSON", "%v", err)
		}
		if len(v.PathBase64) > 0 {
			v.Path = string(v.PathBase64)
		}
		if v.Error != "" {
			d.Skipped = append(d.Skipped, data.Skipped{Path: v.Path, Err: errors.New(v.Error)})
			continue
		}
		item := data.Item{Path: v.Path, Target: v.Target, Labels: v.Labels, Unknown: v.Unknown, Part: v.Part, Stamp: v.Stamp}
		sum, err := hex.DecodeString(v.SHA256)
		switch {
		case err != nil || len(sum) != sha256.Size:
			return h, nil, wrong("sha256", "is %q: want 64 hexadecimal digits", v.SHA256)
		case v.Part != "" && !slices.Contains(data.Parts(), v.Part):
			return h, nil, wrong("part", "is %q: must be train, val or test", string(v.Part))
		case len(d.Items) == data.MaxItems:
			return h, nil, wrong("its number", "there are too many pictures: must be at most %d", data.MaxItems)
		case len(h.Classes) > 0 && len(v.Labels) != 1 && !h.MultiLabel:
			return h, nil, wrong("labels", "has %d labels: want one", len(v.Labels))
		}
		for _, l := range v.Labels {
			if l < 0 || l >= len(h.Classes) {
				return h, nil, wrong("labels", "has the class %d: must be 0 to %d", l, len(h.Classes)-1)
			}
		}
		for _, l := range v.Unknown {
			if l < 0 || l >= len(h.Classes) || !h.MultiLabel || slices.Contains(v.Labels, l) {
				return h, nil, wrong("unknown", "has the class %d: must be 0 to %d, in a set of several labels, and none of labels", l, len(h.Classes)-1)
			}
		}
		copy(item.SHA256[:], sum)
		d.Items = append(d.Items, item)
	}
	if line == 0 {
		return h, nil, &loader.Error{File: path, Found: "is empty", Do: again}
	}
	return h, d, nil
}

// about is what the store says of the model.
func (h *setHeader) about() About {
	return About{Model: h.Model, Synthetic: h.Synthetic, Blocks: h.Blocks, Settings: h.Settings}
}

func (h *setHeader) check() error {
	if h.Format != setFormat {
		return fmt.Errorf("has the format %q: want %q, as this version of cradio writes it", h.Format, setFormat)
	}
	if h.Entries < 0 {
		return fmt.Errorf("has %d entries", h.Entries)
	}
	if len(h.Classes) > data.MaxClasses {
		return fmt.Errorf("has %d classes: must be at most %d", len(h.Classes), data.MaxClasses)
	}
	return errors.Join(h.Recipe.Check(), h.Views.Check())
}
