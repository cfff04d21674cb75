package conformance

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"cradio/loader"
	"cradio/radio"
)

// maxConfig bounds config.json.
const maxConfig = 16 << 20

// isCheckpoint says whether a folder holds a checkpoint.
func isCheckpoint(dir string) bool {
	if _, err := os.Stat(filepath.Join(dir, "config.json")); err == nil {
		return true
	}
	found, _ := filepath.Glob(filepath.Join(dir, "*.pth.tar")) // the pattern is right
	return len(found) > 0
}

// openCheckpoint reads the configuration of a folder with a checkpoint.
func openCheckpoint(b *Bundle) error {
	b.kind = checkpoint
	path := filepath.Join(b.path, "config.json")
	info, err := os.Stat(path)
	if os.IsNotExist(err) {
		b.unsupported = "a torch hub checkpoint, which is not supported yet"
		return nil
	}
	if err != nil {
		return err
	}
	if info.Size() > maxConfig {
		return fmt.Errorf("%s: has %d bytes, wants at most %d", path, info.Size(), maxConfig)
	}
	config, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var layout struct {
		ModelType string           `json:"model_type"`
		Args      *json.RawMessage `json:"args"`
	}
	if err := json.Unmarshal(config, &layout); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if layout.ModelType == "radio" && layout.Args == nil {
		b.unsupported = "a checkpoint in the native transformers layout, which is not supported yet"
		return nil
	}
	b.facts.Config = config
	return nil
}

// covered names the bundle with the outputs of a checkpoint, or is "".
func (r *run) covered(b *Bundle) string {
	for _, o := range r.Bundles {
		if o.facts.Checkpoint != "" && filepath.Join(filepath.Dir(o.path), o.facts.Checkpoint) == b.path {
			return o.Name
		}
	}
	return ""
}

// runCheckpoint opens a checkpoint as its users do, and compares it with the
// bundle of the same model on synthetic weights, of which the checkpoint is a
// copy. Weights that the checkpoint keeps in half precision are another model's,
// whose truth no bundle has: it is then our own float64 run.
func (r *run) runCheckpoint(b *Bundle, t *Time) error {
	ref, rounded, err := r.original(b)
	if err != nil {
		return err
	}
	f, err := loader.OpenFile(ref.path)
	if err != nil {
		return err
	}
	defer f.Close()
	start := time.Now()
	m, err := r.open(b.path, ref, r.opt.DType)
	t.Model = time.Since(start)
	if err != nil {
		return err
	}
	defer m.Close()
	d := &data{File: f, bundle: b, reference: ref}
	if rounded {
		return r.runRounded(d, m)
	}
	return r.runForward(d, m)
}

// open opens the checkpoint in a folder for the comparison with bundle b.
func (r *run) open(dir string, b *Bundle, dtype radio.DType) (*radio.Model, error) {
	opt, err := r.options(b, modelOptions{})
	if err != nil {
		return nil, err
	}
	opt.DType = dtype
	return radio.Open(r.ctx, dir, opt)
}

// original finds the bundle whose synthetic weights the checkpoint holds.
func (r *run) original(b *Bundle) (ref *Bundle, rounded bool, err error) {
	src, err := loader.OpenFolder(b.path)
	if err != nil {
		return nil, false, err
	}
	defer src.Close()
	for _, c := range r.Bundles {
		if c.kind != forward || c.err != nil || c.rows || !c.synthetic() || c.facts.Checkpoint != "" || !sameConfig(b.config(), c.config()) {
			continue
		}
		same, half, err := holds(src, c.facts.Seed)
		if err != nil {
			return nil, false, err
		}
		if same {
			return c, half, nil
		}
	}
	return nil, false, fmt.Errorf("no bundle has the outputs of this model: the folder wants one with its config and its seed")
}

// holds says whether a checkpoint has the synthetic weights of a seed, judged by
// one of its tensors, and whether in half precision.
func holds(src loader.Source, seed string) (same, half bool, err error) {
	const anchor = "radio_model.model.patch_generator.embedder.weight"
	for _, name := range src.Names() {
		if !strings.HasSuffix(name, anchor) {
			continue
		}
		info, _ := src.Lookup(name)
		got, err := src.Float32(name, info.Shape...)
		if err != nil {
			return false, false, err
		}
		want, err := loader.NewSynthetic(seed).Float32(anchor, info.Shape...)
		if err != nil {
			return false, false, err
		}
		half = info.DType == loader.F16 || info.DType == loader.BF16
		for i := range want {
			const bfloat16, float16 = 1.0 / 256, 0x1p-24 // the largest roundings: relative, and of the smallest numbers
			if math.Abs(float64(got[i]-want[i])) > bfloat16*math.Abs(float64(want[i]))+float16 {
				return false, half, nil
			}
		}
		return true, half, nil
	}
	return false, false, fmt.Errorf("%s: has no tensor %s", src, anchor)
}
