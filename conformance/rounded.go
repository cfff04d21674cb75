package conformance

import (
	"fmt"

	"cradio/radio"

	"gorgonia.org/tensor"
)

// baselineFunc returns the baseline of a tensor. truth is our own float64 result.
type baselineFunc func(name string, truth []float32) (*Baseline, error)

// runRounded compares a half-precision checkpoint with our own float64 run on the same weights. This
// checks float32 against float64. It does not check that the file is read correctly: for that,
// other bundles hold the outputs of such weights. The baselines are estimates: PyTorch's errors
// on the weights before rounding.
func (r *run) runRounded(d *data, m *radio.Model) error {
	return r.runOwn(d, m, truthPrefix, func(name string, truth []float32) (*Baseline, error) {
		baseline := r.baseline(d.reference, name, truth)
		if baseline != nil {
			baseline.Estimated = true
		}
		return baseline, nil
	})
}

// runOwn compares a checkpoint with our own float64 run of it, for the tensors of the bundle with a
// prefix.
func (r *run) runOwn(d *data, m *radio.Model, prefix string, baseline baselineFunc) error {
	pixels, err := d.pixels()
	if err != nil {
		return err
	}
	exact, err := r.open(d.path, d.reference, radio.Float64)
	if err != nil {
		return err
	}
	defer exact.Close()
	req := radio.Request{Adaptors: adaptorNames(m)}
	outputs, taps := r.split(d, d.names(prefix), &req)
	ours, err := r.machine.forward(r.ctx, m, pixels, req)
	if err != nil {
		return err
	}
	truth, err := exact.Run(r.ctx, pixels, req)
	if err != nil {
		return err
	}
	for _, name := range append(outputs, taps...) {
		got, err := named(ours, name)
		if err == nil {
			err = r.addOwn(d, name, got, truth, baseline)
		}
		if err != nil {
			r.fail(d.bundle, name, err)
		}
	}
	return nil
}

// named returns an output or a tap by its name in a bundle.
func named(out *radio.Output, name string) (*tensor.Dense, error) {
	if isOutput(name) {
		return output(out, name)
	}
	path, err := tapPath(name)
	if err != nil {
		return nil, err
	}
	return out.Taps[path], nil
}

// addOwn compares a tensor with that of our float64 run.
func (r *run) addOwn(d *data, name string, got *tensor.Dense, exact *radio.Output, baseline baselineFunc) error {
	want, err := named(exact, name)
	if err != nil {
		return err
	}
	if !got.Shape().Eq(want.Shape()) {
		return fmt.Errorf("has shape %v, but %v in our float64 run", got.Shape(), want.Shape())
	}
	values, err := float64s(got)
	if err != nil {
		return err
	}
	truth := make([]float32, len(values))
	for i, v := range want.Float64s() {
		truth[i] = float32(v)
	}
	m, err := baseline(name, truth)
	if err != nil {
		return err
	}
	r.add(d.bundle, name, values, truth, want.Shape(), m)
	return nil
}
