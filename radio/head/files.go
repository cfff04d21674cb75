package head

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"cradio/loader"
	"cradio/loader/strictjson"

	"gorgonia.org/tensor"
)

// The files of a head's folder.
const (
	DescriptionFile = "head.json"
	WeightsFile     = "head.safetensors"
)

// format is the version of head.json.
const format = 1

// maxDescription bounds head.json; a thousand classes take 30 KB.
const maxDescription = 16 << 20

// description is head.json.
type description struct {
	Format int `json:"format"`
	Spec
	SHA256 string `json:"weights_sha256"` // of head.safetensors
}

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
		text, err := json.MarshalIndent(description{format, h.spec, sum}, "", "  ")
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
			return nil, fmt.Errorf("%s: %s is of %v, want float32", h, p.name, v.Dtype())
		}
		list = append(list, loader.Tensor{Name: p.name, DType: loader.F32, Shape: p.shape, Data: loader.Float32Data(v.Float32s())})
	}
	for _, name := range counters(h.params) {
		list = append(list, loader.Tensor{Name: name, DType: loader.I64, Data: loader.Int64Data([]int64{h.batches})})
	}
	return list, nil
}

// counters are the names of the counts of batches that PyTorch keeps beside running statistics.
func counters(params []param) (names []string) {
	for _, p := range params {
		if stem, ok := strings.CutSuffix(p.name, ".running_var"); ok {
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
	text, err := loader.ReadBounded(path, maxDescription)
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

func parse(text []byte) (*description, error) {
	d := &description{}
	err := strictjson.UnmarshalExact(text, strictjson.Limits{Bytes: maxDescription, Depth: 16}, d)
	var unknown *strictjson.UnknownError
	if errors.As(err, &unknown) {
		return nil, fmt.Errorf("%w; a newer cradio may have written it", err)
	}
	if err != nil {
		return nil, err
	}
	if d.Format != format {
		return nil, fmt.Errorf("format is %d, want %d; a newer cradio may have written it", d.Format, format)
	}
	if len(d.SHA256) != 64 {
		return nil, fmt.Errorf("weights_sha256 is %.80q, want the SHA-256 of %s in 64 digits", d.SHA256, WeightsFile)
	}
	return d, d.Check()
}

// read reads the weights.
func read(path string, d *description) (*Head, error) {
	f, err := loader.OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	params := d.params()
	data := make([][]float32, len(params))
	known := counters(params)
	for i, p := range params {
		values, err := f.Float32(p.name, p.shape...)
		if err != nil {
			return nil, err
		}
		data[i] = slices.Clone(values) // the file is mapped, and closed below
		known = append(known, p.name)
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
	sum, err := f.Checksum(context.Background())
	if err != nil {
		return nil, err
	}
	if sum != d.SHA256 {
		return nil, fmt.Errorf("%s: want SHA-256 %s as %s says, found %s: the file is damaged or of another head; save or copy the head again", path, d.SHA256, DescriptionFile, sum)
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
