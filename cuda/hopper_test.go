package cuda_test

import (
	"context"
	"math"
	"testing"

	"cradio/cuda"
	"cradio/cuda/internal/emulated"
	"cradio/graph"
	"cradio/graph/graphtest"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// The device passes the suite of devices with the kernels for Hopper.
func TestSuiteOnHopper(t *testing.T) {
	d, err := graph.Open(onHopper(t), graph.DeviceOptions{Precision: graph.BFloat16, Frozen: true})
	require.NoError(t, err)
	graphtest.Run(t, d)
	require.NoError(t, d.(*cuda.Device).Close())
}

// block is attention and an MLP with residuals, and its input.
func block(t *testing.T, d graph.Device, tokens, dim, heads int, taps bool) (p *graph.Program, x *graph.Node, y []*graph.Node) {
	t.Helper()
	const hidden = 16 // times as many, so that sums are split
	g := graph.New(tensor.Float32)
	weight := func(name string, shape ...int) *graph.Node {
		w := filled(shape...)
		for i := range w.Float32s() {
			w.Float32s()[i] /= float32(math.Sqrt(float64(dim)))
		}
		return g.Weight(graph.NewWeight(name, w))
	}
	x = g.Input("x", 1, tokens, dim)
	norm := func(name string, x *graph.Node) *graph.Node {
		return g.At(name).LayerNorm(x, weight(name+".weight", dim), weight(name+".bias", dim), 1e-6)
	}
	h := g.At("embed").Linear(norm("norm0", x), weight("embed.weight", dim, dim), nil)
	y = append(y, h)
	qkv := g.At("qkv").Linear(norm("norm1", h), weight("qkv.weight", 3*dim, dim), weight("qkv.bias", 3*dim))
	a := g.At("proj").Linear(g.At("attn").Attention(qkv, heads), weight("proj.weight", dim, dim), weight("proj.bias", dim))
	h = g.At("mid").Add(h, a)
	fc := g.At("gelu").GELU(g.At("fc1").Linear(norm("norm2", h), weight("fc1.weight", hidden*dim, dim), weight("fc1.bias", hidden*dim)))
	h = g.At("out").Add(h, g.At("fc2").Linear(fc, weight("fc2.weight", dim, hidden*dim), weight("fc2.bias", dim)))
	y = append(y, h)
	if !taps {
		y = y[1:]
	}
	p, err := g.Compile(graph.Target{Device: d}, y...)
	require.NoError(t, err)
	return p, x, y
}

// A block runs on the kernels for Hopper, and gives what those of older GPUs give. Where a residual is
// an output too, it is copied first; small products are split, and give the same bits each time.
func TestBlockOnHopper(t *testing.T) {
	const tokens, dim = 70, 128
	for _, taps := range []bool{false, true} {
		var results [][]float32
		for _, architecture := range []int{80, 90, 90} {
			driver := emulated.New(1 << 24)
			driver.Architecture, driver.Multiprocessors = architecture, 32
			d := open(t, driver, cuda.Options{Precision: graph.BFloat16, Frozen: true})
			p, x, y := block(t, d, tokens, dim, 2, taps)
			m, err := graph.NewMachine(p)
			require.NoError(t, err)
			require.NoError(t, m.Set(x, filled(1, tokens, dim)))
			require.NoError(t, m.Run(context.Background()))
			v, err := m.Value(y[len(y)-1])
			require.NoError(t, err)
			results = append(results, append([]float32(nil), v.Float32s()...))
			if architecture == 90 {
				copies := 1 // of the sums of splits
				if taps {
					copies++
				}
				require.Equal(t, 1, driver.Launches["hopper_attention_64_small"])
				require.Equal(t, 1, driver.Launches["hopper_128x64_bf16_gelu"])
				require.Equal(t, copies, driver.Launches["linear_splits_f32"], "%v", driver.Launches)
				require.Zero(t, driver.Launches["linear_64x64_f32"])
			}
			require.NoError(t, m.Close())
			require.NoError(t, d.Close())
		}
		require.Equal(t, results[1], results[2])
		var errs, squares float64
		for i, v := range results[0] {
			errs += math.Pow(float64(v-results[1][i]), 2)
			squares += math.Pow(float64(v), 2)
		}
		require.Less(t, math.Sqrt(errs/squares), 0.01)
	}
}
