package machine

import (
	"fmt"

	"cradio/graph"

	"gorgonia.org/tensor"
)

// constants are the values of a program's Once.
type constants map[*graph.Value]*tensor.Dense

// constantsOf computes them for the first Machine of a program, and releases the weights
// that only they read.
func (d *Device) constantsOf(p *graph.Program) (constants, error) {
	all, err := p.Shared(func() (all any, err error) {
		defer func() { // or another Machine would find no values, and no error
			if panicked := recover(); panicked != nil {
				err = p.Target().Recovered(panicked, "fold")
			}
		}()
		return d.evaluate(p)
	})
	if err != nil {
		return nil, err
	}
	return all.(constants), nil
}

func (d *Device) evaluate(p *graph.Program) (constants, error) {
	m := &machine{device: d, program: p, dense: constants{}}
	for _, i := range p.Once() {
		if err := m.once(i); err != nil {
			return nil, fmt.Errorf("%s: %w", i.Path(), err)
		}
	}
	for _, i := range p.Once() {
		for _, v := range i.In() {
			delete(m.dense, v)
			v.Weight().Release()
		}
	}
	return m.dense, nil
}

// once computes i into memory of its own.
func (m *machine) once(i *graph.Instruction) error {
	m.dense[i.Out()] = tensor.New(tensor.Of(i.Out().Dtype()), tensor.WithShape(i.Out().Shape()...))
	if v := i.Scratch(); v != nil {
		m.dense[v] = tensor.New(tensor.Of(v.Dtype()), tensor.WithShape(v.Shape()...))
		defer delete(m.dense, v)
	}
	s, err := m.bind(i)
	if err != nil {
		return err
	}
	s.run.Run(m.device.pool)
	if m.program.Target().Check {
		return s.finite()
	}
	return nil
}
