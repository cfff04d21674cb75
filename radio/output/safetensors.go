package output

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"cradio/loader"
	"cradio/radio"
)

// maxPaths bounds the paths in a header, in bytes of JSON: the format allows
// 100 MB, which the tensors' own entries share.
const maxPaths = 50_000_000

// fitsHeader refuses more paths than a header can hold, before anything is
// computed.
func fitsHeader(path string, names []string) error {
	n := 0
	for _, name := range names {
		n += len(strconv.Quote(strconv.Quote(name)))
	}
	if n > maxPaths {
		return fmt.Errorf("%s: the paths of %d pictures take %d bytes, and the header of a .safetensors file holds %d; choose .npz or .jsonl, or write several files",
			path, len(names), n, maxPaths)
	}
	return nil
}

func writeSafetensors(ctx context.Context, t *table) error {
	meta, err := t.metadata()
	if err != nil {
		return err
	}
	tensors := []loader.Tensor{{
		Name: "sizes", DType: loader.I64, Shape: []int{len(t.names), 2}, Data: loader.Int64Data(t.sizes),
	}}
	for _, a := range t.arrays() {
		tensors = append(tensors, loader.Tensor{Name: a.Name, DType: loader.F32, Shape: a.Shape, Data: func(w io.Writer) error {
			_, err := io.Copy(w, a.data(ctx))
			return err
		}})
	}
	return loader.Write(t.path, tensors, meta)
}

// metadata says in text what the tensors cannot.
func (t *table) metadata() (map[string]string, error) {
	paths, err := json.Marshal(t.names)
	if err != nil {
		return nil, err
	}
	layout := t.about.Layout
	if layout == "" {
		layout = radio.NLC
	}
	meta := map[string]string{
		"format":    "pt", // what PyTorch's own readers look for
		"model":     strings.ToValidUTF8(t.about.Model, "\uFFFD"),
		"synthetic": strconv.FormatBool(t.about.Synthetic),
		"layout":    string(layout),
		"paths":     string(paths),
	}
	if slices.ContainsFunc(t.names, func(name string) bool { return !utf8.ValidString(name) }) {
		raw := make([][]byte, len(t.names)) // []byte is base64 in JSON
		for i, name := range t.names {
			raw[i] = []byte(name)
		}
		text, err := json.Marshal(raw)
		if err != nil {
			return nil, err
		}
		meta["paths_base64"] = string(text)
	}
	if t.about.Synthetic {
		meta["note"] = SyntheticNote
	}
	return meta, nil
}
