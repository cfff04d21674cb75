package conformance

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"cradio/loader"
	"cradio/radio"
	"cradio/radio/checkpoint"
)

// torchSuffix ends the names of the torch hub's files, each of which is a checkpoint.
const torchSuffix = ".pth.tar"

// isTorchHub says whether a file has the name of one.
func isTorchHub(name string) bool {
	return strings.HasSuffix(name, torchSuffix) && !strings.HasPrefix(name, ".")
}

// isCheckpoint says whether a folder holds a checkpoint, in whatever layout has a
// configuration of its own.
func isCheckpoint(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "config.json"))
	return err == nil
}

// openCheckpoint reads what a folder or a file says of its model, and the tensor
// that its weights are known by.
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
	b.anchor = slices.Clone(values) // out of the mapped file
	return nil
}

// covered names the bundle that opens a checkpoint in this run, or is "".
func (r *run) covered(b *Bundle) string {
	for _, o := range r.Bundles {
		if o.checkpoint == b.path && o.err == nil && strings.Contains(o.Name, r.opt.Filter) {
			return o.Name
		}
	}
	return ""
}

// runCheckpoint opens a checkpoint as its users do, and compares it with the bundle
// of the same model. Weights that the checkpoint keeps in half precision are another
// model's, whose truth no bundle has: it is then our own float64 run.
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

// open opens the checkpoint at a path for the comparison with bundle b. How it
// resizes its position table is for the checkpoint to say.
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

// layout says how a checkpoint lies: the form of its configuration and the names of
// its tensors, which a RadioModel's save_pretrained takes from the hub.
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
