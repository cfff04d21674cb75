package conformance

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"cradio/radio"
	"cradio/radio/checkpoint"
)

// torchSuffix is the extension of checkpoints of the torch hub.
const torchSuffix = ".pth.tar"

// isTorchHub reports whether a file name is that of a torch hub checkpoint.
func isTorchHub(name string) bool {
	return strings.HasSuffix(name, torchSuffix) && !strings.HasPrefix(name, ".")
}

// isCheckpoint reports whether a folder holds a checkpoint with a config.json.
func isCheckpoint(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "config.json"))
	return err == nil
}

// openCheckpoint reads the configuration of a folder or a file, and the tensor that identifies its
// weights (the anchor).
func openCheckpoint(b *Bundle) error {
	b.kind = weights
	c, err := checkpoint.Open(b.path)
	if err != nil && foreignModel(b.path) {
		b.foreign = "a checkpoint of another model family"
		return nil
	}
	if err != nil {
		return err
	}
	defer c.Tensors.Close()
	b.model = c.Config
	if err := b.bound(); err != nil {
		return err
	}
	t, err := checkpoint.NewTensors(c.Tensors, c.Config)
	if err != nil {
		return err
	}
	values, err := t.Float32(anchor, c.Config.Width, 3*c.Config.Patch*c.Config.Patch)
	if err != nil {
		return err
	}
	b.anchor = slices.Clone(values) // a copy, since the mapped file is closed
	return nil
}

// covered returns the name of the bundle that opens a checkpoint in this run, or "".
func (r *run) covered(b *Bundle) string {
	for _, o := range r.Bundles {
		if o.checkpoint == b.path && o.err == nil && strings.Contains(o.Name, r.opt.Filter) {
			return o.Name
		}
	}
	return ""
}

// runCheckpoint opens a checkpoint as users do, and compares it with the bundle of the same model.
// If the checkpoint has half-precision weights, no bundle has its outputs. The reference is then
// our own float64 run.
func (r *run) runCheckpoint(b *Bundle, t *Time) error {
	ref, rounded, err := r.original(b)
	if err != nil {
		return err
	}
	f, err := openTensors(ref.path)
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
	r.opened(b, b.path, m)
	d := &data{File: f, bundle: b, reference: ref, path: b.path}
	switch {
	case ref.kind == native:
		return r.compareNative(d, m)
	case rounded:
		return r.runRounded(d, m)
	}
	return r.runForward(d, m)
}

// open opens the checkpoint at a path for the comparison with bundle b. The checkpoint decides
// align_corners.
func (r *run) open(path string, b *Bundle, dtype radio.DType) (*radio.Model, error) {
	opt, err := r.options(b, modelOptions{})
	if err != nil {
		return nil, err
	}
	opt.DType, opt.AlignCorners = dtype, r.opt.AlignCorners
	return radio.Open(r.ctx, path, opt)
}

// opened records the layout of a checkpoint.
func (r *run) opened(b *Bundle, path string, m *radio.Model) {
	name := path
	for _, o := range r.Bundles {
		if o.kind == weights && o.path == path {
			name = o.Name
		}
	}
	r.report.Checkpoints = append(r.report.Checkpoints, Checkpoint{Bundle: b.Name, Checkpoint: name, Layout: layout(m)})
}

// layout describes the layout of a checkpoint: the form of its configuration, and the naming of its
// tensors. RadioModel.save_pretrained uses the names of the hub.
func layout(m *radio.Model) string {
	text := m.Layout()
	c := m.Config()
	if rest, ok := strings.CutPrefix(text, "hub"); ok && c.Model == "RadioModel" {
		text = "transformers, tensors named as in the hub's" + rest
	}
	if c.At != "" {
		text += ", config in " + c.At
	}
	return text
}
