package conformance

import (
	"context"
	"testing"

	"cradio/graph"
	"cradio/radio"

	"github.com/stretchr/testify/require"
)

// Every nano model, with windows, intermediates and adaptors, gives the same bits on Gorgonia's
// TapeMachine as on a Machine without fusion and packed weights: in every tensor of the graph
// that has a path, and in every gradient.
func TestTapeMachineIsEqual(t *testing.T) {
	s, err := Open(".")
	require.NoError(t, err)
	seen := map[kind]int{}
	for _, b := range s.Bundles {
		if b.rows || b.facts.Config == nil || b.kind == weights || b.checkpoint != "" {
			continue
		}
		seen[b.kind]++
		t.Run(b.Name, func(t *testing.T) {
			d, m := openForTest(t, s, b)
			for _, req := range requests(t, b, m) {
				compareMachines(t, d, m, req)
			}
		})
	}
	require.Greater(t, seen[forward], 20)
	require.Greater(t, seen[gradient], 4)
	require.Greater(t, seen[intermediates], 2)
}

func openForTest(t *testing.T, s *Suite, b *Bundle) (*data, *radio.Model) {
	t.Helper()
	r := &run{Suite: s, ctx: context.Background(), report: &Report{}}
	m, err := r.model(b, modelOptions{})
	require.NoError(t, err)
	t.Cleanup(r.closeModel)
	f, err := openTensors(b.path)
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	return &data{File: f, bundle: b, reference: b}, m
}

// requests returns the requests of a bundle: one, or one for each call of forward_intermediates.
func requests(t *testing.T, b *Bundle, m *radio.Model) []radio.Request {
	t.Helper()
	if b.kind != intermediates {
		return []radio.Request{{Adaptors: adaptorNames(m)}}
	}
	var list []radio.Request
	for _, c := range b.facts.Calls {
		i, err := request(c)
		require.NoError(t, err)
		list = append(list, radio.Request{Intermediates: i})
	}
	return list
}

func compareMachines(t *testing.T, d *data, m *radio.Model, req radio.Request) {
	t.Helper()
	pixels, err := d.pixels()
	require.NoError(t, err)
	g, input, out, err := build(m, pixels.Shape(), req)
	require.NoError(t, err)
	in := tensors{input: pixels}
	names := g.Paths()
	var nodes []*graph.Node
	for _, path := range names {
		n, err := g.Node(path)
		require.NoError(t, err)
		nodes = append(nodes, n)
	}
	if d.bundle.kind == gradient {
		outputs := []*graph.Node{out.Summary, out.Features}
		seeds, err := d.seeds(g, m, outputs, in)
		require.NoError(t, err)
		r := &run{report: &Report{}}
		parameters, wrt := r.parameters(d, g, input, m)
		require.Empty(t, r.report.Failures)
		grads, err := g.Backpropagate(outputs, seeds, wrt)
		require.NoError(t, err)
		names, nodes = append(names, parameters...), append(nodes, grads...)
	}

	p, err := g.Compile(graph.Target{NoFusion: true}, nodes...)
	require.NoError(t, err)
	ours, err := graph.NewMachine(p)
	require.NoError(t, err)
	defer ours.Close()
	for n, x := range in {
		require.NoError(t, ours.Set(n, x))
	}
	require.NoError(t, ours.Run(context.Background()))
	tape, err := tapeMachine{}.evaluate(context.Background(), g, in, nodes)
	require.NoError(t, err)
	for i, n := range nodes {
		x, err := ours.Value(n)
		require.NoError(t, err)
		require.True(t, tape[n].Shape().Eq(x.Shape()))
		require.Equal(t, tape[n].Float32s(), x.Float32s(), names[i])
	}
}
