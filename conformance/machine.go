package conformance

import (
	"context"

	"cradio/graph"
	"cradio/radio"

	"gorgonia.org/tensor"
)

// MachineName is the name of a machine that runs graphs.
type MachineName string

// The machines. The empty string means CPU.
const (
	CPU  MachineName = "cpu"  // the device cpu, with fusion and packed weights
	Tape MachineName = "tape" // Gorgonia's TapeMachine
)

// machine runs a model, or any graph built on one.
type machine interface {
	// forward runs the model on pixels (B, 3, H, W).
	forward(ctx context.Context, m *radio.Model, pixels *tensor.Dense, req radio.Request) (*radio.Output, error)
	// evaluate computes outputs of a graph from its inputs. Weights may change.
	evaluate(ctx context.Context, g *graph.Builder, in tensors, out []*graph.Node) (tensors, error)
	close()
}

// tensors maps nodes to their values.
type tensors map[*graph.Node]*tensor.Dense

func newMachine(opt Options) (machine, error) {
	if opt.Machine == Tape {
		return tapeMachine{}, nil
	}
	own := graph.DeviceOptions{Threads: opt.Threads, Small: opt.Small, Precision: opt.precision()}
	device, err := graph.Open(opt.device(), own)
	return &deviceMachine{device: device}, err
}

// deviceMachine runs models as users do.
type deviceMachine struct {
	device   graph.Device
	noFusion bool // of graphs given to evaluate
}

func (c *deviceMachine) close() { c.device.Close() }

func (c *deviceMachine) forward(ctx context.Context, m *radio.Model, pixels *tensor.Dense, req radio.Request) (*radio.Output, error) {
	return m.Run(ctx, pixels, req)
}

func (c *deviceMachine) evaluate(ctx context.Context, g *graph.Builder, in tensors, out []*graph.Node) (tensors, error) {
	p, err := g.Compile(graph.Target{Device: c.device, NoFusion: c.noFusion}, out...)
	if err != nil {
		return nil, err
	}
	m, err := graph.NewMachine(p)
	if err != nil {
		return nil, err
	}
	defer m.Close()
	for n, x := range in {
		if err := m.Set(n, x); err != nil {
			return nil, err
		}
	}
	if err := m.Run(ctx); err != nil {
		return nil, err
	}
	values := tensors{}
	for _, n := range out {
		d, err := m.Value(n)
		if err != nil {
			return nil, err
		}
		values[n] = d.Clone().(*tensor.Dense) // a copy, since the arena is reused
	}
	return values, nil
}
