package machine

import (
	"context"
	"fmt"
	"maps"
	"runtime/debug"
	"time"

	"cradio/cpu"
	"cradio/graph"

	"gorgonia.org/tensor"
)

// machine runs a program on the CPU in an arena of its own.
type machine struct {
	device  *Device
	program *graph.Program
	memory  []byte
	dense   constants
	reduced map[*graph.Value]*cpu.Activations
	steps   []step
	last    int // the index of the last update, -1 if there is none
	uses    []use
	trace   func(i *graph.Instruction, took time.Duration)
}

// Load implements graph.Device: it allocates the arena and binds every instruction to it.
func (d *Device) Load(p *graph.Program) (loaded graph.Machine, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if panicked := recover(); panicked != nil {
			loaded, err = nil, p.Target().Recovered(panicked, "bind")
		}
	}()
	if d.options.Packed != nil {
		defer d.options.Packed.giveBack()
	}
	if err := p.Room(0); err != nil {
		return nil, err
	}
	m := &machine{device: d, program: p, memory: aligned(p.ArenaBytes())}
	return m, m.prepare()
}

// prepare binds all instructions to the arena and to the weights as they are now.
func (m *machine) prepare() error {
	m.uses = usesOf(m.program)
	m.dense, m.reduced, m.steps, m.last = constants{}, map[*graph.Value]*cpu.Activations{}, nil, -1
	once, err := m.device.constantsOf(m.program)
	if err != nil {
		return err
	}
	maps.Copy(m.dense, once)
	for _, n := range m.program.Inputs() {
		if _, err := m.view(m.program.Value(n)); err != nil {
			return err
		}
	}
	for n, i := range m.program.Instructions() {
		s, err := m.bind(i)
		if err != nil {
			return fmt.Errorf("%s: %w", i.Path(), err)
		}
		if s.written != nil {
			m.last = n
		}
		m.steps = append(m.steps, s)
	}
	return nil
}

// Program implements graph.Machine.
func (m *machine) Program() *graph.Program { return m.program }

// Set implements graph.Machine.
func (m *machine) Set(n *graph.Node, x *tensor.Dense) error {
	v, err := m.program.CheckInput(n, x)
	if err != nil {
		return err
	}
	if err := graph.Assign(m.dense[v], x); err != nil {
		return fmt.Errorf("input %s: %w", n.Name(), err)
	}
	return nil
}

// Input implements graph.Machine.
func (m *machine) Input(n *graph.Node) *tensor.Dense {
	if v := m.program.Value(n); v != nil && v.Kind() == graph.Input {
		return m.dense[v]
	}
	return nil
}

// Value implements graph.Machine. The tensor is in the arena.
func (m *machine) Value(n *graph.Node) (*tensor.Dense, error) {
	v, err := m.program.CheckOutput(n)
	if err != nil {
		return nil, err
	}
	return m.view(v)
}

// Trace implements graph.Machine.
func (m *machine) Trace(f func(i *graph.Instruction, took time.Duration)) { m.trace = f }

// Run implements graph.Machine. It allocates nothing, unless a weight that it has packed has
// changed since.
func (m *machine) Run(ctx context.Context) (err error) {
	at := -1
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			path := "bind"
			if at >= 0 {
				path = m.steps[at].Path()
			}
			err = m.program.Target().Recovered(p, path)
		}
	}()
	if err := m.home(); err != nil {
		return err
	}
	if m.outdated() {
		if err := m.prepare(); err != nil {
			return err
		}
	}
	pool, check := m.device.pool, m.program.Target().Check
	pool.Enter()
	defer pool.Leave()
	writing := false
	for at = range m.steps {
		if err := ctx.Err(); err != nil && !(writing && at <= m.last) {
			return fmt.Errorf("stopped before %s: %w", m.steps[at].Path(), err)
		}
		s := &m.steps[at]
		var start time.Time
		if m.trace != nil {
			start = time.Now()
		}
		if s.run != nil {
			s.run.Run(pool)
		} else if err := s.RunForeign(s.out, s.inputs); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
		for _, w := range s.written {
			w.Changed()
			writing = true
		}
		if m.trace != nil {
			m.trace(s.Instruction, time.Since(start))
		}
		if check {
			if err := s.finite(); err != nil {
				return err
			}
		}
	}
	return nil
}

// Close implements graph.Machine.
func (m *machine) Close() error {
	m.memory, m.dense, m.reduced, m.steps = nil, nil, nil, nil
	return nil
}
