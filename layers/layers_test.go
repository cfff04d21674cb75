package layers

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	_ "cradio/cpu/machine" // what tests compute on
	"cradio/graph"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// source makes every tensor it is asked for, and remembers names and shapes.
type source struct {
	asked map[string][]int
	fail  map[string]error
}

func (s *source) Float32(name string, shape ...int) ([]float32, error) {
	if err := s.fail[name]; err != nil {
		return nil, err
	}
	s.asked[name] = shape
	d := make([]float32, tensor.Shape(shape).TotalSize())
	for i := range d {
		d[i] = float32(math.Sin(float64(i+len(name)))) / 3
	}
	return d, nil
}

// Check implements Source.
func (s *source) Check(name string, shape ...int) error {
	_, err := s.Float32(name, shape...)
	return err
}

// Float32Into implements Source.
func (s *source) Float32Into(_ []float32, name string, shape ...int) ([]float32, error) {
	return s.Float32(name, shape...)
}

// Release implements Source.
func (s *source) Release(string) {}

func newSource() *source { return &source{asked: map[string][]int{}, fail: map[string]error{}} }

// run adds a layer to a graph and computes it on x.
func run(t *testing.T, x *tensor.Dense, forward func(g *graph.Builder, x *graph.Node) *graph.Node) *tensor.Dense {
	g := graph.New(tensor.Float32)
	in := g.Input("x", x.Shape()...)
	y := forward(g, in)
	p, err := g.Compile(graph.Target{}, y)
	require.NoError(t, err)
	m, err := graph.NewMachine(p)
	require.NoError(t, err)
	if m.Input(in) != nil { // a weight alone may be the output
		require.NoError(t, m.Set(in, x))
	}
	require.NoError(t, m.Run(context.Background()))
	out, err := m.Value(y)
	require.NoError(t, err)
	return out.Clone().(*tensor.Dense)
}

func values(t *testing.T, w *graph.Weight) []float32 {
	v, err := w.Value()
	require.NoError(t, err)
	return v.Float32s()
}

func ramp(shape ...int) *tensor.Dense {
	d := make([]float32, tensor.Shape(shape).TotalSize())
	for i := range d {
		d[i] = float32(math.Cos(float64(i)))
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(d))
}

func TestLayersAskByPathAndShape(t *testing.T) {
	for _, c := range []struct {
		name string
		new  func(w *Weights)
		want map[string][]int
	}{
		{"Block", func(w *Weights) { NewBlock(w, BlockConfig{Dim: 8, Heads: 2, Hidden: 24, LayerScale: "grandma"}) }, map[string][]int{
			"at.norm1.weight": {8}, "at.norm1.bias": {8}, "at.norm2.weight": {8}, "at.norm2.bias": {8},
			"at.attn.qkv.weight": {24, 8}, "at.attn.qkv.bias": {24}, "at.attn.proj.weight": {8, 8}, "at.attn.proj.bias": {8},
			"at.mlp.fc1.weight": {24, 8}, "at.mlp.fc1.bias": {24}, "at.mlp.fc2.weight": {8, 24}, "at.mlp.fc2.bias": {8},
			"at.ls1.grandma": {8}, "at.ls2.grandma": {8},
		}},
		{"PatchEmbed", func(w *Weights) { NewPatchEmbed(w, 8, 4, 3, true) }, map[string][]int{
			"at.embedder.weight": {8, 48}, "at.pos_embed": {1, 9, 8},
		}},
		{"PrefixTokens", func(w *Weights) { NewPrefixTokens(w, 5, 8) }, map[string][]int{"at.token": {5, 8}}},
		{"InputConditioner", func(w *Weights) { NewInputConditioner(w) }, map[string][]int{
			"at.norm_mean": {3, 1, 1}, "at.norm_std": {3, 1, 1},
		}},
		{"FeatureNormalizer", func(w *Weights) { NewFeatureNormalizer(w, 8) }, map[string][]int{"at.mean": {8}, "at.tx": {8, 8}}},
		{"IntermediateNormalizer", func(w *Weights) { NewIntermediateNormalizer(w, 3, 8, 2, true) }, map[string][]int{
			"at.alphas": {3}, "at.means": {3, 8}, "at.rotation": {3, 8, 8},
		}},
		{"MLP1", func(w *Weights) { NewMLP1(w, AdaptorHeadConfig{In: 8, Hidden: 6, Out: 4, Inner: 1}) }, map[string][]int{
			"at.fc1.weight": {6, 8}, "at.fc1.bias": {6}, "at.norm.weight": {6}, "at.norm.bias": {6},
			"at.inner.0.weight": {6, 6}, "at.inner.0.bias": {6}, "at.inner.1.weight": {6}, "at.inner.1.bias": {6},
			"at.fc2.weight": {4, 6}, "at.fc2.bias": {4},
		}},
		{"MLP2", func(w *Weights) { NewMLP2(w, AdaptorHeadConfig{In: 8, Hidden: 6, Out: 4, Inner: 1}) }, map[string][]int{
			"at.fc1.weight": {6, 8}, "at.fc1.bias": {6},
			"at.blocks.0.0.weight": {6}, "at.blocks.0.0.bias": {6}, "at.blocks.0.2.weight": {6, 6}, "at.blocks.0.2.bias": {6},
			"at.final.0.weight": {6}, "at.final.0.bias": {6}, "at.final.2.weight": {4, 6}, "at.final.2.bias": {4},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSource()
			w := NewWeights(s, tensor.Float32)
			c.new(w.At("at"))
			require.Empty(t, w.Errs())
			require.Equal(t, c.want, s.asked)
			require.Len(t, w.Names(), len(c.want))
		})
	}
}

func TestWeightsGatherErrors(t *testing.T) {
	s := newSource()
	s.fail["a.weight"] = errors.New("a.weight is missing")
	s.fail["b.bias"] = errors.New("b.bias is (3), want (4)")
	w := NewWeights(s, tensor.Float64)
	NewLinear(w.At("a"), 2, 4)
	b := NewLinear(w.At("b"), 2, 4)
	require.Equal(t, "[a.weight is missing b.bias is (3), want (4)]", fmt.Sprint(w.Errs()))
	require.Equal(t, []string{"other"}, w.Unused([]string{"a.bias", "other", "b.weight"}))
	require.Equal(t, tensor.Float64, b.Weight.Dtype())
	require.Same(t, b.Weight, w.At("b").Tensor("weight", 4, 2), "asked twice, it is the same")

	g := graph.New(tensor.Float64)
	b.Forward(g.At("b"), g.Input("x", 1, 2))
	require.ErrorContains(t, g.Err(), "weight is missing")
}

func TestBlockIsTwoResidualBranches(t *testing.T) {
	w := NewWeights(newSource(), tensor.Float32)
	x := ramp(2, 5, 8)
	b := NewBlock(w, BlockConfig{Dim: 8, Heads: 2, Hidden: 24})
	y := run(t, x, b.Forward)
	require.Equal(t, x.Shape(), y.Shape())

	// A LayerScale of zero takes the branches out.
	scaled := NewBlock(w, BlockConfig{Dim: 8, Heads: 2, Hidden: 24, LayerScale: "gamma"})
	require.NotEqual(t, y.Data(), run(t, x, scaled.Forward).Data())
	clear(values(t, scaled.LS1.Gamma))
	clear(values(t, scaled.LS2.Gamma))
	require.Equal(t, x.Data(), run(t, x, scaled.Forward).Data())
}

func TestGainScalesTheNorm(t *testing.T) {
	n := NewLayerNorm(NewWeights(newSource(), tensor.Float32), 8, 1e-6)
	x := ramp(3, 8)
	want := run(t, x, n.Forward)
	n.Gain = 0.5
	for i, v := range run(t, x, n.Forward).Float32s() {
		require.Equal(t, want.Float32s()[i]/2, v)
	}
}

// The table is resized to the square of the larger side and cropped: another
// result than a resize of each axis on its own.
func TestPositionIsSquareThenCrop(t *testing.T) {
	p := NewPatchEmbed(NewWeights(newSource(), tensor.Float32), 2, 4, 4, true)
	position := func(h, w int) []float32 {
		return run(t, ramp(1, 1), func(g *graph.Builder, x *graph.Node) *graph.Node { return p.Position(g, h, w) }).Float32s()
	}
	require.Equal(t, values(t, p.PosEmbed), position(4, 4))
	wide, square := position(2, 6), position(6, 6)
	require.Equal(t, square[:2*6*2], wide)
	tall := position(6, 2)
	for y := range 6 {
		require.Equal(t, square[y*6*2:y*6*2+4], tall[y*4:y*4+4])
	}
}

func TestWindows(t *testing.T) {
	v := Windows{Size: 2, Prefix: 1}
	x := ramp(2, 1+4*6, 3)
	require.Equal(t, x.Data(), run(t, x, func(g *graph.Builder, x *graph.Node) *graph.Node {
		return v.Restore(g.At("b"), v.Reorder(g.At("a"), x, 4, 6), 4, 6)
	}).Data())

	windows := run(t, x, func(g *graph.Builder, x *graph.Node) *graph.Node {
		_, y := v.Enter(g, v.Reorder(g, x, 4, 6))
		return y
	})
	require.Equal(t, tensor.Shape{12, 4, 3}, windows.Shape())
	// The second window of the first image: patches (0, 2), (0, 3), (1, 2), (1, 3).
	for i, patch := range []int{2, 3, 6 + 2, 6 + 3} {
		require.Equal(t, x.Float32s()[(1+patch)*3:(2+patch)*3], windows.Float32s()[(4+i)*3:(5+i)*3])
	}

	require.Equal(t, x.Data(), run(t, x, func(g *graph.Builder, x *graph.Node) *graph.Node {
		held, y := v.Enter(g.At("in"), v.Reorder(g.At("a"), x, 4, 6))
		return v.Restore(g.At("b"), v.Leave(g, held, y), 4, 6)
	}).Data())
}

func TestHeads(t *testing.T) {
	w := NewWeights(newSource(), tensor.Float32)
	c := AdaptorHeadConfig{In: 32, Hidden: 6, Out: 5, Inner: 2}
	for name, h := range map[string]AdaptorHead{
		"MLP1": NewMLP1(w.At("v1"), c), "MLP2": NewMLP2(w.At("v2"), c), "Attention": NewAttentionHead(w.At("attn"), c),
	} {
		y := run(t, ramp(2, 3, 32), h.Forward)
		require.Equal(t, tensor.Shape{2, 3, 5}, y.Shape(), name)
		require.NotEqual(t, y.Float32s()[:5], y.Float32s()[5:10], name)
	}
	require.Empty(t, w.Errs())
}

func TestNormalizers(t *testing.T) {
	w := NewWeights(newSource(), tensor.Float32)
	x := ramp(1, 5, 4)
	n := NewIntermediateNormalizer(w.At("n"), 3, 4, 2, false)
	y := run(t, x, func(g *graph.Builder, x *graph.Node) *graph.Node { return n.Forward(g, x, 5, 1, 2) })
	require.Equal(t, x.Float32s()[:8], y.Float32s()[:8], "prefix tokens stay")
	mean, rot := values(t, n.Means)[4:8], values(t, n.Rotation)
	for i := range 4 {
		var want float64
		for k := range 4 {
			want += (float64(x.Float32s()[8+k]) - float64(mean[k])) * float64(rot[i*4+k])
		}
		require.InDelta(t, want, y.Float32s()[8+i], 1e-6)
	}
	alpha, err := n.Alpha(2)
	require.NoError(t, err)
	require.InDelta(t, values(t, n.Alphas)[2], alpha, 0)
	_, err = n.Alpha(3)
	require.ErrorContains(t, err, "n.alphas has no entry 3")

	g := graph.New(tensor.Float32)
	n.Forward(g.At("x"), g.Input("in", 1, 5, 4), 5, 7, 0)
	require.ErrorContains(t, g.Err(), "x: n.means is (3, 4): it has no entry 7")

	var none *FeatureNormalizer
	require.Equal(t, x.Data(), run(t, x, func(g *graph.Builder, x *graph.Node) *graph.Node { return g.Scale(none.Forward(g, x), 1) }).Data())
}
