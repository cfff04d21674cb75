package cuda_test

import (
	"context"
	"fmt"
	"testing"

	"cradio/graph"
	"cradio/radio"
	"cradio/radio/optim"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// BenchmarkStep is a step of training: forward, cross entropy, backward, clipping and AdamW, in one program,
// with a linear head and some of the last blocks. It needs a GPU, as BenchmarkForward; the emulator shows
// with -bench Step/nano that it runs.
func BenchmarkStep(b *testing.B) {
	for _, c := range []struct {
		model               string
		size, batch, blocks int
		dtype               radio.DType
	}{
		{"nano", 48, 2, -1, radio.Float32},
		{"B", 224, 32, 4, radio.Float32},
		{"B", 224, 32, 4, radio.BFloat16},
		{"B", 224, 32, -1, radio.Float32},
	} {
		blocks := fmt.Sprint("last ", c.blocks)
		if c.blocks < 0 {
			blocks = "all"
		}
		b.Run(fmt.Sprintf("%s/%d px/batch %d/%s/%s", c.model, c.size, c.batch, blocks, c.dtype), func(b *testing.B) {
			needDevice(b)
			m, err := radio.Open(context.Background(), radio.SyntheticPrefix+c.model, radio.Options{Device: "cuda", DType: c.dtype})
			require.NoError(b, err)
			defer m.Close()
			s := newStep(b, m, c.batch, c.size, c.blocks)
			defer s.machine.Close()
			first := s.run(b, 0) // kernels are compiled, and the run is captured
			n := 0
			for b.Loop() {
				n++
				s.run(b, n)
			}
			require.Less(b, s.run(b, n+1), first, "the loss has become smaller")
			b.ReportMetric(float64(c.batch*b.N)/b.Elapsed().Seconds(), "images/s")
		})
	}
}

// stepping is a step of training as a program, with inputs that stay.
type stepping struct {
	machine graph.Machine
	update  *optim.Update
	loss    *graph.Node
}

func newStep(b *testing.B, m *radio.Model, batch, size, blocks int) *stepping {
	const classes = 100
	network, tuning := m.Network(), radio.Tuning{Blocks: blocks}
	tuned, err := network.Tuned(tuning)
	require.NoError(b, err)
	weight := graph.NewState("head.weight", tensor.Float32, classes, m.Config().SummaryWidth())
	list := []*graph.Weight{weight}
	for _, w := range tuned {
		list = append(list, w.Weight)
	}
	o, err := optim.New(optim.Options{Rate: 1e-3, Clip: 1}, list, m.Config().Depth)
	require.NoError(b, err)
	g := graph.New(tensor.Float32).Lazy()
	pixels, labels, seed := g.Input("pixels", batch, 3, size, size), g.Input("labels", batch), g.Input("seed", 1)
	t := network.Train(g, pixels, size, size, tuning, []radio.Source{radio.SummarySource})
	s := &stepping{loss: g.At("loss").CrossEntropy(g.At("head").Linear(t.Sources[radio.SummarySource], g.Weight(weight), nil), labels, nil, graph.CrossEntropy{})}
	var wrt []*graph.Node
	for _, w := range list {
		wrt = append(wrt, g.Weight(w))
	}
	grads, err := g.Backpropagate([]*graph.Node{s.loss}, []*graph.Node{seed}, wrt)
	require.NoError(b, err)
	s.update = o.Step(g, grads)
	p, err := g.Compile(graph.Target{Device: m.Device(), Consume: true}, append([]*graph.Node{s.loss}, s.update.Outputs...)...)
	require.NoError(b, err)
	s.machine, err = graph.NewMachine(p)
	require.NoError(b, err)
	for n, f := range map[*graph.Node]func(i int) float32{ // in main memory they stay
		pixels: func(i int) float32 { return float32(i*7%251) / 251 },
		labels: func(i int) float32 { return float32(i % classes) },
		seed:   func(int) float32 { return 1 },
	} {
		x := s.machine.Input(n).Float32s()
		for i := range x {
			x[i] = f(i)
		}
	}
	return s
}

// run makes step t, and returns the loss before it.
func (s *stepping) run(b *testing.B, t int) float32 {
	require.NoError(b, s.update.Set(s.machine, t, 0))
	require.NoError(b, s.machine.Run(context.Background()))
	loss, err := s.machine.Value(s.loss)
	require.NoError(b, err)
	return loss.Float32s()[0]
}
