package graph_test

import (
	"fmt"
	"testing"

	"cradio/cpu/machine"
	"cradio/graph"
	"cradio/graph/graphtest"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// blocks are two transformer blocks with gradients of all that they have.
type blocks struct {
	g      *graph.Builder
	in     map[*graph.Node]*tensor.Dense
	output *graph.Node
	grads  []*graph.Node
}

func newBlocks(t testing.TB) *blocks {
	b := &blocks{g: graph.New(tensor.Float32), in: map[*graph.Node]*tensor.Dense{}}
	add := func(name string, shape []int) *graph.Node {
		n := b.g.Input(name, shape...)
		b.in[n] = waves(shape...)
		return n
	}
	x := add("x", graphtest.Block.In[0])
	wrt := []*graph.Node{x}
	for i := range 2 {
		in := []*graph.Node{x}
		for j, s := range graphtest.Block.In[1:] {
			in = append(in, add(fmt.Sprint("parameter ", i, " ", j), s))
		}
		wrt = append(wrt, in[1:]...)
		x = graphtest.Block.Apply(b.g.At("blocks", i), in)
	}
	b.output = x
	seed := add("seed", x.Shape())
	var err error
	b.grads, err = b.g.Backpropagate([]*graph.Node{x}, []*graph.Node{seed}, wrt)
	require.NoError(t, err)
	return b
}

func (b *blocks) run(t testing.TB, target graph.Target, outputs []*graph.Node) (*graph.Program, []*tensor.Dense) {
	p, err := b.g.Compile(target, outputs...)
	require.NoError(t, err)
	require.Empty(t, graph.Overlaps(p))
	m, err := graph.NewMachine(p)
	require.NoError(t, err)
	for n, v := range b.in {
		if m.Input(n) != nil {
			require.NoError(t, m.Set(n, v))
		}
	}
	return p, graphtest.Outputs(t, m, outputs...)
}

// What is recomputed gives gradients of the same bits, in less memory.
func TestRecomputeKeepsTheBits(t *testing.T) {
	for _, small := range []int{0, -1} { // in float64, and not
		for _, noFusion := range []bool{false, true} {
			for _, output := range []bool{false, true} {
				b := newBlocks(t)
				outputs := b.grads
				if output {
					fc1, err := b.g.Node("blocks.0.fc1")
					require.NoError(t, err)
					outputs = append([]*graph.Node{b.output, fc1}, outputs...)
				}
				target := graph.Target{Device: on(machine.Options{Small: small}), NoFusion: noFusion}
				kept, want := b.run(t, target, outputs)
				target.Recompute = []string{"blocks.0", "blocks.1"}
				again, got := b.run(t, target, outputs)
				for i, d := range want {
					require.Equal(t, d.Data(), got[i].Data())
				}
				require.Greater(t, again.FLOPs(), kept.FLOPs())
			}
		}
	}
}

func TestRecomputeOfNothing(t *testing.T) {
	b := newBlocks(t)
	_, err := b.g.Compile(graph.Target{Recompute: []string{"blocks.2"}}, b.grads...)
	require.EqualError(t, err, `nothing to recompute at "blocks.2": no instruction of the program is there`)
	forward, _ := b.run(t, graph.Target{}, []*graph.Node{b.output})
	again, _ := b.run(t, graph.Target{Recompute: []string{"blocks.0"}}, []*graph.Node{b.output})
	require.Equal(t, forward.String(), again.String(), "without gradients there is nothing to do")
}

// Gradients come as soon as they can, and the sums of those that meet work in place.
func TestGradientsComeEarly(t *testing.T) {
	b := newBlocks(t)
	p, _ := b.run(t, graph.Target{Device: on(machine.Options{Small: -1})}, b.grads)
	var ends []int
	for n, i := range p.Instructions() {
		if i.Path() == "blocks.1.fc1.grad" || i.Path() == "blocks.0.gelu.grad" {
			ends = append(ends, n)
		}
		if i.Operation() == nil {
			t.Errorf("%v is Gorgonia's own", i)
		}
	}
	require.Len(t, ends, 4, "input, weight, bias of fc1, then GELU")
	require.Less(t, ends[2], ends[3], "the gradients of block 1 come before those of block 0")
}
