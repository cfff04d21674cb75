package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cradio/loader"
	"cradio/radio"

	"github.com/spf13/cobra"
)

// synthPattern is the configuration that synthetic weights are made for.
type synthPattern struct {
	name      string
	config    []byte // config.json
	processor []byte // preprocessor_config.json
	parsed    *radio.Config
}

// patternOf returns the pattern for the name of a synthetic model, or for a folder with a config.json.
func patternOf(arg string) (*synthPattern, error) {
	name := strings.TrimPrefix(arg, radio.SyntheticPrefix)
	config, err := radio.SyntheticConfig(name)
	p := &synthPattern{name: name, config: config}
	if err != nil {
		info, statErr := os.Stat(arg)
		if statErr != nil || !info.IsDir() {
			return nil, fmt.Errorf("%w; or give a folder with a config.json", err)
		}
		p.name = filepath.Base(filepath.Clean(arg))
		if p.config, err = os.ReadFile(filepath.Join(arg, "config.json")); err != nil {
			return nil, err
		}
		if p.processor, err = os.ReadFile(filepath.Join(arg, "preprocessor_config.json")); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	if p.parsed, err = radio.ParseConfig(p.config); err != nil {
		return nil, fmt.Errorf("%s: %w", arg, err)
	}
	if p.processor == nil {
		r := p.parsed.PreferredResolution
		p.processor = fmt.Appendf(nil, preprocessorConfig, min(r[0], r[1]))
	}
	return p, nil
}

// write writes the files into a folder, and returns the number of weights.
func (p *synthPattern) write(cmd *cobra.Command, dir, seed string) (params int, err error) {
	tensors, params, err := syntheticTensors(cmd, p.parsed, seed)
	if err != nil {
		return 0, err
	}
	meta := map[string]string{"format": "pt", "note": "synthetic weights (synth v1): the features carry no meaning", "seed": seed}
	if err := loader.Write(filepath.Join(dir, "model.safetensors"), tensors, meta); err != nil {
		return 0, err
	}
	marked, err := mark(p.config, p.name)
	if err != nil {
		return 0, err
	}
	if err := os.WriteFile(filepath.Join(dir, "config.json"), marked, 0o644); err != nil {
		return 0, err
	}
	return params, os.WriteFile(filepath.Join(dir, "preprocessor_config.json"), p.processor, 0o644)
}

// mark writes the model's name into its config, in the field where transformers
// stores names; see radio.Synthetic.
func mark(config []byte, name string) ([]byte, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(config, &fields); err != nil {
		return nil, err
	}
	var err error
	if fields["_name_or_path"], err = json.Marshal(radio.SyntheticPrefix + name); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	err = e.Encode(fields)
	return b.Bytes(), err
}

// preprocessorConfig is the file of the published repositories. The model itself
// normalises; the call on the model card asks for the resize.
const preprocessorConfig = `{
  "crop_size": {
    "height": %[1]d,
    "width": %[1]d
  },
  "do_center_crop": false,
  "do_convert_rgb": true,
  "do_normalize": false,
  "do_rescale": true,
  "do_resize": false,
  "image_processor_type": "CLIPImageProcessor",
  "resample": 3,
  "size": {
    "shortest_edge": %[1]d
  }
}
`

// towerPrefix precedes the names of the vision tower's tensors in a vision-language model.
const towerPrefix = "vision_model."

// stored returns the name in the written file of a tensor that has this name on the hub.
func stored(c *radio.Config, name string) string {
	if c.LayerScaleFill != 0 { // as transformers' save_pretrained writes it
		for _, i := range []string{"1", "2"} {
			name = strings.Replace(name, ".ls"+i+".grandma", ".layer_scale"+i+".lambda1", 1)
		}
	}
	if c.At != "" {
		name = towerPrefix + name
	}
	return name
}

// syntheticTensors lists a model's tensors. The values of each are computed when it is written.
func syntheticTensors(cmd *cobra.Command, c *radio.Config, seed string) (list []loader.Tensor, params int, err error) {
	shapes := &shapeRecorder{Synthetic: loader.NewSynthetic(seed)}
	m, err := radio.New(c, shapes, radio.Options{})
	if err != nil {
		return nil, 0, err
	}
	params = m.Params()
	if err := m.Close(); err != nil {
		return nil, 0, err
	}
	source := loader.NewSynthetic(seed)
	for _, t := range shapes.tensors {
		made := t
		t.Name = stored(c, t.Name)
		t.Data = func(w io.Writer) error {
			if err := cmd.Context().Err(); err != nil {
				return err
			}
			values, err := source.Float32(made.Name, made.Shape...)
			if err != nil {
				return err
			}
			return loader.Float32Data(values)(w)
		}
		list = append(list, t)
	}
	idxs := make([]int64, len(c.SummaryIdxs))
	for i, v := range c.SummaryIdxs {
		idxs[i] = int64(v)
	}
	return append(list, loader.Tensor{
		Name: stored(c, "radio_model.summary_idxs"), DType: loader.I64, Shape: []int{len(idxs)}, Data: loader.Int64Data(idxs),
	}), params, nil
}

// shapeRecorder is a source that records the tensors it is asked for.
type shapeRecorder struct {
	*loader.Synthetic
	tensors []loader.Tensor
}

// Check implements loader.Source.
func (s *shapeRecorder) Check(name string, shape ...int) error {
	s.tensors = append(s.tensors, loader.Tensor{Name: name, DType: loader.F32, Shape: slices.Clone(shape)})
	return s.Synthetic.Check(name, shape...)
}
