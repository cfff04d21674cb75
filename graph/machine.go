package graph

import (
	"context"
	"fmt"
	"maps"
	"runtime/debug"
	"time"

	"cradio/cpu"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Machine runs a Program on the CPU in an arena of its own. It is used by one
// goroutine at a time; several Machines may run one Program at once.
//
// Set gives the inputs, Run computes, Value reads the outputs. As a gorgonia.VM,
// RunAll takes the inputs from the nodes' values and binds the outputs to them.
type Machine struct {
	// Trace, where not nil, is told of each instruction that has run: its scope
	// path, its operation, and the time it took.
	Trace func(path, operation string, took time.Duration)

	program *Program
	pool    *cpu.Pool
	memory  []byte
	dense   map[*value]*tensor.Dense
	narrow  map[*value]*cpu.Narrow
	steps   []step
}

var _ G.VM = (*Machine)(nil)

// step is a bound instruction.
type step struct {
	*instr
	run    Runner
	out    *tensor.Dense
	narrow *cpu.Narrow     // the output, in place of out
	inputs []*tensor.Dense // foreign only
}

// NewMachine allocates the arena and binds every instruction to it. If there is not
// memory enough for that the error is a *MemoryError, before any is taken.
func NewMachine(p *Program) (m *Machine, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if panicked := recover(); panicked != nil {
			m, err = nil, p.target.panicked(panicked, "bind")
		}
	}()
	if p.target.Packs != nil {
		defer p.target.Packs.rest()
	}
	m = &Machine{program: p, pool: p.target.pool(), dense: map[*value]*tensor.Dense{}, narrow: map[*value]*cpu.Narrow{}}
	if err := p.Room(0); err != nil {
		return nil, err
	}
	m.memory = aligned(p.arena)
	if p.folded != nil {
		if err := p.folded.evaluate(p); err != nil {
			return nil, err
		}
		maps.Copy(m.dense, p.folded.values)
	}
	for _, v := range p.inputs {
		m.view(v)
	}
	for _, i := range p.instrs {
		s, err := m.bind(i)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", i.path, err)
		}
		m.steps = append(m.steps, s)
	}
	return m, nil
}

// Program is what the Machine runs.
func (m *Machine) Program() *Program { return m.program }

// Set copies x into the Machine's tensor of input n, of the same shape and type, or
// float32 where that is float64. x may lie in memory in any order.
func (m *Machine) Set(n *Node, x *tensor.Dense) error {
	v := m.program.index[n]
	if v == nil || v.kind != input {
		return fmt.Errorf("%v is not an input of this program", n)
	}
	if x == nil {
		return fmt.Errorf("input %s: got no tensor, want %v of %v", n.Name(), v.shape, v.dtype)
	}
	if narrower := v.dtype == tensor.Float64 && x.Dtype() == tensor.Float32; !x.Shape().Eq(v.shape) || x.Dtype() != v.dtype && !narrower {
		return fmt.Errorf("input %s: got %v of %v, want %v of %v", n.Name(), x.Shape(), typeName(x), v.shape, v.dtype)
	}
	if err := assign(m.dense[v], x); err != nil {
		return fmt.Errorf("input %s: %w", n.Name(), err)
	}
	return nil
}

// Input is the Machine's own tensor of input n, to be filled in place, or nil.
func (m *Machine) Input(n *Node) *tensor.Dense {
	if v := m.program.index[n]; v != nil && v.kind == input {
		return m.dense[v]
	}
	return nil
}

// Value is the tensor of output n. It lies in the arena: the next Run overwrites it.
func (m *Machine) Value(n *Node) (*tensor.Dense, error) {
	v := m.program.index[n]
	if v == nil || v.kind == computed {
		return nil, fmt.Errorf("%v is not an output of this program", n)
	}
	return m.view(v)
}

// Run computes the outputs from the inputs. It stops between two instructions
// when ctx is done, and then returns the context's error.
func (m *Machine) Run(ctx context.Context) (err error) {
	at := -1
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = m.program.target.panicked(p, m.steps[at].path)
		}
	}()
	m.pool.Enter()
	defer m.pool.Leave()
	for at = range m.steps {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("stopped before %s: %w", m.steps[at].path, err)
		}
		s := &m.steps[at]
		var start time.Time
		if m.Trace != nil {
			start = time.Now()
		}
		if s.run != nil {
			s.run.Run(m.pool)
		} else if err := s.foreign(); err != nil {
			return fmt.Errorf("%s: %w", s.name(), err)
		}
		if m.Trace != nil {
			m.Trace(s.path, s.name(), time.Since(start))
		}
		if m.program.target.Check {
			if err := s.finite(); err != nil {
				return err
			}
		}
	}
	return nil
}

// RunAll runs as a gorgonia.VM: inputs come from the values of their nodes, and
// the outputs are bound to theirs.
func (m *Machine) RunAll() error {
	for _, v := range m.program.inputs {
		x, ok := v.node.Value().(*tensor.Dense)
		if !ok || x == nil {
			return fmt.Errorf("input %s has no dense tensor", v.node.Name())
		}
		if err := m.Set(v.node, x); err != nil {
			return err
		}
	}
	if err := m.Run(context.Background()); err != nil {
		return err
	}
	for _, v := range m.program.outputs {
		d, err := m.view(v)
		if err != nil {
			return err
		}
		var x G.Value = d
		if v.scalar {
			x = scalarOf(d)
		}
		if err := G.UnsafeLet(v.node, x); err != nil {
			return fmt.Errorf("output %v: %w", v.node, err)
		}
	}
	return nil
}

// Reset does nothing: a Machine can always run again.
func (m *Machine) Reset() {}

// Close lets go of the arena.
func (m *Machine) Close() error {
	m.memory, m.dense, m.narrow, m.steps = nil, nil, nil, nil
	return nil
}
