package conformance

import (
	"fmt"

	"cradio/radio"

	"gorgonia.org/tensor"
)

// runForward compares every tensor of a forward pass, each as a tap. It compares the outputs again
// without taps, as users run the model: taps prevent fusion, so the two runs have different
// instructions. If the bundle has whole tensors, it compares the outputs once more without any
// fusion.
func (r *run) runForward(d *data, m *radio.Model) error {
	pixels, err := d.pixels()
	if err != nil {
		return err
	}
	req := radio.Request{Adaptors: adaptorNames(m)}
	outputs, taps := r.split(d, d.names(truthPrefix), &req)
	out, err := r.machine.forward(r.ctx, m, pixels, req)
	if err != nil {
		return err
	}
	for _, name := range taps {
		path, _ := tapPath(name) // valid: split has checked it
		r.addTruth(d, name, name, out.Taps[path])
	}
	if r.opt.Machine == Tape || d.bundle.rows {
		r.addOutputs(d, out, outputs, "")
		return nil
	}
	r.addOutputs(d, out, outputs, " (tapped)")

	req.Taps = nil
	if out, err = m.Run(r.ctx, pixels, req); err != nil {
		return err
	}
	r.addOutputs(d, out, outputs, "")
	if d.bundle.kind == weights || d.bundle.checkpoint != "" {
		return nil
	}

	if m, err = r.model(d.bundle, modelOptions{noFusion: true}); err != nil {
		return err
	}
	if out, err = m.Run(r.ctx, pixels, req); err != nil {
		return err
	}
	r.addOutputs(d, out, outputs, " (unfused)")
	return nil
}

// split divides the tensors of a bundle into outputs and taps, and adds the taps to the request.
func (r *run) split(d *data, names []string, req *radio.Request) (outputs, taps []string) {
	for _, name := range names {
		if isOutput(name) {
			outputs = append(outputs, name)
			continue
		}
		path, err := tapPath(name)
		if err != nil {
			r.fail(d.bundle, name, err)
			continue
		}
		taps = append(taps, name)
		req.Taps = append(req.Taps, path)
	}
	return outputs, taps
}

func adaptorNames(m *radio.Model) []string {
	var names []string
	for _, a := range m.Config().Adaptors {
		names = append(names, a.Name)
	}
	return names
}

// addOutputs compares the outputs of one run. way is added to their names.
func (r *run) addOutputs(d *data, out *radio.Output, names []string, way string) {
	for _, name := range names {
		ours, err := output(out, name)
		if err != nil {
			r.fail(d.bundle, name, err)
			continue
		}
		r.addTruth(d, name+way, name, ours)
	}
}

// output returns an output of the model by its name in the bundle.
func output(out *radio.Output, name string) (*tensor.Dense, error) {
	switch name {
	case "summary":
		return out.Summary, nil
	case "features":
		return out.Features, nil
	}
	adaptor, part, _ := adaptorOutput(name)
	a, ok := out.Adaptors[adaptor]
	switch {
	case ok && part == "summary":
		return a.Summary, nil
	case ok && part == "features":
		return a.Features, nil
	}
	return nil, fmt.Errorf("the model has no such output")
}

// addTruth compares ours with the reference tensor of a name. label is its name in the report.
func (r *run) addTruth(d *data, label, name string, ours *tensor.Dense) {
	truth, shape, err := d.truth(name)
	if err != nil {
		r.fail(d.bundle, label, err)
		return
	}
	values, err := d.pick(name, ours, shape)
	if err != nil {
		r.fail(d.bundle, label, err)
		return
	}
	r.add(d.bundle, label, values, truth, shape, r.baseline(d.reference, name, truth))
}
