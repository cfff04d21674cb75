package head

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"cradio/loader"
	"cradio/radio/head/internal/spec"

	"gorgonia.org/tensor"
)

// The files of a head's folder.
const (
	DescriptionFile = spec.DescriptionFile
	WeightsFile     = spec.WeightsFile
)

// Save writes the head into a folder: head.json and head.safetensors, whose tensors have the names and
// shapes of the torch.nn.Module. An earlier head in the folder stays as it was until the new one is
// complete, and if anything fails.
func (h *Head) Save(dir string) error {
	return loader.WriteFolder(dir, []string{DescriptionFile, WeightsFile}, func(at string) error {
		tensors, err := h.tensors()
		if err != nil {
			return err
		}
		path := filepath.Join(at, WeightsFile)
		if err := loader.Write(path, tensors, map[string]string{"format": "pt"}); err != nil {
			return err
		}
		f, err := loader.OpenFile(path)
		if err != nil {
			return err
		}
		defer f.Close()
		sum, err := f.Checksum(context.Background())
		if err != nil {
			return err
		}
		text, err := json.MarshalIndent(spec.Description{Format: spec.Format, Spec: h.spec, SHA256: sum}, "", "  ")
		if err != nil {
			return fmt.Errorf("%s: %w", h, err)
		}
		return writeText(filepath.Join(at, DescriptionFile), append(text, '\n'))
	})
}

// tensors are those of head.safetensors.
func (h *Head) tensors() ([]loader.Tensor, error) {
	var list []loader.Tensor
	for i, p := range h.params {
		v, err := h.weights[i].Value()
		if err != nil {
			return nil, err
		}
		if v.Dtype() != tensor.Float32 {
			return nil, fmt.Errorf("%s: %s is of %v, want float32", h, p.Name, v.Dtype())
		}
		list = append(list, loader.Tensor{Name: p.Name, DType: loader.F32, Shape: p.Shape, Data: loader.Float32Data(v.Float32s())})
	}
	for _, name := range counters(h.params) {
		list = append(list, loader.Tensor{Name: name, DType: loader.I64, Data: loader.Int64Data([]int64{h.batches})})
	}
	return list, nil
}

// counters are the names of the counts of batches that PyTorch keeps beside running statistics.
func counters(params []spec.Param) (names []string) {
	for _, p := range params {
		if stem, ok := strings.CutSuffix(p.Name, ".running_var"); ok {
			names = append(names, stem+".num_batches_tracked")
		}
	}
	return names
}

// Load reads a head from its folder. What it does not know it refuses by name: a kind or a field of
// head.json, a tensor that is missing, of another shape or one too many, a file that has changed
// since it was saved.
func Load(dir string) (*Head, error) {
	path := filepath.Join(dir, DescriptionFile)
	text, err := loader.ReadBounded(path, spec.MaxBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &loader.Error{File: dir, Want: "the folder of a head, with " + DescriptionFile + " and " + WeightsFile,
			Found: "no " + DescriptionFile, Do: "give the folder that cradio train --out has written", Err: err}
	}
	if err != nil {
		return nil, err
	}
	d, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	h, err := read(filepath.Join(dir, WeightsFile), d)
	if err != nil {
		return nil, err
	}
	h.from = dir
	return h, nil
}

// Parse reads a head.json.
func Parse(text []byte) (*Spec, error) {
	d, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", DescriptionFile, err)
	}
	return &d.Spec, nil
}

func parse(text []byte) (*spec.Description, error) {
	d, err := spec.Parse(text)
	if err != nil {
		return nil, err
	}
	return d, checkSize(&d.Spec)
}

// read reads the weights.
func read(path string, d *spec.Description) (*Head, error) {
	f, err := loader.OpenFile(path)
	if err != nil {
		return nil, loader.Damaged(err, saveAgain)
	}
	defer f.Close()
	h, err := take(f, path, d)
	sum, unread := f.Checksum(context.Background())
	if unread != nil {
		return nil, unread
	}
	switch {
	case sum == d.SHA256:
		return h, err
	case err == nil:
		return nil, fmt.Errorf("%s: want SHA-256 %s as %s says, found %s: the file is damaged or of another head; %s", path, d.SHA256, DescriptionFile, sum, saveAgain)
	}
	return nil, fmt.Errorf("%w; nor is its SHA-256 that of %s: the file is damaged or of another head; %s", err, DescriptionFile, saveAgain)
}

// saveAgain is what to do about a damaged head.
const saveAgain = "copy the head again, or train it again"

// take takes the weights from a file.
func take(f *loader.File, path string, d *spec.Description) (*Head, error) {
	params := d.Params()
	data := make([][]float32, len(params))
	known := counters(params)
	for i, p := range params {
		values, err := f.Float32(p.Name, p.Shape...)
		if err != nil {
			return nil, err
		}
		data[i] = slices.Clone(values) // the file is mapped, and closed below
		known = append(known, p.Name)
	}
	var batches int64
	for _, name := range counters(params) {
		n, err := f.Int64(name)
		if err != nil {
			return nil, err
		}
		batches = n[0]
	}
	for _, name := range f.Names() {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("%s: tensor %q: a %s head has none of this name; check that %s belongs to it", path, name, d.Kind, DescriptionFile)
		}
	}
	h, err := newHead(d.Spec, params, data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	h.batches = batches
	return h, nil
}

// writeText writes a file, whole or not at all.
func writeText(path string, text []byte) error {
	return loader.WriteFile(path, func(w io.Writer) error {
		_, err := io.Copy(w, bytes.NewReader(text))
		return err
	})
}
