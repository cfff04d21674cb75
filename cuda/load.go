package cuda

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"cradio/cuda/kernels"
	"cradio/graph"

	"gorgonia.org/tensor"
)

// Load implements graph.Device: it allocates the arena, stores the weights that are missing, and
// binds each instruction to its kernel and addresses.
func (d *Device) Load(p *graph.Program) (graph.Machine, error) {
	if err := p.Room(0); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, errors.New("the device is closed")
	}
	m := newMachine(d, p)
	if err := m.load(); err != nil {
		return nil, errors.Join(err, m.free())
	}
	return m, nil
}

func (m *machine) load() (err error) {
	if m.ended, err = m.device.driver.Mark(); err != nil {
		return err
	}
	if m.arena, err = m.alloc(m.program.ArenaBytes(), "the arena"); err != nil {
		return err
	}
	shared, err := m.program.Shared(func() (any, error) { return &constants{of: map[*Device]map[*graph.Value]Pointer{}}, nil })
	if err != nil {
		return err
	}
	once, err := shared.(*constants).on(m.device, m.program)
	if err != nil {
		return err
	}
	maps.Copy(m.places, once)
	for _, n := range m.program.Inputs() {
		v := m.program.Value(n)
		m.inputs[v] = dense(v)
	}
	if v := pixelsOf(m.program); v != nil {
		m.pixels = &pixels{value: v}
		if m.pixels.at, err = m.alloc(4*256*v.Shape()[1], "what bytes of pixels mean"); err != nil {
			return err
		}
	}
	for n, i := range m.program.Instructions() {
		if err := m.bind(i); err != nil {
			return fmt.Errorf("%s: %w", i.Path(), err)
		}
		if isUpdate(i) {
			m.last = n
		}
	}
	return nil
}

// constants are what a program computes once, on each device that runs it.
type constants struct {
	mu sync.Mutex
	of map[*Device]map[*graph.Value]Pointer
}

// on returns those on a device.
func (c *constants) on(d *Device, p *graph.Program) (map[*graph.Value]Pointer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.of[d]; ok {
		return known, nil
	}
	made, err := d.evaluate(p)
	if err == nil {
		c.of[d] = made
	}
	return made, err
}

// evaluate computes what each run would compute anew, into memory that the device frees.
func (d *Device) evaluate(p *graph.Program) (map[*graph.Value]Pointer, error) {
	m := newMachine(d, p)
	constants := map[*graph.Value]Pointer{}
	for _, i := range p.Once() {
		v := i.Out()
		at, err := m.alloc(d.Bytes(v.Shape(), v.Dtype(), v.Form()), i.Path())
		if err != nil {
			return nil, errors.Join(err, m.free())
		}
		constants[v], m.places[v] = at, at
		if err := m.bind(i); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", i.Path(), err), m.free())
		}
		if err := m.steps[len(m.steps)-1].run(m); err != nil {
			return nil, errors.Join(err, m.free())
		}
	}
	d.owned = append(d.owned, m.owned...)
	return constants, nil
}

// alloc is memory for something with a name, until the machine is closed.
func (m *machine) alloc(n int, what string) (Pointer, error) {
	p, err := m.device.driver.Alloc(max(n, 1))
	if err != nil {
		return 0, fmt.Errorf("%s, %s: %w: close a model, or take a smaller batch", what, graph.Bytes(int64(n)), err)
	}
	m.owned = append(m.owned, p)
	return p, nil
}

// bind finds the kernel of i, and the addresses of its operands.
func (m *machine) bind(i *graph.Instruction) error {
	b := bound{Instruction: i}
	values := slices.Concat(i.In(), []*graph.Value{i.Out()})
	if v := i.Scratch(); v != nil {
		values = append(values, v)
	}
	for _, v := range values {
		if err := m.place(v); err != nil {
			return err
		}
	}
	if i.Operation() != nil {
		for _, s := range of(i.Operation()).lower(m.device, i) {
			k, err := m.bindStep(s)
			if err != nil {
				return err
			}
			b.launches = append(b.launches, k)
		}
	}
	if m.pixels != nil {
		if s, ok := fromBytes(i, m.pixels.value); ok {
			k, err := m.bindStep(s)
			if err != nil {
				return err
			}
			b.bytes = []boundLaunch{k}
		}
	}
	m.steps = append(m.steps, b)
	return nil
}

// bindStep finds the kernel of a step, and the addresses of its arguments.
func (m *machine) bindStep(s step) (b boundLaunch, err error) {
	if s.err != nil {
		return b, s.err
	}
	if b.function, err = m.device.function(s.kernel); err != nil {
		return b, err
	}
	b.Launch = Launch{Grid: s.grid, Block: s.block, Shared: s.shared, Overlap: s.overlap}
	b.kernel = s.String()
	for _, a := range s.args {
		v, err := m.argument(a)
		if err != nil {
			return b, err
		}
		b.Args = append(b.Args, v)
	}
	return b, nil
}

// place gives a value an address: in the arena, or in memory of its own if it may change between
// runs. Frozen weights, and trainable ones, have theirs among the device's.
func (m *machine) place(v *graph.Value) error {
	if _, known := m.places[v]; known || v.Frozen() {
		return nil
	}
	if v.Kind() != graph.Bound {
		offset, _ := v.Place()
		m.places[v] = m.arena + Pointer(offset)
		return nil
	}
	if trainable(v) != nil {
		return m.reside(v)
	}
	p, err := m.alloc(m.device.Bytes(v.Shape(), v.Dtype(), graph.Dense), v.Node().Name())
	if err == nil {
		m.places[v] = p
		m.changing = append(m.changing, v)
	}
	return err
}

// argument is a parameter as the driver wants it.
func (m *machine) argument(a any) (any, error) {
	switch a := a.(type) {
	case nil:
		return Pointer(0), nil
	case *graph.Value:
		return m.places[a], nil
	case boxes:
		base, err := m.argument(a.of)
		if err != nil {
			return nil, err
		}
		a.Base = base.(Pointer)
		return a.TensorMap, nil
	case levels:
		return m.pixels.at, nil
	case inside:
		return m.places[a.v] + Pointer(a.bytes), nil
	case weight:
		return m.device.weights.get(m.device.driver, a.stored)
	case words:
		table := make([]uint64, len(a))
		for at, word := range a {
			v, err := m.argument(word)
			if err != nil {
				return nil, err
			}
			switch v := v.(type) {
			case Pointer:
				table[at] = uint64(v)
			case int64:
				table[at] = uint64(v)
			}
		}
		return m.argument(table)
	case []int32, []float32, []uint64:
		p, err := m.alloc(binary.Size(a), "a table of the kernel")
		if err != nil {
			return nil, err
		}
		return p, m.device.driver.Upload(p, appendTo(nil, a))
	}
	return a, nil
}

// function finds a kernel, which is loaded when it is first needed, and alone.
func (d *Device) function(kernel string) (Function, error) {
	if f := d.functions[kernel]; f != nil {
		return f, nil
	}
	text, err := kernels.Kernel(kernel)
	if err != nil {
		return nil, err
	}
	m, err := d.driver.Load(text)
	if err != nil {
		return nil, fmt.Errorf("kernel %s: %w", kernel, err)
	}
	f, err := m.Function(kernel)
	if err == nil {
		d.functions[kernel] = f
	}
	return f, err
}

// dense is a tensor in main memory for a value.
func dense(v *graph.Value) *tensor.Dense {
	shape := v.Shape()
	if len(shape) == 0 {
		shape = tensor.Shape{1} // a scalar is one element
	}
	return tensor.New(tensor.Of(v.Dtype()), tensor.WithShape(shape...))
}
