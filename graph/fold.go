package graph

import (
	"fmt"
	"slices"
	"sync"

	"cradio/cpu"

	"gorgonia.org/tensor"
)

// folded are the instructions that compute the same at each run, since all that they
// read are frozen weights, such as the resize of a position table. They run once, for
// the first Machine of the program.
type folded struct {
	instrs []*instr
	once   sync.Once
	err    error
	values map[*value]*tensor.Dense
}

// foldMost is the largest output that is kept, bytes, unless the weights that it is
// computed of are larger still.
const foldMost = 16 << 20

// fold takes these instructions out of the program. Those of which the caller reads
// the output stay, and those whose output is large: that has room in the arena while it
// is needed, and takes a small part of a run so large.
func (p *Program) fold() {
	p.folded = &folded{values: map[*value]*tensor.Dense{}}
	p.instrs = slices.DeleteFunc(p.instrs, func(i *instr) bool {
		constant := i.kernel != nil && i.out.kind == computed &&
			!slices.ContainsFunc(i.in, func(v *value) bool { return !v.frozen })
		if constant && i.large() {
			i.glances = true
			return false
		}
		if constant {
			i.out.kind = bound
			p.folded.instrs = append(p.folded.instrs, i)
		}
		return constant
	})
}

// large says that the output of i, a constant, is better computed in each run.
func (i *instr) large() bool {
	reads := 0
	for _, v := range i.in {
		reads += v.bytes()
	}
	return i.out.bytes() >= max(foldMost, reads)
}

// glancing lets go of weights after each run.
type glancing struct {
	Runner
	weights []*value
}

func (g glancing) Run(p *cpu.Pool) {
	g.Runner.Run(p)
	for _, v := range g.weights {
		v.weight.Release()
	}
}

// evaluate runs them, and lets go of the weights that only they read.
func (f *folded) evaluate(p *Program) error {
	f.once.Do(func() {
		defer func() { // or another Machine would find no values, and no error
			if panicked := recover(); panicked != nil {
				f.err = p.target.panicked(panicked, "fold")
			}
		}()
		m := &Machine{program: p, pool: p.target.pool(), dense: f.values}
		for _, i := range f.instrs {
			if f.err = f.run(m, i); f.err != nil {
				f.err = fmt.Errorf("%s: %w", i.path, f.err)
				return
			}
		}
		for _, i := range f.instrs {
			for _, v := range i.in {
				delete(f.values, v)
				v.weight.Release()
			}
		}
	})
	return f.err
}

func (f *folded) run(m *Machine, i *instr) error {
	f.values[i.out] = tensor.New(tensor.Of(i.out.dtype), tensor.WithShape(i.out.shape...))
	if k, ok := i.kernel.(Scratcher); ok {
		if n := k.Scratch(i.shapes(), m.pool.Threads()); n > 0 {
			i.scratch = &value{shape: tensor.Shape{n}, dtype: i.out.dtype}
			i.scratch.size = i.scratch.bytes()
			m.memory = aligned(i.scratch.size)
		}
	}
	s, err := m.bind(i)
	if err != nil {
		return err
	}
	s.run.Run(m.pool)
	if m.program.target.Check {
		return s.finite()
	}
	return nil
}
