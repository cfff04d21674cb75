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

func newSynthCmd() *cobra.Command {
	var dir, seed string
	var force bool
	cmd := &cobra.Command{
		Use:   "synth NAME --out DIR",
		Short: "Write a checkpoint with synthetic weights",
		Long: `synth writes a folder as the Hugging Face hub has them: config.json,
model.safetensors in float32, and preprocessor_config.json. The weights are synthetic,
each a function of its name ("synth v1", conformance/README.md): the folder has the
size and the cost of a real checkpoint, for trying things out, and its features carry
no meaning. NAME is one of ` + strings.Join(radio.SyntheticNames(), ", ") + `.

The folder appears when it is complete. One that exists is refused, or with --force
replaced, if it holds nothing but what synth and pack write.`,
		Example: `  cradio synth nano --out /tmp/nano && cradio embed photo.jpg --model /tmp/nano
  cradio synth B --out C-RADIOv2-B-synthetic --seed 7`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(cmd, "wants one NAME of %s, found %d", strings.Join(radio.SyntheticNames(), ", "), len(args))
			}
			return nil
		},
		ValidArgsFunction: cobra.FixedCompletions(radio.SyntheticNames(), cobra.ShellCompDirectiveNoFileComp),
		RunE: func(cmd *cobra.Command, args []string) error {
			if dir == "" {
				return usage(cmd, "--out is missing: wants the folder to write")
			}
			name := strings.TrimPrefix(args[0], radio.SyntheticPrefix)
			return synth(cmd, name, seed, filepath.Clean(dir), force)
		},
	}
	cmd.Flags().StringVarP(&dir, "out", "o", "", "folder `DIR` to write")
	cmd.Flags().StringVar(&seed, "seed", "", "any text, for another set of weights")
	cmd.Flags().BoolVar(&force, "force", false, "replace the folder if it exists")
	if err := cmd.MarkFlagDirname("out"); err != nil {
		panic(err)
	}
	return cmd
}

func synth(cmd *cobra.Command, name, seed, dir string, force bool) error {
	config, err := radio.SyntheticConfig(name)
	if err != nil {
		return err
	}
	if err := replaceable(dir, force); err != nil {
		return err
	}
	temporary, err := os.MkdirTemp(filepath.Dir(dir), ".cradio-synth-*.tmp")
	if err != nil {
		return fmt.Errorf("%s: not written: %w; choose a folder that exists and can be written", dir, err)
	}
	defer os.RemoveAll(temporary) // nothing is left of it after the rename
	params, err := writeSynthetic(cmd, temporary, name, seed, config)
	if err != nil {
		return err
	}
	if err := replace(dir, temporary); err != nil {
		return fmt.Errorf("%s: not written: %w", dir, err)
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %s%s, %.1f million synthetic weights: the features carry no meaning\n",
		dir, radio.SyntheticPrefix, name, float64(params)/1e6)
	return err
}

// synthFiles are what a synthetic checkpoint consists of.
var synthFiles = []string{"config.json", "model.safetensors", "preprocessor_config.json"}

// replaceable says whether dir may be put in place: it is not there, or empty,
// or with force a folder that synth, and perhaps pack, has written.
func replaceable(dir string, force bool) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w; choose another folder", dir, err)
	}
	if !force {
		return fmt.Errorf("%s: exists already; choose another folder, or replace it with --force", dir)
	}
	for _, e := range entries {
		ours, _ := filepath.Match("cradio-*.pack", strings.TrimSuffix(e.Name(), ".seen")) // the pattern is right
		if !ours && !slices.Contains(synthFiles, e.Name()) || !e.Type().IsRegular() {
			return fmt.Errorf("%s: holds %s, which synth did not write: not replaced; choose another folder", dir, e.Name())
		}
	}
	if !(&modelFlags{name: dir}).synthetic() {
		return fmt.Errorf("%s: holds a checkpoint that synth did not write: not replaced; choose another folder", dir)
	}
	return nil
}

// replace puts a folder in the place of dir, which is moved aside until then.
func replace(dir, by string) error {
	if err := os.Chmod(by, 0o755); err != nil { // os.MkdirTemp makes private folders
		return err
	}
	old := by + ".old"
	if err := os.Rename(dir, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(by, dir); err != nil {
		return errors.Join(err, os.Rename(old, dir))
	}
	return os.RemoveAll(old)
}

// writeSynthetic writes the files into a folder, and counts the weights.
func writeSynthetic(cmd *cobra.Command, dir, name, seed string, config []byte) (params int, err error) {
	c, err := radio.ParseConfig(config)
	if err != nil {
		return 0, err
	}
	tensors, params, err := syntheticTensors(cmd, c, seed)
	if err != nil {
		return 0, err
	}
	meta := map[string]string{"format": "pt", "note": "synthetic weights (synth v1): the features carry no meaning", "seed": seed}
	if err := loader.Write(filepath.Join(dir, "model.safetensors"), tensors, meta); err != nil {
		return 0, err
	}
	marked, err := mark(config, name)
	if err != nil {
		return 0, err
	}
	if err := os.WriteFile(filepath.Join(dir, "config.json"), marked, 0o644); err != nil {
		return 0, err
	}
	processor := fmt.Sprintf(preprocessorConfig, c.PreferredResolution[0], c.PreferredResolution[1])
	return params, os.WriteFile(filepath.Join(dir, "preprocessor_config.json"), []byte(processor), 0o644)
}

// mark puts the model's name into its config, under the field that
// transformers keeps names in; see modelFlags.synthetic.
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

// preprocessorConfig is like those of the C-RADIOv2 repositories: the model
// normalises inside.
const preprocessorConfig = `{
  "crop_size": {"height": %[1]d, "width": %[2]d},
  "do_center_crop": false,
  "do_convert_rgb": true,
  "do_normalize": false,
  "do_rescale": true,
  "do_resize": true,
  "image_processor_type": "CLIPImageProcessor",
  "resample": 3,
  "rescale_factor": 0.00392156862745098,
  "size": {"height": %[1]d, "width": %[2]d}
}
`

// syntheticTensors lists a model's tensors, each made when it is written.
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
		t.Data = func(w io.Writer) error {
			if err := cmd.Context().Err(); err != nil {
				return err
			}
			values, err := source.Float32(t.Name, t.Shape...)
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
		Name: "radio_model.summary_idxs", DType: loader.I64, Shape: []int{len(idxs)}, Data: loader.Int64Data(idxs),
	}), params, nil
}

// shapeRecorder is a source that remembers what it was asked for.
type shapeRecorder struct {
	*loader.Synthetic
	tensors []loader.Tensor
}

// Check implements loader.Source.
func (s *shapeRecorder) Check(name string, shape ...int) error {
	s.tensors = append(s.tensors, loader.Tensor{Name: name, DType: loader.F32, Shape: slices.Clone(shape)})
	return s.Synthetic.Check(name, shape...)
}
