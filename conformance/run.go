package conformance

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"cradio/loader"
	"cradio/radio"
)

// Options says what runs, and how; the zero value runs every bundle of ordinary
// size in float32 on the CPU machine.
type Options struct {
	DType   radio.DType
	Machine MachineName
	Threads int // 0 takes GOMAXPROCS
	// Filter picks the bundles whose name contains it.
	Filter string
	// Large runs bundles of large models too; see Bundle.Large.
	Large bool
	// Model is a folder with a checkpoint: bundles made from a real checkpoint
	// are compared with it, and no others.
	Model string
	// AlignCorners overrides the bundles', to see the suite fail.
	AlignCorners *bool
	// Progress, where not nil, is told before each bundle: how many are done, of
	// how many, and which is next; and at the end with an empty name.
	Progress func(done, total int, next string)
}

// Check refuses values that there are not.
func (o Options) Check() error {
	switch o.DType {
	case "", radio.Float32, radio.Float64:
	case "bfloat16", "int8":
		return fmt.Errorf("dtype %s is not available yet; there are %s and %s", o.DType, radio.Float32, radio.Float64)
	default:
		return fmt.Errorf("dtype is %q, wants %s or %s", o.DType, radio.Float32, radio.Float64)
	}
	switch o.Machine {
	case "", CPU, Tape:
	default:
		return fmt.Errorf("machine is %q, wants %s or %s", o.Machine, CPU, Tape)
	}
	if o.Threads < 0 {
		return fmt.Errorf("threads are %d, want 1 or more, or 0 for all cores", o.Threads)
	}
	if o.Model == "" {
		return nil
	}
	if info, err := os.Stat(o.Model); err != nil || !info.IsDir() {
		return fmt.Errorf("model %s: wants the folder of a checkpoint", o.Model)
	}
	return nil
}

// ErrNothing is what errors.Is finds when no bundle was left to run.
var ErrNothing = errors.New("no bundle to run")

// run is one execution of a suite.
type run struct {
	*Suite
	ctx     context.Context
	opt     Options
	machine machine
	report  *Report
	cached  *cachedModel
}

// cachedModel is the model that was used last: neighbouring bundles share it.
type cachedModel struct {
	*radio.Model
	config []byte
	seed   string
	opt    modelOptions
}

// Run computes and compares the chosen bundles. What is wrong with one bundle is
// a Failure in the report; the error is for what stops the run: an option, or ctx.
func (s *Suite) Run(ctx context.Context, opt Options) (*Report, error) {
	if err := opt.Check(); err != nil {
		return nil, err
	}
	m := newMachine(opt)
	defer m.close()
	r := &run{Suite: s, ctx: ctx, opt: opt, machine: m, report: &Report{}}
	defer r.closeModel()
	chosen := r.choose()
	if len(chosen) == 0 {
		return nil, fmt.Errorf("%s: %w: %s", s.Dir, ErrNothing, r.reasons())
	}
	for i, b := range chosen {
		r.progress(i, len(chosen), b.Name)
		if err := r.bundle(b); err != nil {
			return nil, err
		}
	}
	r.progress(len(chosen), len(chosen), "")
	r.report.finish()
	return r.report, nil
}

func (r *run) progress(done, total int, next string) {
	if r.opt.Progress != nil {
		r.opt.Progress(done, total, next)
	}
}

// choose lists the bundles to run, and records why others do not.
func (r *run) choose() []*Bundle {
	var chosen []*Bundle
	for _, b := range r.Bundles {
		if !strings.Contains(b.Name, r.opt.Filter) {
			continue
		}
		if why := r.skip(b); why != "" {
			r.report.Skipped = append(r.report.Skipped, Skip{b.Name, why})
			continue
		}
		chosen = append(chosen, b)
	}
	return chosen
}

// skip is why a bundle does not run, or "".
func (r *run) skip(b *Bundle) string {
	switch {
	case b.err != nil:
		return "" // it fails when it runs
	case b.kind == native:
		return "outputs of the native transformers layout, which is not supported yet"
	case b.unsupported != "":
		return b.unsupported
	case b.kind == checkpoint && r.covered(b) != "":
		return "compared by " + r.covered(b)
	case r.opt.Model != "" && b.synthetic():
		return "its weights are synthetic, and --model names a checkpoint"
	case r.opt.Model == "" && !b.synthetic():
		return "made from a real checkpoint: name its folder with --model"
	case b.Large && !r.opt.Large && r.opt.Model == "":
		return "its model is large: runs with --full"
	}
	return ""
}

// reasons says why nothing runs.
func (r *run) reasons() string {
	if len(r.report.Skipped) == 0 {
		return fmt.Sprintf("no name contains %q", r.opt.Filter)
	}
	return fmt.Sprintf("%s: %s", r.report.Skipped[0].Bundle, r.report.Skipped[0].Reason)
}

// bundle runs one bundle. It returns an error only if the whole run must stop.
func (r *run) bundle(b *Bundle) (err error) {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	defer func() {
		if err == nil {
			return
		}
		if r.ctx.Err() != nil {
			err = r.ctx.Err()
			return
		}
		r.fail(b, "", err)
		err = nil
	}()
	if b.err != nil {
		return b.err
	}
	if err := b.checksum(); err != nil {
		r.fail(b, "", err)
	}
	start := time.Now()
	t := Time{Bundle: b.Name}
	switch b.kind {
	case pictures:
		err = r.runPictures(b)
	case checkpoint:
		err = r.runCheckpoint(b, &t)
	default:
		err = r.runModel(b, &t)
	}
	t.Run = time.Since(start) - t.Model
	r.report.Times = append(r.report.Times, t)
	return err
}

// runModel runs a bundle of tensors on the model that it describes.
func (r *run) runModel(b *Bundle, t *Time) error {
	start := time.Now()
	m, err := r.model(b, modelOptions{})
	t.Model = time.Since(start)
	if err != nil {
		return err
	}
	f, err := loader.OpenFile(b.path)
	if err != nil {
		return err
	}
	defer f.Close()
	d := &data{File: f, bundle: b, reference: b}
	switch b.kind {
	case gradient:
		return r.runGradient(d, m)
	case intermediates:
		return r.runIntermediates(d, m)
	default:
		return r.runForward(d, m)
	}
}

// checksum compares the file with what the manifest says of it: marks measured
// on another file would mean nothing.
func (b *Bundle) checksum() error {
	if b.marks == nil || b.marks.SHA256 == "" {
		return nil
	}
	f, err := os.Open(b.path)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != b.marks.SHA256 {
		return fmt.Errorf("is not the file that %s describes: its sha256 is %s, wants %s; make the bundle again", manifestName, got, b.marks.SHA256)
	}
	return nil
}

// fail records what is wrong with a tensor, or with a bundle.
func (r *run) fail(b *Bundle, name string, err error) {
	r.report.Failures = append(r.report.Failures, Failure{b.Name, name, err.Error()})
}

// add compares one tensor and records the outcome.
func (r *run) add(b *Bundle, name string, ours []float64, truth []float32, mark *Mark) {
	t, err := compare(b.Name, name, ours, truth, mark)
	if err != nil {
		r.fail(b, name, err)
		return
	}
	r.report.Tensors = append(r.report.Tensors, t)
}

// modelOptions are what two models of one bundle can differ in.
type modelOptions struct{ noFusion bool }

// model makes the model of a bundle, or takes the one used last.
func (r *run) model(b *Bundle, opt modelOptions) (*radio.Model, error) {
	options, err := r.options(b, opt)
	if err != nil {
		return nil, err
	}
	folder := r.opt.Model
	if b.facts.Checkpoint != "" {
		if !filepath.IsLocal(b.facts.Checkpoint) {
			return nil, fmt.Errorf("checkpoint is %q, wants the name of a folder beside the bundle", b.facts.Checkpoint)
		}
		folder = filepath.Join(filepath.Dir(b.path), b.facts.Checkpoint)
	}
	if folder != "" {
		return r.keep(fmt.Appendf(nil, "%s %v", folder, *options.AlignCorners), "", opt, func() (*radio.Model, error) { return radio.Open(r.ctx, folder, options) })
	}
	key := slices.Concat(b.config(), fmt.Appendf(nil, "%v %v", *options.AlignCorners, options.ViTDet))
	return r.keep(key, b.facts.Seed, opt, func() (*radio.Model, error) {
		c, err := radio.ParseConfig(b.config())
		if err != nil {
			return nil, err
		}
		return radio.New(c, loader.NewSynthetic(b.facts.Seed), options)
	})
}

// keep returns the last model if it is the same, else makes one in its place.
func (r *run) keep(config []byte, seed string, opt modelOptions, make func() (*radio.Model, error)) (*radio.Model, error) {
	if c := r.cached; c != nil && bytes.Equal(c.config, config) && c.seed == seed && c.opt == opt {
		return c.Model, nil
	}
	r.closeModel()
	m, err := make()
	if err != nil {
		return nil, err
	}
	r.cached = &cachedModel{m, config, seed, opt}
	return m, nil
}

func (r *run) closeModel() {
	if r.cached != nil {
		r.cached.Close()
		r.cached = nil
	}
}

func (r *run) options(b *Bundle, opt modelOptions) (radio.Options, error) {
	align := b.alignCorners()
	if r.opt.AlignCorners != nil {
		align = *r.opt.AlignCorners
	}
	o := radio.Options{
		DType: r.opt.DType, Threads: r.opt.Threads, AlignCorners: &align, NoFusion: opt.noFusion,
		Log: slog.New(slog.DiscardHandler),
	}
	if v := b.facts.ViTDet; v != nil {
		if v.Window < 1 || v.Period < 2 {
			return o, fmt.Errorf("vitdet is %+v, wants a window of at least 1 and a period of at least 2", *v)
		}
		o.ViTDet = radio.ViTDet{Window: v.Window, NumWindowed: v.Period - 1}
	}
	return o, nil
}
