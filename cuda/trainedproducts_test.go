package cuda_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"cradio/cuda"
	"cradio/cuda/internal/emulated"
	"cradio/graph"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// In bfloat16 and TF32 large products of weights that are trained, and their derivatives, run on matrix instructions: the
// errors are those of operands that are rounded. Small ones, and those of one row for an image, stay as they are.
func TestTrainedProducts(t *testing.T) {
	run := func(d graph.Device, x, dy, w *tensor.Dense) [][]float32 {
		g := graph.New(tensor.Float32)
		in, seed := g.Input("x", x.Shape()...), g.Input("dy", dy.Shape()...)
		weight := graph.NewWeight("w", w)
		weight.Trainable = true
		bias := graph.NewWeight("b", filled(w.Shape()[0]))
		bias.Trainable = true
		y := g.At("linear").Linear(in, g.Weight(weight), g.Weight(bias))
		grads, err := g.Backpropagate([]*graph.Node{y}, []*graph.Node{seed}, []*graph.Node{in, g.Weight(weight)})
		require.NoError(t, err)
		return outputs(t, d, g, map[*graph.Node]*tensor.Dense{in: x, seed: dy}, append(grads, y)...)
	}
	all, none := [3]bool{true, true, true}, [3]bool{}
	for _, c := range []struct {
		x, dy, w   []int
		bf16, tf32 [3]bool // which of dx, dw and y are rounded
		onHopper   int     // how many run on kernels of its own: those of widths that 4 divides
	}{
		{[]int{2, 41, 68}, []int{2, 41, 72}, []int{72, 68}, all, all, 3},
		{[]int{1, 130, 200}, []int{1, 130, 129}, []int{129, 200}, all, [3]bool{false, true, true}, 2}, // of depths that 4 divides
		{[]int{2, 41, 33}, []int{2, 41, 70}, []int{70, 33}, none, none, 0},
		{[]int{2, 41, 36}, []int{2, 41, 72}, []int{72, 36}, none, [3]bool{false, false, true}, 0}, // nothing is converted for y
		{[]int{70, 1, 68}, []int{70, 1, 72}, []int{72, 68}, none, none, 0},
		{[]int{70, 68}, []int{70, 72}, []int{72, 68}, none, none, 0},
	} {
		random := rand.New(rand.NewPCG(1, 2))
		normal := func(shape []int) *tensor.Dense { // sums of filled cancel
			x := filled(shape...)
			for i := range x.Float32s() {
				x.Float32s()[i] = float32(random.NormFloat64())
			}
			return x
		}
		x, dy, w := normal(c.x), normal(c.dy), normal(c.w)
		want := run(open(t, emulated.New(1<<26), cuda.Options{}), x, dy, w)
		compare := func(d graph.Device, rounded [3]bool, expected float64) {
			for i, got := range run(d, x, dy, w) {
				off, size := 0.0, 0.0
				for j := range got {
					off += math.Pow(float64(got[j]-want[i][j]), 2)
					size += math.Pow(float64(want[i][j]), 2)
				}
				if rounded[i] {
					require.InDelta(t, expected, math.Sqrt(off/size), 0.8*expected, "%v, output %d", c, i)
				} else {
					require.Equal(t, want[i], got, "%v, output %d", c, i)
				}
			}
		}
		driver := emulated.New(1 << 26)
		compare(open(t, driver, cuda.Options{Precision: graph.BFloat16, Frozen: true}), c.bf16, 0.0025)
		if c.bf16 == all {
			require.Equal(t, 3, driver.Launches["transpose_bf16"])
			require.Equal(t, 3, driver.Launches["convert_bf16"])
			require.Equal(t, 3, driver.Launches["linear_64x64_f32"]+driver.Launches["linear_128x128_f32"], "%v", driver.Launches)
		}
		driver = emulated.New(1 << 26)
		driver.Architecture, driver.Multiprocessors = 90, 32
		compare(open(t, driver, cuda.Options{Precision: graph.BFloat16, Frozen: true}), c.bf16, 0.0025)
		if c.bf16 == all {
			onHopper := 0
			for kernel, n := range driver.Launches {
				if strings.HasPrefix(kernel, "hopper_") {
					onHopper += n
				}
			}
			require.Equal(t, c.onHopper, onHopper, "%v", driver.Launches)
		}
		driver = emulated.New(1 << 26)
		compare(open(t, driver, cuda.Options{Precision: graph.TF32, Frozen: true}), c.tf32, 0.0003)
		if c.tf32 == all {
			require.Equal(t, map[string]int{"transpose_strided_f32": 3, "linear_64x64_tf32": 3}, driver.Launches)
		}
	}
}

// On Hopper such products have bias, factors and residual in their ending, or where splits of their sums are added up.
// They give what kernels of older GPUs give, which are those of what Hopper's are not for. None reads an operand before the
// launch that rounds it has ended: that would be an error of the emulator.
func TestTrainedEndings(t *testing.T) {
	const tokens, dim = 70, 128
	for _, c := range []struct {
		depth  int
		gelu   bool
		kernel string // with its blocks, threads, shared memory, and tiles
	}{
		{64, false, `hopper_64x64_f32 +4 +256 +\d+ +4 `},
		{2048, false, `hopper_64x64_f32 +16 +256 +\d+ +4×4 `},
		{64, true, `linear_64x64_f32_gelu `},
	} {
		var results [][]float32
		for _, architecture := range []int{80, 90} {
			driver := emulated.New(1 << 26)
			driver.Architecture, driver.Multiprocessors = architecture, 32
			d := open(t, driver, cuda.Options{Precision: graph.BFloat16, Frozen: true})
			g := graph.New(tensor.Float32)
			weight := func(name string, shape ...int) *graph.Node {
				w := graph.NewWeight(name, filled(shape...))
				w.Trainable = true
				return g.Weight(w)
			}
			x, r := g.Input("x", 1, tokens, c.depth), g.Input("r", 1, tokens, dim)
			y := g.At("linear").Linear(x, weight("w", dim, c.depth), weight("b", dim))
			if c.gelu {
				y = g.At("gelu").GELU(y)
			} else {
				y = g.At("add").Add(r, g.At("scale").Mul(y, weight("s", dim)))
			}
			p, err := g.Compile(graph.Target{Device: d}, y)
			require.NoError(t, err)
			launches, err := d.Launches(p)
			require.NoError(t, err)
			if architecture == 90 {
				require.Regexp(t, c.kernel, launches)
			}
			results = append(results, outputs(t, d, g, map[*graph.Node]*tensor.Dense{x: filled(1, tokens, c.depth), r: filled(1, tokens, dim)}, y)[0])
			require.NoError(t, d.Close())
		}
		off, size := 0.0, 0.0
		for i, v := range results[0] {
			off += math.Pow(float64(v-results[1][i]), 2)
			size += math.Pow(float64(v), 2)
		}
		require.Less(t, math.Sqrt(off/size), 1e-6)
	}
}
