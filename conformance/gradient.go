package conformance

import (
	"fmt"
	"strings"

	"cradio/graph"
	"cradio/radio"

	"gorgonia.org/tensor"
)

// runGradient compares the gradient of
//
//	Σ summary·weight/summary + Σ features·weight/features
//
// with respect to the pixels ("input") and to every parameter, by its name in the checkpoint.
// norm_mean and norm_std are buffers, without a gradient. The loss is a single number, whose
// error means little, so it has no baseline.
func (r *run) runGradient(d *data, m *radio.Model) error {
	pixels, err := d.pixels()
	if err != nil {
		return err
	}
	g, input, nodes, err := build(m, pixels.Shape(), radio.Request{})
	if err != nil {
		return err
	}
	in := tensors{input: as(m, pixels)}
	outputs := []*graph.Node{nodes.Summary, nodes.Features}
	seeds, err := d.seeds(g, m, outputs, in)
	if err != nil {
		return err
	}
	names, wrt := r.parameters(d, g, input, m)
	grads, err := g.Backpropagate(outputs, seeds, wrt)
	if err != nil {
		return err
	}
	values, err := r.machine.evaluate(r.ctx, g, in, append(grads, outputs...))
	if err != nil {
		return err
	}
	first := len(r.report.Tensors)
	for i, name := range names {
		r.addTruth(d, name, name, values[grads[i]])
	}
	for _, t := range r.report.Tensors[first:] {
		if t.Baseline != nil {
			t.Baseline.Chance = r.opt.rounds() && t.Tokens < fewTokens
		}
	}
	return r.loss(d, values, outputs, in, seeds)
}

// seeds adds the gradient of the loss with respect to each output to a graph and its inputs. These
// are the weights of the outputs in the loss.
func (d *data) seeds(g *graph.Builder, m *radio.Model, outputs []*graph.Node, in tensors) (seeds []*graph.Node, err error) {
	for i, name := range []string{"weight/summary", "weight/features"} {
		values, shape, err := d.float32s(name)
		if err != nil {
			return nil, err
		}
		if want := outputs[i].Shape(); !want.Eq(tensor.Shape(shape)) {
			return nil, fmt.Errorf("%s has shape %v, want %v", name, shape, want)
		}
		seed := g.Input(name, shape...)
		in[seed] = as(m, tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values)))
		seeds = append(seeds, seed)
	}
	return seeds, nil
}

// parameters returns the tensors of the bundle that have a gradient, and their nodes.
func (r *run) parameters(d *data, g *graph.Builder, input *graph.Node, m *radio.Model) (names []string, wrt []*graph.Node) {
	known := map[string]*graph.Weight{}
	for _, w := range m.Weights() {
		known[w.Name] = w
	}
	for _, name := range d.names(truthPrefix) {
		w := known[name]
		switch {
		case name == "loss" || strings.Contains(name, ".input_conditioner."):
			continue
		case name == "input":
			wrt = append(wrt, input)
		case w == nil:
			r.fail(d.bundle, name, fmt.Errorf("the model has no such parameter"))
			continue
		default:
			wrt = append(wrt, g.Weight(w))
		}
		names = append(names, name)
	}
	return names, wrt
}

// loss compares the loss if the bundle has it.
func (r *run) loss(d *data, values tensors, outputs []*graph.Node, in tensors, seeds []*graph.Node) error {
	if _, ok := d.Lookup(truthPrefix + "loss"); !ok {
		return nil
	}
	truth, _, err := d.truth("loss")
	if err != nil {
		return err
	}
	var sum float64
	for i, n := range outputs {
		y, err := float64s(values[n])
		if err != nil {
			return err
		}
		w, err := float64s(in[seeds[i]])
		if err != nil {
			return err
		}
		for j := range y {
			sum += y[j] * w[j]
		}
	}
	r.add(d.bundle, "loss", []float64{sum}, truth, nil, nil)
	return nil
}
