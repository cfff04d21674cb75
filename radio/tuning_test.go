package radio

import (
	"strings"
	"testing"

	"cradio/graph"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func TestTunedWeightsAndTheirLayers(t *testing.T) {
	for _, c := range []struct {
		tuning Tuning
		layers map[int]int // weights by layer
	}{
		{Tuning{}, map[int]int{}},
		{Tuning{Blocks: 1}, map[int]int{3: 12}},
		{Tuning{Blocks: -1}, map[int]int{1: 12, 2: 12, 3: 12}},
		{Tuning{Blocks: 3, Embeddings: true}, map[int]int{0: 3, 1: 12, 2: 12, 3: 12}},
	} {
		m := openNano(t, Options{})
		list, err := m.net.Tuned(c.tuning)
		require.NoError(t, err)
		layers, trainable := map[int]int{}, 0
		for _, w := range list {
			layers[w.Layer]++
			require.True(t, w.Trainable, w.Name)
		}
		for _, w := range m.Weights() {
			if w.Trainable {
				trainable++
			}
		}
		require.Equal(t, c.layers, layers)
		require.Len(t, list, trainable)
	}
}

func TestTuningsThatAreNotThereAreRefused(t *testing.T) {
	m := openNano(t, Options{})
	for want, tuning := range map[string]Tuning{
		"the last 4 blocks of 3 do not exist":                                 {Blocks: 4},
		"the embeddings train only with all blocks, not with the last 2 of 3": {Blocks: 2, Embeddings: true},
		"drop path has 2 rates, want one for each of the 3 blocks":            {DropPath: []float64{0, 0.1}},
		"drop path of block 2 is 1, want 0 up to 1":                           {DropPath: []float64{0, 0.1, 1}},
	} {
		_, err := m.net.Tuned(tuning)
		require.ErrorContains(t, err, want)
	}
	windows := openNano(t, Options{ViTDet: ViTDet{Window: 2, NumGlobal: 1}})
	_, err := windows.net.Tuned(Tuning{DropPath: []float64{0, 0, 0.1}})
	require.ErrorContains(t, err, "drop path is not available in ViTDet mode")
	require.InDeltaSlice(t, []float64{0, 0.1, 0.2}, LinearDropPath(3, 0.2), 1e-12)
}

// Without paths a training graph gives what inference gives. A picture whose branches are all
// dropped leaves the blocks as it came.
func TestTrainingGraphs(t *testing.T) {
	m := openNano(t, Options{})
	x := pattern(2, 48, 64)
	sources := []Source{SummarySource, BlockSource(0), BlockSource(2)}
	want := forward(t, m, x, Request{Sources: sources})
	for _, drop := range [][]float64{nil, {0, 0.25, 0.25}} {
		g := graph.New(tensor.Float32).Lazy()
		in := g.Input("pixels", x.Shape()...)
		b := m.net.Train(g, in, 48, 64, Tuning{DropPath: drop}, sources)
		require.NoError(t, g.Err())
		require.Equal(t, [2]int{3, 4}, [2]int{b.Rows, b.Cols})
		var outputs []*graph.Node
		for _, s := range sources {
			outputs = append(outputs, b.Sources[s])
		}
		p, err := g.Compile(m.target, outputs...)
		require.NoError(t, err)
		machine, err := graph.NewMachine(p)
		require.NoError(t, err)
		require.NoError(t, machine.Set(in, x))
		for _, path := range b.Paths {
			require.InDelta(t, 0.25, path.Drop, 0)
			mask := tensor.New(tensor.WithShape(2, 1, 1), tensor.WithBacking([]float32{0, 1}))
			require.NoError(t, machine.Set(path.Node, mask))
		}
		require.NoError(t, machine.Run(t.Context()))
		values := map[Source][]float32{}
		for i, s := range sources {
			v, err := machine.Value(outputs[i])
			require.NoError(t, err)
			values[s] = append([]float32(nil), v.Float32s()...)
		}
		require.NoError(t, machine.Close())
		if drop == nil {
			for _, s := range sources {
				require.Equal(t, want.Sources[s].Float32s(), values[s], s)
			}
			continue
		}
		require.Len(t, b.Paths, 4)
		first := 12 * 64 // of the first picture
		require.Equal(t, want.Sources[BlockSource(0)].Float32s(), values[BlockSource(0)])
		require.Equal(t, values[BlockSource(0)][:first], values[BlockSource(2)][:first])
		require.NotEqual(t, want.Sources[BlockSource(2)].Float32s()[first:], values[BlockSource(2)][first:])
	}
}

func TestLinearsAreNamedAsModules(t *testing.T) {
	linears := openNano(t, Options{}).net.Linears()
	require.Len(t, linears, 12)
	for name, l := range linears {
		require.True(t, strings.HasPrefix(name, "radio_model.model.blocks."), name)
		require.Equal(t, name+".weight", l.Weight.Name)
	}
}
