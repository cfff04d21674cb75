package conformance

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

// run is one execution of a suite.
type run struct {
	*Suite
	ctx     context.Context
	opt     Options
	machine machine
	report  *Report
	cached  *cachedModel
}

// Run computes and compares the selected bundles. Problems of one bundle are a Failure in the report.
// Run returns an error only if it cannot run: for invalid options, if no bundle is selected, or
// if ctx is done.
func (s *Suite) Run(ctx context.Context, opt Options) (*Report, error) {
	if err := opt.Check(); err != nil {
		return nil, err
	}
	r, err := s.start(ctx, opt)
	if err != nil {
		return nil, err
	}
	defer r.close()
	var fast *run
	if opt.twoWays() {
		o := opt
		o.Small = -1
		if fast, err = s.start(ctx, o); err != nil {
			return nil, err
		}
		defer fast.close()
	}
	chosen := r.choose()
	if len(chosen) == 0 {
		return nil, fmt.Errorf("%s: %w: %s", s.Dir, ErrNothing, r.reasons())
	}
	for i, b := range chosen {
		r.progress(i, len(chosen), b.Name)
		if err := r.bundle(b); err != nil {
			return nil, err
		}
		if fast == nil || b.rows || b.kind == images { // rows are of large models
			continue
		}
		if err := fast.bundle(b); err != nil {
			return nil, err
		}
	}
	r.progress(len(chosen), len(chosen), "")
	if fast != nil {
		r.report.join(fast.report)
	}
	r.report.finish()
	return r.report, nil
}

// start begins a run.
func (s *Suite) start(ctx context.Context, opt Options) (*run, error) {
	m, err := newMachine(opt)
	if err != nil {
		return nil, err
	}
	return &run{Suite: s, ctx: ctx, opt: opt, machine: m, report: &Report{Peer: peer(opt.DType), Missing: s.Missing()}}, nil
}

func (r *run) close() {
	r.closeModel()
	r.machine.close()
}

func (r *run) progress(done, total int, next string) {
	if r.opt.Progress != nil {
		r.opt.Progress(done, total, next)
	}
}

// bundle runs one bundle. It returns an error only if the whole run must stop.
func (r *run) bundle(b *Bundle) error {
	err := r.compareBundle(b)
	if stopped := r.ctx.Err(); stopped != nil {
		return stopped
	}
	if err != nil {
		r.fail(b, "", err)
	}
	return nil
}

func (r *run) compareBundle(b *Bundle) (err error) {
	if b.err != nil {
		return b.err
	}
	if err := b.checksum(); err != nil {
		r.fail(b, "", err)
	}
	start := time.Now()
	t := Time{Bundle: b.Name}
	switch b.kind {
	case images:
		err = r.runImages(b)
	case weights:
		err = r.runCheckpoint(b, &t)
	default:
		err = r.runModel(b, &t)
	}
	t.Run = time.Since(start) - t.Model
	r.report.Times = append(r.report.Times, t)
	return err
}

// runModel runs the model of a bundle, and compares its tensors.
func (r *run) runModel(b *Bundle, t *Time) error {
	start := time.Now()
	m, err := r.model(b, modelOptions{})
	t.Model = time.Since(start)
	if err != nil {
		return err
	}
	f, err := openTensors(b.path)
	if err != nil {
		return err
	}
	defer f.Close()
	d := &data{File: f, bundle: b, reference: b, path: b.checkpoint}
	if path := cmp.Or(b.checkpoint, r.opt.Model); path != "" {
		r.opened(b, path, m)
	}
	switch b.kind {
	case native:
		return r.compareNative(d, m)
	case gradient:
		return r.runGradient(d, m)
	case intermediates:
		return r.runIntermediates(d, m)
	default:
		return r.runForward(d, m)
	}
}

// fail records a failure of a tensor, or of a bundle if name is empty.
func (r *run) fail(b *Bundle, name string, err error) {
	r.report.Failures = append(r.report.Failures, Failure{b.Name, name, err.Error()})
}

// add compares one tensor and records the result.
func (r *run) add(b *Bundle, name string, ours []float64, truth []float32, shape []int, baseline *Baseline) {
	t, err := compare(b.Name, name, ours, truth, baseline)
	t.Tokens = tokens(shape)
	if err != nil {
		r.fail(b, name, err)
		return
	}
	r.report.Tensors = append(r.report.Tensors, t)
}
