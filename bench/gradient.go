package bench

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"cradio/graph"
	"cradio/radio"

	"gorgonia.org/tensor"
)

// gradient is a forward and a backward pass: the outputs of a model, and the gradients of
//
//	Σ summary·Pixels + Σ features·Pixels
//
// with respect to all of its parameters, which may change from pass to pass.
type gradient struct {
	device  graph.Device
	machine graph.Machine
	program *graph.Program
	first   *graph.Node // the gradient of the first block's norm
	inputs  map[*graph.Node]*tensor.Dense
}

// checked is the parameter whose gradient is compared with that of the peers.
const checked = "blocks.0.norm1.weight"

// precisions of a gradient's products, by the case's.
var precisions = map[string]graph.Precision{"float32": graph.Full, "bfloat16": graph.BFloat16}

// newGradient compiles the case for a model. The caller closes it.
func newGradient(m *radio.Model, c Case) (_ *gradient, err error) {
	precision, ok := precisions[c.DType]
	if !ok {
		return nil, fmt.Errorf("gradients are not computed in %s", c.DType)
	}
	d := &gradient{inputs: map[*graph.Node]*tensor.Dense{}}
	defer func() {
		if err != nil {
			d.close()
		}
	}()
	on := m.Device().Options()
	if d.device, err = graph.Open(m.Device().Name(), graph.DeviceOptions{Index: on.Index, Threads: on.Threads, Precision: precision}); err != nil {
		return nil, err
	}
	g := graph.New(tensor.Float32)
	pixels := d.input(g, "pixels", tensor.Shape{c.Batch, 3, c.Size, c.Size}, Pixels(c.Batch, c.Size))
	nodes := m.Network().Forward(g, pixels, c.Size, c.Size, radio.Request{})
	if err := g.Err(); err != nil {
		return nil, err
	}
	outputs := []*graph.Node{nodes.Summary, nodes.Features}
	var seeds, wrt []*graph.Node
	for i, n := range outputs {
		seeds = append(seeds, d.input(g, fmt.Sprint("seed", i), n.Shape(), values(n.Shape().TotalSize())))
	}
	at := -1
	for _, w := range m.Weights() {
		if strings.Contains(w.Name, ".input_conditioner.") { // buffers
			continue
		}
		if strings.HasSuffix(w.Name, checked) {
			at = len(wrt)
		}
		wrt = append(wrt, g.Weight(w))
	}
	grads, err := g.Backpropagate(outputs, seeds, wrt)
	if err != nil {
		return nil, err
	}
	if at < 0 {
		return nil, fmt.Errorf("%s has no parameter %s", c.Model, checked)
	}
	d.first = grads[at]
	if d.program, err = g.Compile(graph.Target{Device: d.device}, append(grads, outputs...)...); err != nil {
		return nil, err
	}
	d.machine, err = graph.NewMachine(d.program)
	return d, err
}

func (d *gradient) input(g *graph.Builder, name string, shape tensor.Shape, x []float32) *graph.Node {
	n := g.Input(name, shape...)
	d.inputs[n] = tensor.New(tensor.WithShape(shape...), tensor.WithBacking(x))
	return n
}

// answer is the gradient that is compared, of one pass.
func (d *gradient) answer(ctx context.Context) ([][]float32, error) {
	if _, err := d.run(ctx, 1); err != nil {
		return nil, err
	}
	x, err := d.machine.Value(d.first)
	if err != nil {
		return nil, err
	}
	return [][]float32{slices.Clone(x.Float32s())}, nil
}

// run computes n passes.
func (d *gradient) run(ctx context.Context, n int) (time.Duration, error) {
	var took time.Duration
	for range n {
		for in, x := range d.inputs {
			if err := d.machine.Set(in, x); err != nil {
				return 0, err
			}
		}
		start := time.Now()
		if err := d.machine.Run(ctx); err != nil {
			return 0, err
		}
		took += time.Since(start)
	}
	return took, nil
}

func (d *gradient) close() {
	if d.machine != nil {
		d.machine.Close()
	}
	if d.device != nil {
		d.device.Close()
	}
}
