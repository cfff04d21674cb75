package lora

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"cradio/loader"
	"cradio/radio/lora/internal/peft"

	"gorgonia.org/tensor"
)

// The files of an adapter's folder, as PEFT names them.
const (
	ConfigFile  = peft.ConfigFile
	WeightsFile = "adapter_model.safetensors"
)

// prefix is what PEFT puts before the names of modules.
const prefix = "base_model.model."

// sumKey is where the metadata of our own files has the SHA-256 of the tensors.
const sumKey = "cradio_data_sha256"

// Save writes the adapter into a folder, as PEFT's save_pretrained does. An earlier adapter in the
// folder stays as it was until the new one is complete, and if anything fails.
func (a *Adapter) Save(dir string) error {
	return loader.WriteFolder(dir, []string{ConfigFile, WeightsFile}, func(at string) error {
		tensors, sum, err := a.tensors()
		if err != nil {
			return err
		}
		if err := loader.Write(filepath.Join(at, WeightsFile), tensors, map[string]string{"format": "pt", sumKey: sum}); err != nil {
			return err
		}
		text, err := a.config.JSON()
		if err != nil {
			return err
		}
		return loader.WriteFile(filepath.Join(at, ConfigFile), func(w io.Writer) error {
			_, err := io.Copy(w, bytes.NewReader(text))
			return err
		})
	})
}

// tensors are those of the file, in the order of their names, and the SHA-256 of their elements.
func (a *Adapter) tensors() (list []loader.Tensor, sum string, err error) {
	h := sha256.New()
	for _, w := range a.Trainable() {
		v, err := w.Value()
		if err != nil {
			return nil, "", err
		}
		list = append(list, loader.Tensor{Name: prefix + w.Name, DType: loader.F32, Shape: v.Shape(), Data: floats(v)})
	}
	slices.SortFunc(list, func(x, y loader.Tensor) int { return strings.Compare(x.Name, y.Name) })
	for _, t := range list {
		if err := t.Data(h); err != nil {
			return nil, "", err
		}
	}
	return list, hex.EncodeToString(h.Sum(nil)), nil
}

// floats writes the elements of a factor as float32.
func floats(d *tensor.Dense) func(io.Writer) error { return loader.Float32Data(singles(d)) }

// Load reads an adapter from its folder, ours or PEFT's. A tensor that is missing, of another shape or
// one too many is an error, and so is a file of ours that has changed since it was saved.
func Load(dir string) (*Adapter, error) {
	path := filepath.Join(dir, ConfigFile)
	text, err := loader.ReadBounded(path, peft.MaxBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &loader.Error{File: dir, Want: "the folder of an adapter, with " + ConfigFile + " and " + WeightsFile, Found: "no " + ConfigFile, Err: err, Do: "save or copy the adapter again"}
	}
	if err != nil {
		return nil, err
	}
	c, err := peft.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	a := &Adapter{config: *c, from: dir, dtype: tensor.Float32, pairs: map[string]*pair{}}
	if err := a.read(filepath.Join(dir, WeightsFile)); err != nil {
		return nil, err
	}
	return a, nil
}

// read reads the factors.
func (a *Adapter) read(path string) error {
	f, err := loader.OpenFile(path)
	if err != nil {
		return loader.Damaged(err, "save or copy the adapter again")
	}
	defer f.Close()
	if want, ok := f.Metadata()[sumKey]; ok {
		sum, err := f.DataChecksum(context.Background())
		if err != nil {
			return err
		}
		if sum != want {
			return fmt.Errorf("%s: want tensors of SHA-256 %.80s, found %s: the file is damaged; save or copy the adapter again", path, want, sum)
		}
	}
	names := f.Names()
	slices.Sort(names)
	for _, name := range names {
		module, ok := strings.CutPrefix(name, prefix)
		stem, first := strings.CutSuffix(module, ".lora_A.weight")
		if !ok || !first {
			if second, is := strings.CutSuffix(module, ".lora_B.weight"); ok && is {
				if _, there := f.Lookup(prefix + second + ".lora_A.weight"); there {
					continue
				}
			}
			return fmt.Errorf("%s: tensor %q: want pairs of %sMODULE.lora_A.weight and .lora_B.weight alone", path, name, prefix)
		}
		if !a.config.Covers(stem) {
			return fmt.Errorf("%s: tensor %q: %s does not name this module: check that the two files belong together", path, name, ConfigFile)
		}
		if err := a.readPair(f, stem); err != nil {
			return err
		}
	}
	if len(a.modules) == 0 {
		return fmt.Errorf("%s: has no adapters", path)
	}
	return nil
}

// readPair reads the factors of one module.
func (a *Adapter) readPair(f *loader.File, module string) error {
	r := a.config.Rank
	sizes := [2]int{} // In, Out
	var data [2][]float32
	for i, factor := range []string{".lora_A.weight", ".lora_B.weight"} {
		name := prefix + module + factor
		info, ok := f.Lookup(name)
		shape := []int{r, sizeOf(info.Shape, 1)}
		if i == 1 {
			shape = []int{sizeOf(info.Shape, 0), r}
		}
		values, err := f.Float32(name, shape...)
		if err != nil || !ok {
			return err
		}
		sizes[i] = shape[1-i]
		data[i] = slices.Clone(values) // the file is mapped, and closed by the caller
	}
	a.add(module, data[0], data[1], sizes[0], sizes[1])
	return nil
}

// sizeOf is the size of an axis, 1 where there is none.
func sizeOf(shape []int, axis int) int {
	if axis < len(shape) {
		return shape[axis]
	}
	return 1
}
