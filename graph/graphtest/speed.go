package graphtest

import (
	"context"
	"math/rand/v2"
	"testing"

	"cradio/graph"

	"gorgonia.org/tensor"
)

// speeds are the products of a block of C-RADIOv2-B at 224 pixels, of 196 patches and 8
// other tokens, and the whole block.
var speeds = []Case{
	linearCase([]int{1, 204, 768}, 3*768),
	linearCase([]int{1, 204, 768}, 3072),
	linearCase([]int{1, 204, 3072}, 768),
	attentionCase(1, 204, 768, 12),
	{
		Name: "Block", In: [][]int{{1, 204, 768}, {768}, {768}, {3 * 768, 768}, {3 * 768}, {768, 768}, {768}, {768}, {3072, 768}, {3072}, {768, 3072}, {768}},
		Weights: Block.Weights, Apply: block(12),
	},
}

// Speed measures products, with weights that never change, in GFLOP/s and as a fraction of
// a peak, in floating-point operations per second. peak is called before each measurement,
// since a machine's speed varies; it may return 0 where nothing is known.
//
//	func BenchmarkSuite(b *testing.B) { graphtest.Speed(b, device, func() float64 { return cpu.Peak(pool) }) }
func Speed(b *testing.B, device graph.Device, peak func() float64) {
	for _, c := range speeds {
		b.Run(c.Name, func(b *testing.B) {
			built := c.Build(b, tensor.Float32, true)
			scale(built)
			m := built.Machine(b, graph.Target{Device: device}, built.Out)
			defer m.Close()
			ctx := context.Background()
			if err := m.Run(ctx); err != nil {
				b.Fatal(err)
			}
			best := peak()
			for b.Loop() {
				if err := m.Run(ctx); err != nil {
					b.Fatal(err)
				}
			}
			speed := m.Program().FLOPs() * float64(b.N) / b.Elapsed().Seconds()
			b.ReportMetric(speed/1e9, "GFLOP/s")
			if best > 0 {
				b.ReportMetric(speed/best, "of-peak")
			}
		})
	}
}

// scale brings matrices to the size that they have in models.
func scale(b *Built) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, i := range b.of.Weights {
		if s := b.Values[i].Shape(); len(s) == 2 {
			set(b.Values[i], func(int, float64) float64 { return rng.NormFloat64() / 28 })
		}
	}
}
