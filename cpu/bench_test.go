package cpu

import (
	"fmt"
	"testing"
)

func filled(n int) []float32 {
	x := make([]float32, n)
	s := uint32(1)
	for i := range x {
		s = s*1664525 + 1013904223
		x[i] = float32(int32(s)) / (1 << 31)
	}
	return x
}

func reportFlops(b *testing.B, flop float64) {
	b.ReportMetric(flop*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

func BenchmarkLinear(b *testing.B) {
	for _, s := range [][3]int{{205, 768, 768}, {205, 3072, 768}, {205, 768, 3072}} {
		m, out, in := s[0], s[1], s[2]
		op := Linear[float32]{Y: make([]float32, m*out), X: filled(m * in), W: Pack(filled(out*in), out, in), Bias: filled(out), Rows: m, GELU: out == 3072}
		b.Run(fmt.Sprintf("%dx%dx%d", m, out, in), func(b *testing.B) {
			for b.Loop() {
				op.Run(Default())
			}
			reportFlops(b, 2*float64(m*out*in))
		})
	}
}

func BenchmarkAttention(b *testing.B) {
	for _, t := range []int{205, 1034} {
		const d, h = 768, 12
		op := Attention[float32]{Y: make([]float32, t*d), QKV: filled(t * 3 * d), Batch: 1, Tokens: t, Dim: d, Heads: h,
			Scratch: make([]float32, AttentionScratch(Default().Threads(), t, d, h))}
		b.Run(fmt.Sprint(t), func(b *testing.B) {
			for b.Loop() {
				op.Run(Default())
			}
			reportFlops(b, 4*float64(t*t*d))
		})
	}
}
