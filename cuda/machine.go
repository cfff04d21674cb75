package cuda

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"cradio/graph"

	"gorgonia.org/tensor"
)

// machine runs a program on the device, in an arena of its own.
type machine struct {
	device   *Device
	program  *graph.Program
	arena    Pointer
	places   map[*graph.Value]Pointer
	owned    []Pointer      // memory that Close frees
	changing []*graph.Value // what is copied to the device before each run
	trained  trained        // weights that programs write
	steps    []bound
	last     int                            // the index of the last update, -1 if there is none
	inputs   map[*graph.Value]*tensor.Dense // in main memory
	outputs  map[*graph.Value]*tensor.Dense // those that have been copied since the last run
	trace    func(i *graph.Instruction, took time.Duration)
	pixels   *pixels      // the input that may come as bytes, or nil
	recorded [2]Recording // all launches of a run, from the first on; and of one that reads bytes
	ended    Mark         // the end of the last run
}

func newMachine(d *Device, p *graph.Program) *machine {
	return &machine{
		device: d, program: p, places: map[*graph.Value]Pointer{}, trained: trained{}, last: -1,
		inputs: map[*graph.Value]*tensor.Dense{}, outputs: map[*graph.Value]*tensor.Dense{},
	}
}

// bound is an instruction with its kernels and addresses.
type bound struct {
	*graph.Instruction
	launches []boundLaunch // none for an operation of Gorgonia's
	bytes    []boundLaunch // in their place where the images come as bytes
}

// boundLaunch is a launch with its kernel.
type boundLaunch struct {
	Launch
	function Function
	kernel   string // for errors
}

// Program implements graph.Machine.
func (m *machine) Program() *graph.Program { return m.program }

// Set implements graph.Machine.
func (m *machine) Set(n *graph.Node, x *tensor.Dense) error {
	v, err := m.program.CheckInput(n, x)
	if err != nil {
		return err
	}
	m.asNumbers(v)
	if err := graph.Assign(m.inputs[v], x); err != nil {
		return fmt.Errorf("input %s: %w", n.Name(), err)
	}
	return nil
}

// Input implements graph.Machine. The tensor is in main memory, and is copied at each run.
func (m *machine) Input(n *graph.Node) *tensor.Dense {
	if v := m.program.Value(n); v != nil {
		m.asNumbers(v)
		return m.inputs[v]
	}
	return nil
}

// Trace implements graph.Machine. Each instruction is then waited for.
func (m *machine) Trace(f func(i *graph.Instruction, took time.Duration)) { m.trace = f }

// Run implements graph.Machine. The first run records its launches, the others replay them. Where
// there is something to do between launches, they run one by one. While the device computes, other machines
// may begin: what they copy is copied meanwhile.
func (m *machine) Run(ctx context.Context) error {
	if m.ended == nil {
		return errors.New("the machine is closed")
	}
	if err := m.fromOthers(); err != nil {
		return err
	}
	err := m.begin(ctx)
	if ended := m.ended.Wait(); err == nil && ended != nil { // after an error too: nothing of the machine's is in use then
		err = fmt.Errorf("%s: %w", m.describe(), ended)
	}
	return err
}

// describe says what a run is, for errors of the GPU that come later than what they are of.
func (m *machine) describe() string {
	var first, last string
	n := 0
	for _, b := range m.steps {
		for _, l := range b.launches {
			last = b.Path() + ": " + l.kernel
			if n++; n == 1 {
				first = last
			}
		}
	}
	var inputs []string
	for _, node := range m.program.Inputs() {
		inputs = append(inputs, fmt.Sprintf("%s %v", node.Name(), node.Shape()))
	}
	if n < 2 {
		return fmt.Sprintf("%s, of %s", last, strings.Join(inputs, ", "))
	}
	return fmt.Sprintf("in %d launches, from %s, to %s, of %s", n, first, last, strings.Join(inputs, ", "))
}

// begin asks for all that a run does.
func (m *machine) begin(ctx context.Context) (err error) {
	d := m.device
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(m.outputs)
	if len(m.steps) == 0 {
		return ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("stopped before %s: %w", m.steps[0].Path(), err)
	}
	defer func() {
		if set := m.ended.Set(); err == nil && set != nil {
			err = fmt.Errorf("%s: %w", m.describe(), set)
		}
	}()
	if err := m.upload(); err != nil {
		return err
	}
	run := m.replay
	if m.trace != nil || m.program.Target().Check || m.isForeign() {
		run = m.stepByStep
	}
	return run(ctx)
}

// isForeign says whether an operation of Gorgonia's runs in main memory.
func (m *machine) isForeign() bool {
	return slices.ContainsFunc(m.steps, func(b bound) bool { return b.Operation() == nil })
}

// replay runs all launches at once.
func (m *machine) replay(context.Context) (err error) {
	driver := m.device.driver
	recorded := &m.recorded[0]
	if m.asBytes() {
		recorded = &m.recorded[1]
	}
	if *recorded == nil {
		*recorded, err = driver.Record(func() error {
			for i := range m.steps {
				if err := m.steps[i].run(m); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if err = driver.Replay(*recorded); err != nil {
		err = fmt.Errorf("%s: %w", m.describe(), err)
	}
	for _, b := range m.steps { // after an error too: nobody knows what was written
		m.wrote(b.Instruction)
	}
	return err
}

// stepByStep runs one instruction after another.
func (m *machine) stepByStep(ctx context.Context) error {
	writing := false
	for i := range m.steps {
		b := &m.steps[i]
		if err := ctx.Err(); err != nil && !(writing && i <= m.last) {
			return fmt.Errorf("stopped before %s: %w", b.Path(), err)
		}
		start := time.Now()
		if err := b.run(m); err != nil {
			return err
		}
		if isUpdate(b.Instruction) {
			writing = true
			m.wrote(b.Instruction)
		}
		if m.trace != nil {
			if err := m.device.driver.Wait(); err != nil {
				return fmt.Errorf("%s: %w", b.describe(), err)
			}
			m.trace(b.Instruction, time.Since(start))
		}
		if m.program.Target().Check {
			if err := m.device.driver.Wait(); err != nil {
				return fmt.Errorf("%s: %w", b.describe(), err)
			}
			if err := m.finite(b.Instruction); err != nil {
				return err
			}
		}
	}
	return nil
}

// isUpdate says whether i writes weights.
func isUpdate(i *graph.Instruction) bool {
	_, ok := i.Operation().(graph.Update)
	return ok
}

// upload copies the inputs to the device, and weights that may have changed.
func (m *machine) upload() error {
	if err := m.refresh(); err != nil {
		return err
	}
	for v, x := range m.inputs {
		if _, used := m.places[v]; !used {
			continue
		}
		if err := m.send(v, x); err != nil {
			return fmt.Errorf("copying input %s: %w", sized(v), err)
		}
	}
	for _, v := range m.changing {
		x, err := v.Tensor()
		if err != nil {
			return err
		}
		if err := m.device.driver.Send(m.places[v], bytesOf(x, graph.Dense)); err != nil {
			return fmt.Errorf("copying %s: %w", sized(v), err)
		}
	}
	return nil
}

// send copies an input.
func (m *machine) send(v *graph.Value, x *tensor.Dense) error {
	if m.asBytes() && m.pixels.value == v {
		return m.pixels.send(m.device.driver, m.places[v])
	}
	return m.device.driver.Send(m.places[v], bytesOf(x, graph.Dense))
}

// sized is the name of a value, with its shape.
func sized(v *graph.Value) string { return fmt.Sprintf("%s %v", v.Node().Name(), v.Shape()) }

// run launches the kernels, unless there is nothing to compute.
func (b *bound) run(m *machine) error {
	if b.Operation() == nil {
		return b.foreign(m)
	}
	if b.Out().Shape().TotalSize() == 0 {
		return nil
	}
	launches := b.launches
	if m.asBytes() && b.bytes != nil {
		launches = b.bytes
	}
	for _, l := range launches {
		if err := m.device.driver.Launch(l.function, l.Launch); err != nil {
			return fmt.Errorf("%s: %s: %w", b.Path(), l.kernel, err)
		}
	}
	return nil
}

// describe is the path of the instruction, and its kernels.
func (b *bound) describe() string {
	text := b.Path()
	for _, l := range b.launches {
		text += ": " + l.kernel
	}
	return text
}

// foreign runs one of Gorgonia's own operations in main memory.
func (b *bound) foreign(m *machine) error {
	var in []*tensor.Dense
	for _, v := range b.In() {
		x := dense(v)
		if err := m.download(x, v); err != nil {
			return err
		}
		in = append(in, x)
	}
	out := dense(b.Out())
	if err := b.RunForeign(out, in); err != nil {
		return fmt.Errorf("%s: %w", b.Path(), err)
	}
	return m.device.driver.Upload(m.places[b.Out()], bytesOf(out, graph.Dense))
}

// download copies a dense value from the device.
func (m *machine) download(x *tensor.Dense, v *graph.Value) error {
	return into(x, func(b []byte) error { return m.device.driver.Download(b, m.places[v]) })
}

// Value implements graph.Machine. The first call after a run copies from the device.
func (m *machine) Value(n *graph.Node) (*tensor.Dense, error) {
	v, err := m.program.CheckOutput(n)
	if err != nil {
		return nil, err
	}
	switch v.Kind() {
	case graph.Input:
		if m.asBytes() && m.pixels.value == v {
			m.pixels.numbers(m.inputs[v].Float32s())
		}
		return m.inputs[v], nil
	case graph.Bound:
		return v.Tensor()
	}
	m.device.mu.Lock()
	defer m.device.mu.Unlock()
	x := m.outputs[v]
	if x == nil {
		x = dense(v)
		err := into(x, func(b []byte) error { return m.device.driver.Receive(b, m.places[v], m.ended) })
		if err != nil {
			return nil, fmt.Errorf("copying output %s %v: %w", m.pathOf(v), v.Shape(), err)
		}
		m.outputs[v] = x
	}
	return x, nil
}

// pathOf is the path of the instruction that makes a value.
func (m *machine) pathOf(v *graph.Value) string {
	at := slices.IndexFunc(m.steps, func(b bound) bool { return b.Out() == v })
	if at < 0 {
		return v.Node().Name()
	}
	return m.steps[at].Path()
}

// Close implements graph.Machine. Weights that it has written are brought to main memory.
func (m *machine) Close() error {
	err := m.device.bring(slices.Collect(maps.Keys(m.trained)))
	m.device.mu.Lock()
	defer m.device.mu.Unlock()
	return errors.Join(err, m.free())
}

// free gives the memory of the machine back.
func (m *machine) free() error {
	var errs []error
	for _, r := range m.recorded {
		if r != nil {
			errs = append(errs, r.Close())
		}
	}
	if m.ended != nil {
		errs = append(errs, m.ended.Close())
	}
	for _, p := range m.owned {
		errs = append(errs, m.device.driver.Free(p))
	}
	m.owned, m.steps, m.recorded, m.ended = nil, nil, [2]Recording{}, nil
	return errors.Join(append(errs, m.leave())...)
}
