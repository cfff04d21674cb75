package machine

import (
	"unsafe"

	"cradio/cpu"
	"cradio/cpu/internal/pool"
	"cradio/graph"

	"gorgonia.org/tensor"
)

// step is a bound instruction.
type step struct {
	*graph.Instruction
	run     runner // nil for a foreign operation
	out     *tensor.Dense
	reduced *cpu.Activations // the output, in place of out
	inputs  []*tensor.Dense  // of a foreign operation
	written []*graph.Weight  // by an update
}

// bind prepares i on the machine's memory.
func (m *machine) bind(i *graph.Instruction) (s step, err error) {
	s.Instruction = i
	a := &operands{pool: m.device.pool, packs: m.device.options.Packed, small: m.device.small, rounded: m.device.options.Precision == graph.BFloat16, shapes: i.Shapes()}
	var how *implementation
	if i.Operation() != nil {
		how = of(i.Operation())
	}
	for j, v := range i.In() {
		a.reducedIn = append(a.reducedIn, m.viewReduced(v))
		if how != nil && how.weight > 0 && j == how.weight && v.Frozen() {
			a.in, a.weights = append(a.in, nil), append(a.weights, v.Weight())
			continue
		}
		d, err := m.view(v)
		if err != nil {
			return s, err
		}
		a.in, a.weights = append(a.in, d), append(a.weights, nil)
	}
	if a.out, err = m.view(i.Out()); err != nil {
		return s, err
	}
	a.reducedOut = m.viewReduced(i.Out())
	s.out, s.reduced = a.out, a.reducedOut
	if how == nil {
		s.inputs = a.in
		return s, nil
	}
	if v := i.Scratch(); v != nil {
		if a.scratch, err = m.view(v); err != nil {
			return s, err
		}
	}
	prepare := how.bind
	if isReduced(i) {
		prepare = how.reduced
	}
	s.run, err = prepare(i.Operation(), a)
	if u, ok := i.Operation().(graph.Update); ok {
		s.written = weightsOf(i.In()[:u.Writes()])
	}
	if i.Releases() {
		s.run = releasing{s.run, i.In()}
	}
	return s, err
}

// weightsOf are the weights that values are.
func weightsOf(values []*graph.Value) (list []*graph.Weight) {
	for _, v := range values {
		list = append(list, v.Weight())
	}
	return list
}

// releasing releases weights after each run.
type releasing struct {
	runner
	weights []*graph.Value
}

func (r releasing) Run(p *cpu.Pool) {
	r.runner.Run(p)
	for _, v := range r.weights {
		v.Weight().Release()
	}
}

// view is the tensor of v: in the arena, of the node it is bound to, or a constant. It is
// nil where v is in a reduced form.
func (m *machine) view(v *graph.Value) (*tensor.Dense, error) {
	if d, ok := m.dense[v]; ok {
		return d, nil
	}
	if v.Form() != graph.Dense {
		return nil, nil
	}
	if v.Kind() != graph.Bound {
		m.dense[v] = m.carve(v)
		return m.dense[v], nil
	}
	d, err := v.Tensor()
	if err != nil {
		return nil, err
	}
	m.dense[v] = d
	return d, nil
}

// viewReduced is the matrix of v in the arena, nil where v is dense: one row for each of
// v's last axis.
func (m *machine) viewReduced(v *graph.Value) *cpu.Activations {
	if v.Form() == graph.Dense {
		return nil
	}
	if n, ok := m.reduced[v]; ok {
		return n
	}
	n := &cpu.Activations{Form: formOf(v.Form()), Rows: rows(v.Shape()), Cols: last(v.Shape())}
	offset, _ := v.Place()
	n.Data = m.memory[offset:][:cpu.ActivationsBytes(n.Form, n.Rows, n.Cols)]
	m.reduced[v] = n
	return n
}

// carve is the tensor of v in the arena.
func (m *machine) carve(v *graph.Value) *tensor.Dense {
	shape := v.Shape()
	n := shape.TotalSize()
	if len(shape) == 0 {
		shape = tensor.Shape{1} // a scalar lies in the arena as one element
	}
	offset, _ := v.Place()
	p := unsafe.Pointer(&m.memory[offset])
	var backing any
	if v.Dtype() == tensor.Float64 {
		backing = unsafe.Slice((*float64)(p), n)
	} else {
		backing = unsafe.Slice((*float32)(p), n)
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(backing))
}

// aligned is n bytes that start on a cache line.
func aligned(n int) []byte { return pool.AlignedBytes(n) }
