package conformance

import (
	"context"
	"fmt"

	"cradio/graph"
	"cradio/radio"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// tapeMachine runs graphs on Gorgonia's TapeMachine. It cannot be cancelled, and keeps all
// intermediate tensors.
type tapeMachine struct{}

func (tapeMachine) close() {}

func (t tapeMachine) forward(ctx context.Context, m *radio.Model, pixels *tensor.Dense, req radio.Request) (*radio.Output, error) {
	g, in, nodes, err := build(m, pixels.Shape(), req)
	if err != nil {
		return nil, err
	}
	nodes.Taps = map[string]*graph.Node{}
	for _, path := range req.Taps {
		if nodes.Taps[path], err = g.Node(path); err != nil {
			return nil, err
		}
	}
	var wanted []*graph.Node
	radio.Convert(nodes, func(n *graph.Node) *graph.Node { wanted = append(wanted, n); return n })
	v, err := t.evaluate(ctx, g, tensors{in: as(m, pixels)}, wanted)
	if err != nil {
		return nil, err
	}
	return &radio.Output{Outputs: radio.Convert(nodes, func(n *graph.Node) *tensor.Dense { return v[n] })}, nil
}

// build makes a graph of what m.Run computes for pixels of this shape.
func build(m *radio.Model, shape tensor.Shape, req radio.Request) (g *graph.Builder, pixels *graph.Node, out radio.Nodes, err error) {
	if len(shape) != 4 || shape[1] != 3 {
		return nil, nil, out, fmt.Errorf("pixels are %v, want (B, 3, H, W)", shape)
	}
	config := m.Config()
	if err := config.CheckSize(shape[2], shape[3]); err != nil {
		return nil, nil, out, err
	}
	g = graph.New(dtypeOf(m))
	pixels = g.Input("pixels", shape...)
	out = m.Network().Forward(g, pixels, shape[2], shape[3], req)
	return g, pixels, out, g.Err()
}

// dtypeOf returns the element type of a model's weights.
func dtypeOf(m *radio.Model) tensor.Dtype { return m.Weights()[0].Dtype() }

// as converts x, float32, to the element type of the model.
func as(m *radio.Model, x *tensor.Dense) *tensor.Dense {
	if dtypeOf(m) != tensor.Float64 {
		return x
	}
	values := make([]float64, x.Size())
	for i, v := range x.Float32s() {
		values[i] = float64(v)
	}
	return tensor.New(tensor.WithShape(x.Shape()...), tensor.WithBacking(values))
}

func (tapeMachine) evaluate(ctx context.Context, g *graph.Builder, in tensors, out []*graph.Node) (_ tensors, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer func() {
		if p := recover(); p != nil { // NewTapeMachine panics if it cannot compile
			err = fmt.Errorf("TapeMachine: %v", p)
		}
	}()
	read := map[*graph.Node]*G.Value{} // a node may have several names
	for _, n := range out {
		if n != nil && read[n] == nil {
			read[n] = new(G.Value)
			G.Read(n, read[n])
		}
	}
	for n, x := range in {
		if err := G.Let(n, x); err != nil {
			return nil, err
		}
	}
	vm := G.NewTapeMachine(g.Graph())
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		return nil, err
	}
	values := tensors{}
	for n, v := range read {
		d, ok := (*v).(*tensor.Dense)
		if !ok {
			return nil, fmt.Errorf("TapeMachine: %v returned a %T, want a tensor", n, *v)
		}
		values[n] = d
	}
	return values, nil
}
