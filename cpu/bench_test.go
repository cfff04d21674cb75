package cpu

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"
)

// The benchmarks report the fraction of the machine's float32 peak: the median
// of rounds, each divided by the peak measured just before and after it, rounds
// in which the peak moved left out. Run them with a number of rounds, such as
// -benchtime 40x; CRADIO_CPU chooses the level.

func filled(n int) []float32 {
	x := make([]float32, n)
	s := uint32(1)
	for i := range x {
		s = s*1664525 + 1013904223
		x[i] = float32(int32(s)) / (1 << 31)
	}
	return x
}

// filledWeight gives outputs of magnitude 1, as in a model: those of magnitude 10 have a GELU
// that is a denormal number, which takes the processor many times as long.
func filledWeight(out, in int) []float32 {
	w := filled(out * in)
	for i := range w {
		w[i] *= 3 / float32(math.Sqrt(float64(in)))
	}
	return w
}

type runner interface{ Run(*Pool) }

// rounds runs op for about 5 ms a round. flop is what the fraction counts. Each
// run is after one of before, if there is one, which takes no time.
func rounds(b *testing.B, op runner, flop float64, before ...runner) {
	p := Default()
	p.Enter()
	defer p.Leave()
	op.Run(p)
	start := time.Now()
	op.Run(p)
	n := max(1, int(5*time.Millisecond/max(1, time.Since(start))))
	var fractions, times []float64
	for b.Loop() {
		peak := Peak(p)
		t := 0.0
		for range n {
			for _, other := range before {
				other.Run(p)
			}
			start := time.Now()
			op.Run(p)
			t += time.Since(start).Seconds() / float64(n)
		}
		after := Peak(p)
		times = append(times, t)
		if d := after / peak; peak == 0 || d > 0.96 && d < 1.04 {
			fractions = append(fractions, flop/t/max(peak, 1))
		}
	}
	slices.Sort(times)
	b.ReportMetric(times[len(times)/2]*1e6, "µs/run")
	b.ReportMetric(flop/times[len(times)/2]/1e9, "GFLOP/s")
	if len(fractions) > 0 && Peak(p) > 0 {
		slices.Sort(fractions)
		b.ReportMetric(fractions[len(fractions)/2], "of-peak")
		b.ReportMetric(fractions[len(fractions)*9/10], "of-peak-p90")
	}
	b.ReportMetric(0, "ns/op")
}

var models = []struct {
	name       string
	dim, heads int
	tokens     []int
}{{"B", 768, 12, []int{205, 739}}, {"L", 1024, 16, []int{205, 739}}, {"H", 1280, 16, []int{739}}}

// BenchmarkLinear is of rows on their own, BenchmarkLinearOfPictures of rows that make up
// a picture: as a model computes them, and above the peak where multiplications are saved.
func BenchmarkLinear(b *testing.B) {
	benchmarkLinear(b, func(int) int { return 0 })
}

func BenchmarkLinearOfPictures(b *testing.B) {
	benchmarkLinear(b, func(rows int) int { return rows })
}

func benchmarkLinear(b *testing.B, tokens func(rows int) int) {
	for _, m := range models {
		for _, t := range m.tokens {
			for _, l := range []struct {
				name    string
				out, in int
			}{{"qkv", 3 * m.dim, m.dim}, {"proj", m.dim, m.dim}, {"fc1", 4 * m.dim, m.dim}, {"fc2", m.dim, 4 * m.dim}} {
				b.Run(fmt.Sprintf("%s/%d/%s", m.name, t, l.name), func(b *testing.B) {
					op := &Linear[float32]{
						Y: make([]float32, t*l.out), X: filled(t * l.in), W: Pack(Default(), filledWeight(l.out, l.in), l.out, l.in),
						Bias: filled(l.out), Rows: t, Tokens: tokens(t), GELU: l.name == "fc1",
					}
					if l.out == m.dim {
						op.Residual = op.Y
					}
					rounds(b, op, 2*float64(t)*float64(l.out)*float64(l.in))
				})
			}
		}
	}
}

func BenchmarkAttention(b *testing.B) {
	for _, m := range models {
		for _, t := range m.tokens {
			b.Run(fmt.Sprintf("%s/%d", m.name, t), func(b *testing.B) {
				rounds(b, &Attention[float32]{
					Y: make([]float32, t*m.dim), QKV: filled(t * 3 * m.dim), Batch: 1, Tokens: t, Dim: m.dim, Heads: m.heads,
					Scratch: make([]float32, AttentionScratch(Default().Threads(), t, m.dim, m.heads)),
				}, 4*float64(t)*float64(t)*float64(m.dim))
			})
		}
	}
}

// Cold is after the rows were written, as a product would: each by a thread that
// need not read them.
func BenchmarkLowPrecisionAttention(b *testing.B) {
	for _, m := range models {
		for _, t := range append(m.tokens, 1034, 4106) {
			op := &LowPrecisionAttention{
				QKV: newActivations(BFloat16, t, 3*m.dim), LowY: newActivations(BFloat16, t, m.dim),
				Batch: 1, Tokens: t, Dim: m.dim, Heads: m.heads,
			}
			write := &Convert{Y: op.QKV, X: filled(t * 3 * m.dim)}
			write.Run(Default())
			flop := 4 * float64(t) * float64(t) * float64(m.dim)
			b.Run(fmt.Sprintf("%s/%d/warm", m.name, t), func(b *testing.B) { rounds(b, op, flop) })
			b.Run(fmt.Sprintf("%s/%d/cold", m.name, t), func(b *testing.B) { rounds(b, op, flop, write) })
		}
	}
}

// BenchmarkAttentionGrad counts five products.
func BenchmarkAttentionGrad(b *testing.B) {
	for _, m := range models {
		for _, t := range m.tokens {
			b.Run(fmt.Sprintf("%s/%d", m.name, t), func(b *testing.B) {
				rounds(b, &AttentionGrad[float32]{
					DQKV: make([]float32, t*3*m.dim), QKV: filled(t * 3 * m.dim), DY: filled(t * m.dim), Batch: 1, Tokens: t, Dim: m.dim, Heads: m.heads,
					Scratch: make([]float32, AttentionGradScratch(Default().Threads(), t, m.dim, m.heads)),
				}, 10*float64(t)*float64(t)*float64(m.dim))
			})
		}
	}
}

// BenchmarkLinearGrads is of the derivatives of a Linear, of one and of eight pictures.
func BenchmarkLinearGrads(b *testing.B) {
	for _, m := range models[:2] {
		for _, images := range []int{1, 8} {
			for _, l := range []struct {
				name    string
				out, in int
			}{{"qkv", 3 * m.dim, m.dim}, {"proj", m.dim, m.dim}, {"fc1", 4 * m.dim, m.dim}, {"fc2", m.dim, 4 * m.dim}} {
				const tokens = 205
				n := images * tokens
				x, dy, w := filled(n*l.in), filled(n*l.out), filled(l.out*l.in)
				flop := 2 * float64(n) * float64(l.out) * float64(l.in)
				name := fmt.Sprintf("%s/%d/%s", m.name, images, l.name)
				b.Run(name+"/input", func(b *testing.B) {
					rounds(b, &MatMul[float32]{
						C: make([]float32, n*l.in), A: dy, B: w, M: n, N: l.in, K: l.out, Tokens: tokens,
						Scratch: make([]float32, MatMulScratch(n, l.in, l.out, false, false)),
					}, flop)
				})
				b.Run(name+"/weight", func(b *testing.B) {
					rounds(b, &MatMul[float32]{
						C: make([]float32, l.out*l.in), A: dy, B: x, M: l.out, N: l.in, K: n, TransA: true,
						Scratch: make([]float32, MatMulScratch(l.out, l.in, n, true, false)),
					}, flop)
				})
				b.Run(name+"/unpacked", func(b *testing.B) {
					dense := Wrap(w, l.out, l.in)
					rounds(b, &Linear[float32]{Y: make([]float32, n*l.out), X: x, W: &dense, Rows: n, Tokens: tokens}, flop)
				})
			}
		}
	}
}

func BenchmarkGELUGrad(b *testing.B) {
	const n = 739 * 3072
	rounds(b, &GELUGrad[float32]{DX: make([]float32, n), X: filled(n), DY: filled(n)}, 40*n)
}

func BenchmarkLayerNormGrad(b *testing.B) {
	const rows, dim = 1640, 768
	x, dy, w := filled(rows*dim), filled(rows*dim), filled(dim)
	b.Run("x", func(b *testing.B) {
		rounds(b, &LayerNormGrad[float32]{DX: make([]float32, rows*dim), X: x, DY: dy, Weight: w, Rows: rows, Dim: dim, Eps: 1e-6}, 20*rows*dim)
	})
	b.Run("weight", func(b *testing.B) {
		rounds(b, &LayerNormGradWeight[float32]{DW: make([]float32, dim), X: x, DY: dy, Rows: rows, Dim: dim, Eps: 1e-6}, 10*rows*dim)
	})
	b.Run("sum", func(b *testing.B) {
		rounds(b, &SumRows[float32]{Y: make([]float32, dim), X: x, Rows: rows, Dim: dim}, rows*dim)
	})
}

func BenchmarkGELU(b *testing.B) {
	const n = 739 * 3072
	rounds(b, &GELU[float32]{Y: make([]float32, n), X: filled(n)}, 30*n)
}

func BenchmarkPack(b *testing.B) {
	const out, in = 3072, 768
	w := filled(out * in)
	b.SetBytes(4 * out * in)
	for b.Loop() {
		Pack(Default(), w, out, in)
	}
}
