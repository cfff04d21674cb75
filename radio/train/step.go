package train

import (
	"context"
	"errors"
	"fmt"

	"cradio/graph"
	"cradio/radio/optim"

	"gorgonia.org/tensor"
)

// stepper runs steps: forward, loss, backward, clipping and update, in one program. Where gradients
// of several batches are added up, the update is a program of its own.
type stepper struct {
	batches int
	forward built
	change  *built // or nil
}

// built is a compiled graph.
type built struct {
	*Graph
	update  *optim.Update
	program *graph.Program
	machine graph.Machine
}

// outcome is what a step gave.
type outcome struct {
	loss, norm float64
	batch      *Batch // the one whose loss is not finite, or the last
}

// compile compiles the steps of a run.
func (r *Run) compile(o *optim.Optimizer) (*stepper, error) {
	s := &stepper{batches: o.Batches()}
	forward, err := r.buildStep(o)
	if err != nil {
		return nil, err
	}
	s.forward = *forward
	if s.batches > 1 {
		g := graph.New(dtypeOf(r.Task)).Lazy()
		u := o.Summed(g)
		target := r.target()
		target.Recompute = nil // it has no forward pass
		p, err := g.Compile(target, u.Outputs...)
		if err != nil {
			return nil, err
		}
		s.change = &built{update: u, program: p}
	}
	return s, nil
}

func dtypeOf(t Task) tensor.Dtype { return t.Weights()[0].Dtype() }

// gradients adds the forward pass and the gradients of a batch to a new graph.
func (r *Run) gradients(o *optim.Optimizer) (*graph.Builder, *Graph, []*graph.Node, error) {
	g := graph.New(dtypeOf(r.Task)).Lazy()
	f, err := r.Task.Build(g, r.Options.Batch)
	if err != nil {
		return nil, nil, nil, err
	}
	seed := g.Input("loss seed", g.Shape(f.Loss)...)
	var wrt []*graph.Node
	for _, group := range o.Groups() {
		wrt = append(wrt, g.Weight(group.Weight))
	}
	grads, err := g.Backpropagate([]*graph.Node{f.Loss}, []*graph.Node{seed}, wrt)
	if err != nil {
		return nil, nil, nil, err
	}
	fill := f.Fill
	f.Fill = func(m graph.Machine, b *Batch) error {
		if t := m.Input(seed); t != nil {
			if err := t.Memset(one(t.Dtype())); err != nil {
				return err
			}
		}
		return fill(m, b)
	}
	return g, f, grads, nil
}

func one(dt tensor.Dtype) any {
	if dt == tensor.Float64 {
		return 1.0
	}
	return float32(1)
}

func (r *Run) buildStep(o *optim.Optimizer) (*built, error) {
	g, f, grads, err := r.gradients(o)
	if err != nil {
		return nil, err
	}
	var u *optim.Update
	if o.Batches() > 1 {
		u = o.Accumulate(g, grads)
	} else {
		u = o.Step(g, grads)
	}
	outputs := append([]*graph.Node{f.Loss}, f.Updates...)
	p, err := g.Compile(r.target(), append(outputs, u.Outputs...)...)
	return &built{Graph: f, update: u, program: p}, err
}

func (s *stepper) programs() []*graph.Program {
	list := []*graph.Program{s.forward.program}
	if s.change != nil {
		list = append(list, s.change.program)
	}
	return list
}

// load makes the machines.
func (s *stepper) load() (err error) {
	if s.forward.machine, err = graph.NewMachine(s.forward.program); err != nil {
		return err
	}
	if s.change != nil {
		s.change.machine, err = graph.NewMachine(s.change.program)
	}
	return err
}

func (s *stepper) close() error {
	var errs []error
	for _, b := range []*built{&s.forward, s.change} {
		if b != nil && b.machine != nil {
			errs = append(errs, b.machine.Close())
		}
	}
	return errors.Join(errs...)
}

// run runs step t on the batches that next gives.
func (s *stepper) run(ctx context.Context, t int, seed uint64, next func() (*Batch, error, bool)) (out outcome, err error) {
	for k := range s.batches {
		b, err, ok := next()
		switch {
		case err != nil:
			return out, err
		case !ok:
			return out, fmt.Errorf("step %d: the data have ended", t+1)
		}
		if err := s.forward.fill(b, seed, t, k); err != nil {
			return out, err
		}
		if err := s.forward.machine.Run(ctx); err != nil {
			return out, err
		}
		loss, err := s.forward.number(s.forward.Loss)
		if err != nil {
			return out, err
		}
		out.loss += loss / float64(s.batches)
		out.batch = b
		if !isFinite(loss) {
			return out, nil
		}
	}
	last := &s.forward
	if s.change != nil {
		last = s.change
		if err := last.update.Set(last.machine, t, 0); err != nil {
			return out, err
		}
		if err := last.machine.Run(ctx); err != nil {
			return out, err
		}
	}
	out.norm, err = last.number(last.update.Norm)
	return out, err
}

// fill writes the inputs of a batch.
func (b *built) fill(batch *Batch, seed uint64, t, k int) error {
	if err := b.Fill(b.machine, batch); err != nil {
		return err
	}
	for _, m := range b.Masks {
		if err := m.fill(b.machine, seed, batch); err != nil {
			return err
		}
	}
	if b.update == nil {
		return nil
	}
	return b.update.Set(b.machine, t, k)
}

// number is the value of an output of one element.
func (b *built) number(n *graph.Node) (float64, error) {
	v, err := b.machine.Value(n)
	if err != nil {
		return 0, err
	}
	if v.Dtype() == tensor.Float64 {
		return v.Float64s()[0], nil
	}
	return float64(v.Float32s()[0]), nil
}
