package conformance

import (
	"fmt"

	"cradio/radio"

	"gorgonia.org/tensor"
)

// marker gives the mark of a tensor, whose truth is our own.
type marker func(name string, truth []float32) (*Mark, error)

// runRounded compares a checkpoint in half precision with our own float64 run on
// the same weights, widened. This shows that the file is read as it should be only
// together with the bundles that know the outputs of such weights, and that
// float32 is as close to float64 as elsewhere: so the marks are estimates, those
// of PyTorch on the weights before they were rounded.
func (r *run) runRounded(d *data, m *radio.Model) error {
	return r.runOwn(d, m, truthPrefix, func(name string, truth []float32) (*Mark, error) {
		mark := r.mark(d.reference, name, truth)
		if mark != nil {
			mark.Estimated = true
		}
		return mark, nil
	})
}

// runOwn compares a checkpoint with our own float64 run of it, on the tensors that
// the bundle has under a prefix.
func (r *run) runOwn(d *data, m *radio.Model, prefix string, mark marker) error {
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
			err = r.addOwn(d, name, got, truth, mark)
		}
		if err != nil {
			r.fail(d.bundle, name, err)
		}
	}
	return nil
}

// named is an output or a tap, by the reference's name.
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

// addOwn compares a tensor with the same of our float64 run.
func (r *run) addOwn(d *data, name string, got *tensor.Dense, exact *radio.Output, mark marker) error {
	want, err := named(exact, name)
	if err != nil {
		return err
	}
	if !got.Shape().Eq(want.Shape()) {
		return fmt.Errorf("is %v in float32 and %v in float64", got.Shape(), want.Shape())
	}
	values, err := wide(got)
	if err != nil {
		return err
	}
	truth := make([]float32, len(values))
	for i, v := range want.Float64s() {
		truth[i] = float32(v)
	}
	m, err := mark(name, truth)
	if err != nil {
		return err
	}
	r.add(d.bundle, name, values, truth, m)
	return nil
}
