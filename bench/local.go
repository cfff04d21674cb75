package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"cradio/radio"

	"gorgonia.org/tensor"
)

// Local is this library in this process.
type Local struct {
	Threads int
	Device  string // of --device; empty is the CPU
	Folder  string // contains model folders by name; other models are synthetic
	Model   *radio.Model
	pixels  *tensor.Dense

	gradient *gradient // of a case with gradients
	training *training // of a case that trains
}

// Name implements Entrant.
func (*Local) Name() string { return "cradio" }

// PID implements Entrant.
func (*Local) PID() int { return os.Getpid() }

// Prepare implements Entrant.
func (l *Local) Prepare(ctx context.Context, c Case) (*Ready, error) {
	if err := l.Close(); err != nil {
		return nil, err
	}
	if err := Computes(ctx, c.DType, l.Device); err != nil {
		return nil, err
	}
	if _, err := Config(c); err != nil {
		return nil, err
	}
	opt := radio.Options{Threads: l.Threads, Device: l.Device, DType: dtypeOf(c), FreeMemory: debug.FreeOSMemory}
	if c.Train != "" {
		opt.Small, opt.NoPack = -1, true // as cradio train
	}
	m, err := radio.Open(ctx, l.path(c.Model), opt)
	if err != nil {
		return nil, err
	}
	l.Model = m
	l.pixels = tensor.New(tensor.WithShape(c.Batch, 3, c.Size, c.Size), tensor.WithBacking(Pixels(c.Batch, c.Size)))
	r := &Ready{Versions: map[string]string{"go": runtime.Version()}}
	if r.Settings, err = l.settings(); err != nil {
		return nil, err
	}
	if c.Train != "" {
		if l.training, err = newTraining(m, c); err != nil {
			return nil, err
		}
		r.Settings += ", AdamW in the same program"
		r.Summary, err = l.training.answer(ctx)
		return r, err
	}
	if c.Grad {
		if l.gradient, err = newGradient(m, c); err != nil {
			return nil, err
		}
		r.Settings += ", weights that change"
		r.Summary, err = l.gradient.answer(ctx)
		return r, err
	}
	out, err := m.Forward(ctx, l.pixels)
	if err != nil {
		return nil, err
	}
	if m.Pack() != nil {
		r.Settings += ", packed weights on disk"
	}
	flat := out.Summary.Float32s()
	for width := len(flat) / c.Batch; len(flat) > 0; flat = flat[width:] {
		r.Summary = append(r.Summary, flat[:width])
	}
	return r, nil
}

// dtypeOf is the precision of a case's model. Gradients are those of a float32 model, which
// rounds for products.
func dtypeOf(c Case) radio.DType {
	if c.Grad {
		return radio.Float32
	}
	return radio.DType(c.DType)
}

// path is the model's folder, or its synthetic name.
func (l *Local) path(model string) string {
	dir := filepath.Join(l.Folder, model)
	if _, err := os.Stat(filepath.Join(dir, "model.safetensors")); l.Folder != "" && err == nil {
		return dir
	}
	return radio.SyntheticPrefix + model
}

// Pack packs the weights of a case and stores them beside its model. It does nothing if
// the model has no folder, if they exist, or if there is nothing to pack.
func (l *Local) Pack(ctx context.Context, c Case) error {
	path := l.path(c.Model)
	if strings.HasPrefix(path, radio.SyntheticPrefix) {
		return nil
	}
	opt := radio.Options{Threads: l.Threads, DType: radio.DType(c.DType)}
	m, err := radio.Open(ctx, path, opt)
	if err != nil {
		return err
	}
	defer m.Close()
	if m.Pack() != nil {
		return nil
	}
	if _, err := m.WritePack(ctx, "", nil); !errors.Is(err, radio.ErrNothingToPack) {
		return err
	}
	return nil
}

// Run implements Entrant.
func (l *Local) Run(ctx context.Context, n int) (time.Duration, error) {
	if l.Model == nil {
		return 0, errNoCase
	}
	if l.gradient != nil {
		return l.gradient.run(ctx, n)
	}
	if l.training != nil {
		return l.training.run(ctx, n)
	}
	start := time.Now()
	err := l.passes(ctx, n)
	return time.Since(start), err
}

// Close implements Entrant.
func (l *Local) Close() error {
	if l.Model == nil {
		return nil
	}
	if l.gradient != nil {
		l.gradient.close()
	}
	if l.training != nil {
		l.training.close()
	}
	m := l.Model
	l.Model, l.gradient, l.training = nil, nil, nil
	return m.Close()
}

// Computes returns an error if a device of this build does not support a precision. An empty name is the CPU.
func Computes(ctx context.Context, dtype, device string) error {
	switch dtype {
	case "float32", "bfloat16", "int8", "tf32":
	default:
		return fmt.Errorf("dtype is %q, want float32, bfloat16, int8 or tf32", dtype)
	}
	m, err := radio.Open(ctx, radio.SyntheticPrefix+"nano", radio.Options{Threads: 1, Device: device, DType: radio.DType(dtype)})
	if err != nil {
		return err
	}
	return m.Close()
}
