package train

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"cradio/graph"
	"cradio/radio/optim"

	"gorgonia.org/tensor"
)

// stepper runs steps: forward, loss, backward, clipping and update, in one program. Where gradients
// of several batches are added up, the update is a program of its own.
type stepper struct {
	batches int
	forward *built
	several *several // in place of forward, or nil
	change  *built   // or nil
	why     string   // not all devices compute
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
	g, f, grads, err := r.gradients(o)
	if err != nil {
		return nil, err
	}
	var n int
	if n, s.why = r.devices(o); n > 1 {
		s.several, err = r.compileSeveral(o, n, g, f, grads)
	} else {
		s.forward, err = r.compileOne(o, g, f, grads)
	}
	if err != nil {
		return nil, err
	}
	if s.batches > 1 {
		g := graph.New(dtypeOf(r.Task)).Lazy()
		u := o.Summed(g)
		p, err := g.Compile(r.withoutForward(), u.Outputs...)
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

// compileOne compiles steps for one device.
func (r *Run) compileOne(o *optim.Optimizer, g *graph.Builder, f *Graph, grads []*graph.Node) (*built, error) {
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

// all lists what runs: first what computes gradients.
func (s *stepper) all() (list []*built) {
	if s.several != nil {
		list = append(slices.Clone(s.several.workers), s.several.add)
	} else {
		list = append(list, s.forward)
	}
	if s.change != nil {
		list = append(list, s.change)
	}
	return list
}

// programs are those of a step on one device.
func (s *stepper) programs() (list []*graph.Program) {
	for _, b := range s.all() {
		if !slices.Contains(list, b.program) {
			list = append(list, b.program)
		}
	}
	return list
}

// load makes the machines.
func (s *stepper) load() (err error) {
	for _, b := range s.all() {
		if b.machine, err = graph.NewMachine(b.program); err != nil {
			return errors.Join(err, s.close())
		}
	}
	return nil
}

func (s *stepper) close() error {
	var errs []error
	for _, b := range s.all() {
		if b.machine != nil {
			errs = append(errs, b.machine.Close())
		}
	}
	return errors.Join(errs...)
}

// run runs step t on the batches that next gives.
func (s *stepper) run(ctx context.Context, t int, seed uint64, next func() (*Batch, error, bool)) (out outcome, err error) {
	if s.several != nil {
		err = s.several.gradients(ctx, t, s.batches, seed, &out, next)
	} else {
		err = s.gradients(ctx, t, seed, &out, next)
	}
	if err != nil || !isFinite(out.loss) {
		return out, err
	}
	last := s.forward
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

// gradients computes the gradients of the batches of a step one after another, and with one batch the update too.
func (s *stepper) gradients(ctx context.Context, t int, seed uint64, out *outcome, next func() (*Batch, error, bool)) error {
	for k := range s.batches {
		b, err := nextOf(t, next)
		if err != nil {
			return err
		}
		if err := s.forward.fill(b, seed, t, k); err != nil {
			return err
		}
		if err := s.forward.machine.Run(ctx); err != nil {
			return err
		}
		if err := out.add(s.forward, b, s.batches); err != nil || !isFinite(out.loss) {
			return err
		}
	}
	return nil
}

// nextOf is the next batch of step t.
func nextOf(t int, next func() (*Batch, error, bool)) (*Batch, error) {
	b, err, ok := next()
	if err == nil && !ok {
		err = fmt.Errorf("step %d: the data have ended", t+1)
	}
	return b, err
}

// add adds the loss of a batch, one of n, that a machine has computed.
func (o *outcome) add(b *built, batch *Batch, n int) error {
	loss, err := b.number(b.Loss)
	o.loss += loss / float64(n)
	o.batch = batch
	return err
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
