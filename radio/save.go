package radio

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"cradio/graph"
	"cradio/loader"

	"gorgonia.org/tensor"
)

// SaveOptions are the options of Model.Save.
type SaveOptions struct {
	// BFloat16 rounds the weights to bfloat16. Otherwise they are float32.
	BFloat16 bool
	// Processor is the preprocessor_config.json to write, nil for the model's own.
	Processor []byte
}

// Files of a model's folder.
var modelFiles = []string{"config.json", "model.safetensors", "preprocessor_config.json"}

// Save writes the model, with the weights that training has changed, as a folder that Open opens: as
// on the Hugging Face hub. An earlier model in the folder stays as it was until the new one is
// complete, and if anything fails. It is an error for a model in another layout than the hub's, whose
// config.json would not fit. A model with synthetic weights stays marked as one, unless all of its
// blocks and embeddings were trained.
func (m *Model) Save(ctx context.Context, dir string, opt SaveOptions) error {
	m.closing.RLock()
	defer m.closing.RUnlock()
	if m.closed {
		return ErrClosed
	}
	config, err := m.configText()
	if err != nil {
		return fmt.Errorf("%s cannot be saved: %w", m.source, err)
	}
	if opt.Processor == nil {
		if opt.Processor, err = m.processor.Config(); err != nil {
			return err
		}
	}
	return loader.WriteFolder(dir, modelFiles, func(at string) error {
		write := func(name string, text []byte) error {
			return loader.WriteFile(filepath.Join(at, name), func(w io.Writer) error { _, err := w.Write(text); return err })
		}
		if err := write(modelFiles[0], config); err != nil {
			return err
		}
		if err := loader.Write(filepath.Join(at, modelFiles[1]), m.savedTensors(ctx, opt), map[string]string{"format": "pt"}); err != nil {
			return err
		}
		return write(modelFiles[2], opt.Processor)
	})
}

// configText is the model's config.json, without the mark of synthetic weights if none are left.
func (m *Model) configText() ([]byte, error) {
	text := m.about
	if src, ok := m.source.(*loader.Checkpoint); ok {
		if m.tensors.Dialect() != "hub" || m.tensors.Prefix() != "" || m.config.At != "" {
			return nil, fmt.Errorf("its layout is %s; only those of the hub can be written", m.Layout())
		}
		var err error
		if text, err = os.ReadFile(filepath.Join(src.Dir(), modelFiles[0])); err != nil {
			return nil, err
		}
	}
	if text == nil {
		return nil, errors.New("it has no config.json")
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, err
	}
	const mark = "_name_or_path"
	delete(fields, mark)
	if m.Synthetic() && !m.allTrained() {
		fields[mark] = json.RawMessage(`"` + SyntheticPrefix + `trained in part"`)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	err := e.Encode(fields)
	return b.Bytes(), err
}

// allTrained says whether training changes all blocks and embeddings.
func (m *Model) allTrained() bool {
	all := []*graph.Weight{m.net.Embed.Proj.Weight, m.net.Prefix.Token}
	for _, b := range m.net.Blocks {
		all = append(all, blockWeights(b)...)
	}
	for _, w := range all {
		if w != nil && w.Shape() != nil && !w.Trainable {
			return false
		}
	}
	return true
}

// savedTensors are the weights by their names on the hub.
func (m *Model) savedTensors(ctx context.Context, opt SaveOptions) (list []loader.Tensor) {
	largest := 0
	for _, w := range m.weights.All() {
		largest = max(largest, w.Shape().TotalSize())
	}
	room := make([]float32, largest) // of the weight that is being written, where it is not in memory
	for _, w := range m.weights.All() {
		t := loader.Tensor{Name: w.Name, DType: loader.F32, Shape: w.Shape()}
		if opt.BFloat16 {
			t.DType = loader.BF16
		}
		t.Data = func(to io.Writer) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			v, err := w.Read(room)
			if err != nil {
				return err
			}
			defer w.Release()
			if v.Dtype() != tensor.Float32 {
				return fmt.Errorf("%s is %v: a model is saved in float32 or bfloat16", w.Name, v.Dtype())
			}
			if !opt.BFloat16 {
				return loader.Float32Data(v.Float32s())(to)
			}
			rounded := make([]byte, 0, 2*v.DataSize())
			for _, x := range v.Float32s() {
				rounded = binary.LittleEndian.AppendUint16(rounded, bfloat16(x))
			}
			return loader.ByteData(rounded)(to)
		}
		list = append(list, t)
	}
	idxs := make([]int64, len(m.config.SummaryIdxs))
	for i, v := range m.config.SummaryIdxs {
		idxs[i] = int64(v)
	}
	return append(list, loader.Tensor{Name: "radio_model.summary_idxs", DType: loader.I64, Shape: []int{len(idxs)}, Data: loader.Int64Data(idxs)})
}

// bfloat16 rounds to the nearest, ties to even.
func bfloat16(x float32) uint16 {
	b := math.Float32bits(x)
	if x != x {
		return uint16(b>>16) | 0x40
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}
