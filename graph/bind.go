package graph

import (
	"fmt"
	"unsafe"

	"cradio/cpu"

	"gorgonia.org/tensor"
)

// aligned is n bytes that start on a cache line.
func aligned(n int) []byte {
	b := make([]byte, n+alignment)
	skip := -int(uintptr(unsafe.Pointer(&b[0]))) & (alignment - 1)
	return b[skip : skip+n : skip+n]
}

// view is the tensor of v: in the arena, or of the node it is bound to; nil where
// v is narrow.
func (m *Machine) view(v *value) (*tensor.Dense, error) {
	if d, ok := m.dense[v]; ok {
		return d, nil
	}
	if v.form != cpu.Full {
		return nil, nil
	}
	var d *tensor.Dense
	switch {
	case v.kind != bound:
		d = m.carve(v)
	case v.weight != nil && v.node.Value() == nil:
		var err error
		if d, err = v.weight.Value(); err != nil {
			return nil, err
		}
	default:
		var ok bool
		if d, ok = v.node.Value().(*tensor.Dense); !ok {
			return nil, fmt.Errorf("%s holds a %T, want a dense tensor", v.node.Name(), v.node.Value())
		}
		if err := fits(d, v.shape, v.dtype); err != nil {
			return nil, fmt.Errorf("%s %w", v.node.Name(), err)
		}
	}
	m.dense[v] = d
	return d, nil
}

// viewNarrow is the matrix of v in the arena, nil where v is not narrow: one row
// for each of v's last axis.
func (m *Machine) viewNarrow(v *value) *cpu.Narrow {
	if v.form == cpu.Full {
		return nil
	}
	if n, ok := m.narrow[v]; ok {
		return n
	}
	n := &cpu.Narrow{Precision: v.form, Rows: rows(v.shape), Cols: last(v.shape)}
	n.Data = m.memory[v.offset:][:cpu.NarrowBytes(n.Precision, n.Rows, n.Cols)]
	m.narrow[v] = n
	return n
}

func (m *Machine) carve(v *value) *tensor.Dense {
	n := v.shape.TotalSize()
	shape := v.shape
	if len(shape) == 0 {
		shape = tensor.Shape{1} // a scalar lies in the arena as one element
	}
	p := unsafe.Pointer(&m.memory[v.offset])
	var backing any
	if v.dtype == tensor.Float64 {
		backing = unsafe.Slice((*float64)(p), n)
	} else {
		backing = unsafe.Slice((*float32)(p), n)
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(backing))
}

func (m *Machine) bind(i *instr) (s step, err error) {
	s.instr = i
	a := &Args{packs: m.program.target.Packs, narrowOut: m.viewNarrow(i.out), shapes: i.shapes()}
	packs := -1
	if k, ok := i.kernel.(Packer); ok && a.packs != nil {
		packs = k.Packs()
	}
	for j, v := range i.in {
		a.narrowIn = append(a.narrowIn, m.viewNarrow(v))
		if j == packs && v.frozen {
			a.In, a.weights = append(a.In, nil), append(a.weights, v.weight)
			continue
		}
		d, err := m.view(v)
		if err != nil {
			return s, err
		}
		a.In, a.weights = append(a.In, d), append(a.weights, nil)
	}
	if a.Out, err = m.view(i.out); err != nil {
		return s, err
	}
	s.out, s.narrow = a.Out, a.narrowOut
	if i.kernel == nil {
		s.inputs = a.In
		return s, nil
	}
	if i.scratch != nil {
		a.Scratch = m.carve(i.scratch)
	}
	s.run, err = i.kernel.Bind(a)
	if a.err != nil {
		err = a.err
	}
	if i.glances {
		s.run = glancing{s.run, i.in}
	}
	return s, err
}
