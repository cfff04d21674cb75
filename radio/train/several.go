package train

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"cradio/graph"
	"cradio/radio/optim"
)

// several computes the gradients of the batches of a step on several devices at once. One of them adds the gradients
// up, in the order of the batches, and updates running statistics and weights: each number is what one device alone
// computes.
type several struct {
	workers []*built      // of one program: each on a device of its own
	made    []*graph.Node // by workers: gradients, and what statistics are of
	add     *built
	into    []*graph.Node // inputs of add, as made
}

// devices is how many devices share the batches of a step, and why those that are there do not.
func (r *Run) devices(o *optim.Optimizer) (n int, why string) {
	d, ok := r.Target.Device.(graph.SeveralDevices)
	if !ok || d.Count() == 1 {
		return 1, ""
	}
	if o.Batches() == 1 {
		return 1, fmt.Sprintf("steps run on the first of %d devices: one batch is not divided; where the gradients of %[1]d batches are added up (--accumulate %[1]d), each device computes one", d.Count())
	}
	return min(d.Count(), o.Batches()), ""
}

// compileSeveral compiles steps for n devices.
func (r *Run) compileSeveral(o *optim.Optimizer, n int, g *graph.Builder, f *Graph, grads []*graph.Node) (*several, error) {
	s := &several{made: slices.Clone(grads)}
	sums := graph.New(dtypeOf(r.Task)).Lazy()
	input := func(name string, of *graph.Node) *graph.Node {
		n := sums.Input(name, g.Shape(of)...)
		s.into = append(s.into, n)
		return n
	}
	var added []*graph.Node
	for i, group := range o.Groups() {
		added = append(added, input("gradient of "+group.Weight.Name, grads[i]))
	}
	u := o.Accumulate(sums, added)
	outputs := u.Outputs
	for i, n := range f.Updates {
		k, weights, in := g.Updated(n)
		if k == nil {
			return nil, fmt.Errorf("update %d of the task is %v, want an update of weights", i, n)
		}
		var operands []*graph.Node
		for _, w := range weights {
			operands = append(operands, sums.Weight(w))
		}
		for j, x := range in {
			s.made = append(s.made, x)
			operands = append(operands, input(fmt.Sprintf("operand %d of update %d", j, i), x))
		}
		outputs = append(outputs, sums.At(fmt.Sprintf("update.%d", i)).Apply(k, operands...))
	}
	p, err := g.Compile(r.target(), append([]*graph.Node{f.Loss}, s.made...)...)
	if err != nil {
		return nil, err
	}
	for range n {
		s.workers = append(s.workers, &built{Graph: f, program: p})
	}
	s.add = &built{update: u}
	s.add.program, err = sums.Compile(r.withoutForward(), outputs...)
	return s, err
}

// withoutForward is the target of a program that has no forward pass.
func (r *Run) withoutForward() graph.Target {
	t := r.target()
	t.Recompute = nil
	return t
}

// gradients adds up the gradients of n batches that next gives.
func (s *several) gradients(ctx context.Context, t, n int, seed uint64, out *outcome, next func() (*Batch, error, bool)) error {
	for k := 0; k < n; k += len(s.workers) {
		group := s.workers[:min(len(s.workers), n-k)]
		list := make([]*Batch, len(group))
		for i, w := range group {
			b, err := nextOf(t, next)
			if err != nil {
				return err
			}
			if err := w.fill(b, seed, t, k+i); err != nil {
				return err
			}
			if list[i] = b; i < len(group)-1 {
				list[i] = b.kept()
			}
		}
		if err := s.run(ctx, group); err != nil {
			return err
		}
		for i, w := range group {
			if err := out.add(w, list[i], n); err != nil || !isFinite(out.loss) {
				return err
			}
			if err := s.sum(ctx, w, t, k+i); err != nil {
				return err
			}
		}
	}
	return nil
}

// run computes the gradients of a batch on each worker.
func (s *several) run(ctx context.Context, group []*built) error {
	for _, w := range s.weights() { // before any of them computes, which a device would wait for
		if err := w.Home(); err != nil {
			return err
		}
	}
	errs := make([]error, len(group))
	var running sync.WaitGroup
	for i, w := range group {
		running.Go(func() { errs[i] = w.machine.Run(ctx) })
	}
	running.Wait()
	i := slices.IndexFunc(errs, func(err error) bool { return err != nil })
	if i < 0 {
		return nil
	}
	return errs[i]
}

// weights are those that workers read and the update writes.
func (s *several) weights() (list []*graph.Weight) {
	for _, i := range s.workers[0].program.Instructions() {
		for _, v := range i.In() {
			if v.Weight() == nil {
				continue
			}
			if whole, _ := v.Weight().Whole(); whole.Trainable {
				list = append(list, whole)
			}
		}
	}
	return list
}

// sum adds the gradients of batch k of a step, which a worker has computed, and moves running statistics.
func (s *several) sum(ctx context.Context, w *built, t, k int) error {
	for i, n := range s.made {
		v, err := w.machine.Value(n)
		if err != nil {
			return err
		}
		if err := s.add.machine.Set(s.into[i], v); err != nil {
			return err
		}
	}
	if err := s.add.update.Set(s.add.machine, t, k); err != nil {
		return err
	}
	return s.add.machine.Run(ctx)
}

// kept is a copy of a batch, whose memory the next one takes.
func (b *Batch) kept() *Batch {
	copied := *b
	copied.Samples = slices.Clone(b.Samples)
	if r, ok := b.Data.(*Rows); ok {
		rows := *r
		rows.Samples, rows.Pixels = slices.Clone(r.Samples), slices.Clone(r.Pixels)
		rows.Masks, rows.Depths, rows.Again = slices.Clone(r.Masks), slices.Clone(r.Depths), slices.Clone(r.Again)
		copied.Data = &rows
	}
	return &copied
}
