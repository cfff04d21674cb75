package graph_test

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"cradio/cpu"
	"cradio/cpu/machine"
	"cradio/graph"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// block is a transformer block on patches of pixels, with all that a precision
// changes: a Linear on pixels, attention, a GELU between two Linears, residuals.
type block struct {
	g       *graph.Builder
	x, y    *graph.Node
	weights map[string]*tensor.Dense
}

const blockDim = 32

func newBlock(t testing.TB) block {
	rng := rand.New(rand.NewPCG(3, 4))
	g := graph.New(tensor.Float32)
	weights := map[string]*tensor.Dense{}
	weight := func(name string, shape ...int) *graph.Node {
		d := make([]float32, tensor.Shape(shape).TotalSize())
		for i := range d {
			d[i] = float32(rng.NormFloat64()) / float32(math.Sqrt(float64(shape[len(shape)-1])))
		}
		weights[name] = tensor.New(tensor.WithShape(shape...), tensor.WithBacking(d))
		return g.Weight(graph.NewWeight(name, weights[name]))
	}
	linear := func(name string, x *graph.Node, out int) *graph.Node {
		in := x.Shape()[2]
		return g.At(name).Linear(x, weight(name+".weight", out, in), weight(name+".bias", out))
	}
	norm := func(name string, x *graph.Node) *graph.Node {
		return g.At(name).LayerNorm(x, weight(name+".weight", blockDim), weight(name+".bias", blockDim), 1e-6)
	}
	pixels := g.Input("pixels", 2, 3, 12, 20)
	x := linear("embed", g.At("cut").Patches(pixels, 4), blockDim)
	y := linear("qkv", norm("norm1", x), 3*blockDim)
	y = linear("proj", g.At("context").Attention(y, 2), blockDim)
	x = g.At("mid").Add(x, y)
	y = linear("fc1", norm("norm2", x), 3*blockDim)
	y = linear("fc2", g.At("gelu").GELU(y), blockDim)
	y = g.At("out").Add(x, y)
	require.NoError(t, g.Err())
	return block{g, pixels, y, weights}
}

func (b block) machine(t testing.TB, target graph.Target, taps ...string) (*graph.Program, graph.Machine) {
	outputs := []*graph.Node{b.y}
	for _, path := range taps {
		n, err := b.g.Node(path)
		require.NoError(t, err)
		outputs = append(outputs, n)
	}
	p, err := b.g.Compile(target, outputs...)
	require.NoError(t, err)
	require.Empty(t, graph.Overlaps(p), "%v", p)
	m, err := graph.NewMachine(p)
	require.NoError(t, err)
	pixels := m.Input(b.x).Float32s()
	for i := range pixels {
		pixels[i] = float32(math.Mod(float64(i)*0.6180339887, 1))
	}
	return p, m
}

func (b block) run(t testing.TB, target graph.Target, taps ...string) (*graph.Program, []float32) {
	p, m := b.machine(t, target, taps...)
	require.NoError(t, m.Run(context.Background()))
	y, err := m.Value(b.y)
	require.NoError(t, err)
	return p, y.Float32s()
}

// forms lists path, operation and form of each instruction.
func forms(p *graph.Program) (list []string) {
	for _, line := range strings.Split(p.String(), "\n") {
		if f := strings.Fields(line); len(f) > 6 && f[0] != "#" {
			list = append(list, f[1]+" "+f[2]+" "+f[len(f)-3])
		}
	}
	return list
}

func TestForms(t *testing.T) {
	b := newBlock(t)
	for _, c := range []struct {
		name     string
		options  machine.Options
		noFusion bool
		taps     []string
		want     []string
	}{
		{"bfloat16", machine.Options{Precision: graph.BFloat16}, false, nil, []string{
			"cut Patches{4} float32→bfloat16",
			"embed Linear bfloat16→float32",
			"norm1 LayerNorm{eps=1e-06} float32→bfloat16",
			"qkv Linear bfloat16",
			"context Attention{heads=2} bfloat16",
			"mid Linear+Add bfloat16→float32",
			"norm2 LayerNorm{eps=1e-06} float32→bfloat16",
			"gelu Linear+GELU bfloat16",
			"out Linear+Add bfloat16→float32",
		}},
		{"int8", machine.Options{Precision: graph.Int8}, false, nil, []string{
			"cut Patches{4} float32→bfloat16",
			"embed Linear bfloat16→float32",
			"norm1 LayerNorm{eps=1e-06} float32→int8",
			"qkv Linear int8→bfloat16",
			"context Attention{heads=2} bfloat16",
			"context Convert bfloat16→int8",
			"mid Linear+Add int8→float32",
			"norm2 LayerNorm{eps=1e-06} float32→int8",
			"gelu Linear+GELU int8→bfloat16",
			"gelu Convert bfloat16→int8",
			"out Linear+Add int8→float32",
		}},
		{"what is tapped stays float32", machine.Options{Precision: graph.BFloat16}, false, []string{"norm1", "qkv", "context"}, []string{
			"cut Patches{4} float32→bfloat16",
			"embed Linear bfloat16→float32",
			"norm1 LayerNorm{eps=1e-06} float32",
			"norm1 Convert float32→bfloat16",
			"qkv Linear bfloat16→float32",
			"qkv Convert float32→bfloat16",
			"context Attention{heads=2} bfloat16→float32",
			"context Convert float32→bfloat16",
			"mid Linear+Add bfloat16→float32",
			"norm2 LayerNorm{eps=1e-06} float32→bfloat16",
			"gelu Linear+GELU bfloat16",
			"out Linear+Add bfloat16→float32",
		}},
		{"without fusion", machine.Options{Precision: graph.Int8}, true, nil, []string{
			"cut Patches{4} float32→bfloat16",
			"embed Linear bfloat16→float32",
			"norm1 LayerNorm{eps=1e-06} float32→int8",
			"qkv Linear int8→bfloat16",
			"context Attention{heads=2} bfloat16",
			"context Convert bfloat16→int8",
			"proj Linear int8→float32",
			"mid Add float32",
			"norm2 LayerNorm{eps=1e-06} float32→int8",
			"fc1 Linear int8→float32",
			"gelu GELU float32",
			"gelu Convert float32→int8",
			"fc2 Linear int8→float32",
			"out Add float32",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.options.Packed = machine.NewPackedWeights()
			p, _ := b.run(t, graph.Target{Device: on(c.options), NoFusion: c.noFusion}, c.taps...)
			require.Equal(t, c.want, forms(p))
		})
	}
}

// Each precision is as far from float32 as its rounding, and no farther; tapped
// and unfused it is another order of the same roundings.
func TestPrecisions(t *testing.T) {
	b := newBlock(t)
	_, want := b.run(t, graph.Target{})
	for p, most := range map[graph.Precision]float64{graph.BFloat16: 0.01, graph.Int8: 0.02} {
		var all [][]float32
		one := cpu.NewPool(1)
		defer one.Close()
		for _, c := range []struct {
			pool     *cpu.Pool
			noFusion bool
		}{{}, {noFusion: true}, {pool: one}} {
			packs := machine.NewPackedWeights()
			target := graph.Target{Device: on(machine.Options{Precision: p, Packed: packs, Pool: c.pool}), NoFusion: c.noFusion}
			compiled, got := b.run(t, target)
			require.Less(t, compiled.ArenaBytes(), 1<<20)
			require.Positive(t, packs.Bytes())
			off := distance(want, got)
			require.Less(t, off, most, "%v", p)
			require.Greater(t, off, most/20, "%v rounds", p)
			all = append(all, got)
		}
		require.Equal(t, all[0], all[2], "the same bits on one thread")
	}
}

// distance is the root mean square of the difference, relative to that of want.
func distance(want, got []float32) float64 {
	var d, n float64
	for i, w := range want {
		d += math.Pow(float64(got[i])-float64(w), 2)
		n += float64(w) * float64(w)
	}
	return math.Sqrt(d / n)
}

// Precisions share one store of packed weights.
func TestPacksKeepPrecisionsApart(t *testing.T) {
	b := newBlock(t)
	packs := machine.NewPackedWeights()
	for range 2 {
		for _, p := range []graph.Precision{graph.Full, graph.BFloat16, graph.Int8} {
			_, want := b.run(t, graph.Target{Device: on(machine.Options{Precision: p, Packed: machine.NewPackedWeights()})})
			_, got := b.run(t, graph.Target{Device: on(machine.Options{Precision: p, Packed: packs})})
			require.Equal(t, want, got, "%v", p)
		}
	}
}

// A value that several Linears read is converted once.
func TestConversionsAreShared(t *testing.T) {
	g := graph.New(tensor.Float32)
	weight := func(name string, shape ...int) *graph.Node {
		return g.Weight(graph.NewWeight(name, tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(shape...))))
	}
	x := g.Input("x", 1, 5, 6)
	norm := g.At("norm").LayerNorm(x, weight("weight", 6), weight("bias", 6), 1e-6)
	y := g.At("sum").Add(g.At("a").Linear(norm, weight("a", 4, 6), nil), g.At("b").Linear(norm, weight("b", 4, 6), nil))
	z := g.At("c").Linear(g.At("gelu").GELU(norm), weight("c", 4, 6), nil)
	raw := g.At("d").Linear(x, weight("d", 4, 6), nil)
	p, err := g.Compile(graph.Target{Device: on(machine.Options{Precision: graph.Int8, Packed: machine.NewPackedWeights()})}, y, z, raw)
	require.NoError(t, err)
	require.Equal(t, []string{
		"norm LayerNorm{eps=1e-06} float32", // GELU reads it too
		"norm Convert float32→int8",
		"a Linear{bias=false} int8→float32",
		"sum Linear+Add{bias=false} int8→float32",
		"gelu GELU float32",
		"gelu Convert float32→int8",
		"c Linear{bias=false} int8→float32",
		"d Convert float32→bfloat16",
		"d Linear{bias=false} bfloat16→float32",
	}, forms(p))
	m, err := graph.NewMachine(p)
	require.NoError(t, err)
	require.NoError(t, m.Run(context.Background()))
}

// TestOneRowStaysInFloat32: of a head on a summary (B, D), while that on features is rounded.
func TestOneRowStaysInFloat32(t *testing.T) {
	g := graph.New(tensor.Float32)
	w := g.Weight(graph.NewWeight("w", tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(16, 32))))
	x := g.Input("x", 4, 9, 32)
	features, summary := g.At("features").Linear(x, w, nil), g.At("summary").Linear(g.At("class").Select(x, []int{0}), w, nil)
	p, err := g.Compile(graph.Target{Device: on(machine.Options{Precision: graph.BFloat16, Packed: machine.NewPackedWeights()})}, features, summary)
	require.NoError(t, err)
	require.ElementsMatch(t, []string{
		"features Convert float32→bfloat16",
		"features Linear{bias=false} bfloat16→float32",
		"class Select{[0]} float32",
		"summary Linear{bias=false} float32",
	}, forms(p))
}

// What is not frozen, and what is float64, stays as it is.
func TestPrecisionIsForFrozenFloat32(t *testing.T) {
	b := newBlock(t)
	_, want := b.run(t, graph.Target{})
	p, got := b.run(t, graph.Target{Device: on(machine.Options{Precision: graph.BFloat16})})
	require.Equal(t, want, got)
	require.NotContains(t, p.String(), "bfloat16")

	g := graph.New(tensor.Float64)
	y := g.At("attn").Attention(g.Input("qkv", 1, 4, 24), 2)
	p, err := g.Compile(graph.Target{Device: on(machine.Options{Precision: graph.Int8, Packed: machine.NewPackedWeights()})}, y)
	require.NoError(t, err)
	require.Equal(t, []string{"attn Attention{heads=2} float64"}, forms(p))

	_, err = machine.New(machine.Options{Precision: "bfloat8"})
	require.EqualError(t, err, `precision is "bfloat8", want full, bfloat16, int8 or tf32`)
	_, err = machine.New(machine.Options{Precision: graph.TF32})
	require.EqualError(t, err, "tf32 is a precision of NVIDIA GPUs from 8.0 on: choose device cuda, or float32, bfloat16 or int8")
}

func TestNarrowRunAllocatesNothing(t *testing.T) {
	b := newBlock(t)
	pool := cpu.NewPool(2)
	defer pool.Close()
	for _, p := range []graph.Precision{graph.BFloat16, graph.Int8} {
		_, m := b.machine(t, graph.Target{Device: on(machine.Options{Pool: pool, Packed: machine.NewPackedWeights(), Precision: p})})
		ctx := context.Background()
		require.NoError(t, m.Run(ctx))
		require.Zero(t, testing.AllocsPerRun(20, func() {
			if err := m.Run(ctx); err != nil {
				t.Error(err)
			}
		}), "%v", p)
	}
}

// Check finds what is not finite in values of every form.
func TestCheckReadsNarrowValues(t *testing.T) {
	b := newBlock(t)
	for p, column := range map[graph.Precision]int{graph.BFloat16: 7, graph.Int8: 0} { // in int8 the whole row is lost
		target := graph.Target{Device: on(machine.Options{Packed: machine.NewPackedWeights(), Precision: p}), Check: true}
		_, m := b.machine(t, target)
		require.NoError(t, m.Run(context.Background()))

		bias := b.weights["norm2.bias"]
		old := bias.Float32s()[7]
		bias.Float32s()[7] = float32(math.Inf(1))
		var found *graph.NotFinite
		require.ErrorAs(t, m.Run(context.Background()), &found)
		bias.Float32s()[7] = old
		require.Equal(t, "norm2", found.Path, "%v", p)
		require.Equal(t, []int{0, 0, column}, found.Index, "%v", p)
	}
}
