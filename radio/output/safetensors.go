package output

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"unicode/utf8"

	"cradio/loader"
)

// maxPaths is the limit of the paths in a header, bytes of JSON. The format allows 100 MB for the
// whole header, which also describes the tensors.
const maxPaths = 50_000_000

// fitsHeader returns an error if the paths do not fit in a header. It runs before anything is
// computed.
func fitsHeader(path string, names []string) error {
	n := 0
	for _, name := range names {
		n += len(strconv.Quote(strconv.Quote(name)))
	}
	if n > maxPaths {
		return fmt.Errorf("%s: the paths of %d images take %d bytes, but the header of a .safetensors file holds at most %d; choose .npz or .jsonl, or write several files",
			path, len(names), n, maxPaths)
	}
	return nil
}

func writeSafetensors(ctx context.Context, t *table) error {
	meta, err := t.metadata()
	if err != nil {
		return err
	}
	var tensors []loader.Tensor
	for _, s := range t.shapes.arrays() {
		tensors = append(tensors, loader.Tensor{Name: s.name, DType: loader.I64, Shape: []int{len(t.names), 2}, Data: loader.Int64Data(s.values)})
	}
	dtype := map[DType]loader.DType{Float16: loader.F16, BFloat16: loader.BF16, Float64: loader.F64}[t.about.DType]
	if dtype == "" {
		dtype = loader.F32
	}
	for _, a := range t.arrays() {
		tensors = append(tensors, loader.Tensor{Name: a.Name, DType: dtype, Shape: a.Shape, Data: func(w io.Writer) error {
			_, err := io.Copy(w, a.data(ctx))
			return err
		}})
	}
	return loader.Write(t.path, tensors, meta)
}

// metadata returns the texts in the header.
func (t *table) metadata() (map[string]string, error) {
	paths, raw, err := pathLists(t.names)
	if err != nil {
		return nil, err
	}
	meta := map[string]string{
		"format": "pt", // expected by readers of PyTorch
		"paths":  string(paths),
	}
	if raw != nil {
		meta["paths_base64"] = string(raw)
	}
	for _, f := range t.facts {
		meta[f.name] = f.text
	}
	return meta, nil
}

// pathLists returns the paths as a JSON list and, if one is not UTF-8, also as a list in base64.
func pathLists(names []string) (paths, raw []byte, err error) {
	if paths, err = json.Marshal(names); err != nil || !slices.ContainsFunc(names, func(name string) bool { return !utf8.ValidString(name) }) {
		return paths, nil, err
	}
	list := make([][]byte, len(names)) // JSON encodes []byte as base64
	for i, name := range names {
		list[i] = []byte(name)
	}
	raw, err = json.Marshal(list)
	return paths, raw, err
}
