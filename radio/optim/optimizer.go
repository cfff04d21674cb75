package optim

import (
	"fmt"
	"math"

	"cradio/graph"

	"gorgonia.org/tensor"
)

// Optimizer changes weights. It holds what it remembers of each (moments, sums, running means),
// and adds the updates to graphs, so that a whole step of training is one program.
type Optimizer struct {
	Options
	groups []Group
	states []state
}

// state is what is remembered of a weight.
type state struct {
	first  *graph.Weight // the gradients' running mean, or SGD's momentum; or nil
	second *graph.Weight // of the squares; or nil
	sum    *graph.Weight // of the gradients of several batches; or nil
	mean   *graph.Weight // of the weight; or nil
}

// New returns an optimiser of weights, which become trainable. depth is the number of the
// backbone's blocks; see Options.Groups.
func New(o Options, weights []*graph.Weight, depth int) (*Optimizer, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	opt := &Optimizer{Options: o, groups: o.Groups(weights, depth), states: make([]state, len(weights))}
	for i, w := range weights {
		w.Trainable = true
		fresh := func(prefix string) *graph.Weight { return graph.NewState(prefix+w.Name, w.Dtype(), w.Shape()...) }
		s := &opt.states[i]
		switch {
		case o.kind() != SGD:
			s.first, s.second = fresh("first."), fresh("second.")
		case o.Momentum > 0:
			s.first = fresh("first.")
		}
		if o.Batches() > 1 {
			s.sum = fresh("sum.")
		}
		if o.EMA > 0 {
			s.mean = fresh("mean.")
			if err := copyValue(s.mean, w); err != nil {
				return nil, err
			}
		}
	}
	return opt, nil
}

// Groups lists the weights, with their factors and decays.
func (o *Optimizer) Groups() []Group { return o.groups }

// State lists what is remembered, by names that are made of the weights' names. A checkpoint has
// to hold all of it.
func (o *Optimizer) State() (all []*graph.Weight) {
	for _, s := range o.states {
		for _, w := range []*graph.Weight{s.first, s.second, s.sum, s.mean} {
			if w != nil {
				all = append(all, w)
			}
		}
	}
	return all
}

// Bytes is the memory of State.
func (o *Optimizer) Bytes() (n int64) {
	for _, w := range o.State() {
		n += int64(w.Shape().TotalSize()) * int64(w.Dtype().Size())
	}
	return n
}

// Update is the updates of one graph, and the inputs that they read.
type Update struct {
	Norm    *graph.Node   // (1), of all gradients together before clipping; nil of a batch that is only added up
	Outputs []*graph.Node // for Compile

	hyper *graph.Node
	o     *Optimizer
}

// Step adds the updates for the gradients of the weights, in their order.
func (o *Optimizer) Step(g *graph.Builder, grads []*graph.Node) *Update {
	u := &Update{hyper: g.Hyper("hyper"), o: o}
	s := g.At("optim")
	u.Norm = s.At("norm").GlobalNorm(grads...)
	most := o.Clip
	if most == 0 {
		most = math.Inf(1) // the factor is then 1, or NaN for a gradient that is not finite
	}
	clip := s.At("clip").ClipFactor(u.Norm, most)
	u.Outputs = append(u.Outputs, u.Norm)
	for i, group := range o.groups {
		b, state, w := s.At(group.Weight.Name), o.states[i], g.Weight(group.Weight)
		node := func(w *graph.Weight) *graph.Node {
			if w == nil {
				return nil
			}
			return g.Weight(w)
		}
		var changed *graph.Node
		if o.kind() == SGD {
			changed = b.SGD(w, grads[i], node(state.first), u.hyper, clip, graph.SGD{Momentum: o.Momentum, Nesterov: o.Nesterov, Decay: group.Decay, Rate: group.Factor})
		} else {
			changed = b.AdamW(w, grads[i], node(state.first), node(state.second), u.hyper, clip, graph.AdamW{
				Beta1: o.beta1(), Beta2: o.beta2(), Eps: o.eps(), Decay: group.Decay, Rate: group.Factor, Coupled: o.kind() == Adam,
			})
		}
		u.Outputs = append(u.Outputs, changed)
		if state.mean != nil {
			u.Outputs = append(u.Outputs, b.At("mean").Average(g.Weight(state.mean), changed, u.hyper))
		}
	}
	return u
}

// Accumulate adds the gradients of a batch to the sums, which Summed's step then uses.
func (o *Optimizer) Accumulate(g *graph.Builder, grads []*graph.Node) *Update {
	u := &Update{hyper: g.Hyper("hyper"), o: o}
	for i, group := range o.groups {
		u.Outputs = append(u.Outputs, g.At("optim", group.Weight.Name).Accumulate(g.Weight(o.states[i].sum), grads[i], u.hyper))
	}
	return u
}

// Summed adds the updates for the sums that Accumulate has made. Its graph has nothing else.
func (o *Optimizer) Summed(g *graph.Builder) *Update {
	grads := make([]*graph.Node, len(o.groups))
	for i, s := range o.states {
		grads[i] = g.Weight(s.sum)
	}
	return o.Step(g, grads)
}

// Set prepares a machine for step t = 0, 1, …, and, where gradients are added up, for batch k = 0,
// 1, … of it.
func (u *Update) Set(m graph.Machine, t, k int) error {
	h := graph.Hyper{Rate: u.o.RateAt(t), Step: t + 1, Average: 1 - u.o.EMA, Factor: 1 / float64(u.o.Batches())}
	if k > 0 {
		h.Keep = 1
	}
	return h.Set(m, u.hyper)
}

// Swap exchanges the weights with their running means, for an evaluation of the means. A second
// call takes it back. Without EMA it does nothing.
func (o *Optimizer) Swap() error {
	for i, s := range o.states {
		if s.mean == nil {
			continue
		}
		w, err := o.groups[i].Weight.Value()
		if err != nil {
			return err
		}
		mean, err := s.mean.Value()
		if err != nil {
			return err
		}
		if w.Dtype() == tensor.Float64 {
			swap(w.Float64s(), mean.Float64s())
		} else {
			swap(w.Float32s(), mean.Float32s())
		}
		o.groups[i].Weight.Changed()
		s.mean.Changed()
	}
	return nil
}

func swap[T float32 | float64](a, b []T) {
	for i := range a {
		a[i], b[i] = b[i], a[i]
	}
}

// copyValue copies the value of a weight of the same shape.
func copyValue(to, from *graph.Weight) error {
	v, err := from.Value()
	if err != nil {
		return err
	}
	d, err := to.Value()
	if err != nil {
		return err
	}
	if err := tensor.Copy(d, v); err != nil {
		return fmt.Errorf("%s: %w", to.Name, err)
	}
	to.Changed()
	return nil
}
