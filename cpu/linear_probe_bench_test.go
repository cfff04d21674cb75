package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// BenchmarkLinearProbe is a step of the probe that bench/peers/probe.py compares with PyTorch:
// 1024 of 8192 rows of 2304, 100 classes.
func BenchmarkLinearProbe(b *testing.B) {
	const rows, width, classes, batch = 8192, 2304, 100, 1024
	x := noise(1, rows*width)
	short := make([]uint16, len(x))
	for i, v := range x {
		short[i] = uint16(math.Float32bits(v) >> 16)
	}
	for _, heads := range []int{1, 13} {
		for _, low := range []bool{false, true} {
			b.Run(fmt.Sprintf("heads=%d/bfloat16=%v", heads, low), func(b *testing.B) {
				n := heads * classes
				op := LinearProbe{Width: width, Classes: classes, Rows: make([]int, batch), Labels: make([]int32, batch), Inputs: []LinearProbeInput{{
					To: width, Heads: heads, Weight: hundredths(noise(2, n*width)), Bias: make([]float32, n), DWeight: make([]float32, n*width), DBias: make([]float32, n), Loss: make([]float64, heads),
				}}}
				if low {
					op.BFloat16 = func(i int) []uint16 { return short[i*width:][:width] }
				} else {
					op.Float32 = func(i int) []float32 { return x[i*width:][:width] }
				}
				r := rand.New(rand.NewPCG(1, 2))
				for b.Loop() {
					for i := range op.Rows {
						op.Rows[i], op.Labels[i] = r.IntN(rows), int32(r.IntN(classes))
					}
					op.Run(Default())
				}
				b.ReportMetric(4*batch*width*float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}

// hundredths are the weights that a probe starts from.
func hundredths(w []float32) []float32 {
	for i := range w {
		w[i] *= 0.01
	}
	return w
}
