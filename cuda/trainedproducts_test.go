package cuda_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"cradio/cuda"
	"cradio/cuda/internal/emulated"
	"cradio/graph"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// In bfloat16 large products of weights that are trained, and their derivatives, run on matrix instructions: the errors
// are those of operands that are rounded. Small ones, and those of one row for an image, stay as they are.
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
	for _, c := range []struct {
		x, dy, w []int
		rounded  bool
	}{
		{[]int{2, 41, 67}, []int{2, 41, 70}, []int{70, 67}, true},
		{[]int{1, 130, 200}, []int{1, 130, 129}, []int{129, 200}, true},
		{[]int{2, 41, 33}, []int{2, 41, 70}, []int{70, 33}, false},
		{[]int{70, 1, 67}, []int{70, 1, 70}, []int{70, 67}, false},
		{[]int{70, 67}, []int{70, 70}, []int{70, 67}, false},
	} {
		driver := emulated.New(1 << 26)
		d := open(t, driver, cuda.Options{Precision: graph.BFloat16, Frozen: true})
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
		got := run(d, x, dy, w)
		for i := range want {
			off, size := 0.0, 0.0
			for j := range want[i] {
				off += math.Pow(float64(got[i][j]-want[i][j]), 2)
				size += math.Pow(float64(want[i][j]), 2)
			}
			if c.rounded {
				require.InDelta(t, 0.0025, math.Sqrt(off/size), 0.002, "%v, output %d", c, i)
			} else {
				require.Equal(t, want[i], got[i], "%v, output %d", c, i)
			}
		}
		if c.rounded {
			require.Equal(t, 3, driver.Launches["transpose_bf16"])
			require.Equal(t, 3, driver.Launches["convert_bf16"])
			require.Equal(t, 3, driver.Launches["linear_64x64_f32"]+driver.Launches["linear_128x128_f32"], "%v", driver.Launches)
		}
		require.NoError(t, d.Close())
	}
}
