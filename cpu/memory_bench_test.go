package cpu

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"cradio/cpu/internal/pool"
)

// What moves much and computes little is bound by memory: these benchmarks report
// bytes read and written in a second, and of-copy, that beside a plain copy of as
// many bytes by the same threads, measured just before: the median of rounds.

// copying copies Src to Dst.
type copying struct{ dst, src []float32 }

func (op *copying) Run(p *Pool) { p.Run(pool.Blocks(len(op.dst), pool.Grain), op) }

func (op *copying) Do(_, i int) {
	lo, hi := pool.Span(i, pool.Grain, len(op.dst))
	copy(op.dst[lo:hi], op.src[lo:hi])
}

// streams runs op, which reads and writes some bytes, for about 5 ms a round.
func streams(b *testing.B, op runner, bytes int) {
	p := Default()
	p.Enter()
	defer p.Leave()
	plain := &copying{make([]float32, bytes/8), filled(bytes / 8)}
	seconds := func(op runner, n int) float64 {
		start := time.Now()
		for range n {
			op.Run(p)
		}
		return time.Since(start).Seconds() / float64(n)
	}
	seconds(plain, 1)
	n := max(1, int(0.005/max(seconds(op, 2), 1e-9)))
	var times, fractions []float64
	for b.Loop() {
		beside := seconds(plain, n)
		t := seconds(op, n)
		times, fractions = append(times, t), append(fractions, beside/t)
	}
	slices.Sort(times)
	slices.Sort(fractions)
	b.ReportMetric(times[len(times)/2]*1e6, "µs/run")
	b.ReportMetric(float64(bytes)/times[len(times)/2]/1e9, "GB/s")
	b.ReportMetric(fractions[len(fractions)/2], "of-copy")
	b.ReportMetric(0, "ns/op")
}

// forms are what activations are written in; nil is float32.
var forms = []struct {
	name  string
	make  func(rows, cols int) *Activations
	bytes int // of an element
}{
	{"float32", func(int, int) *Activations { return nil }, 4},
	{"bfloat16", func(rows, cols int) *Activations { return newActivations(BFloat16, rows, cols) }, 2},
	{"int8", func(rows, cols int) *Activations { return newActivations(Int8, rows, cols) }, 1},
}

func BenchmarkPatches(b *testing.B) {
	const side, size, n = 432, 16, 3 * 432 * 432
	for _, f := range forms[:2] {
		for _, mean := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/normalize=%v", f.name, mean), func(b *testing.B) {
				op := &Patches[float32]{X: filled(n), Batch: 1, Channels: 3, H: side, W: side, Size: size, LowY: f.make(n/(3*size*size), 3*size*size)}
				if op.LowY == nil {
					op.Y = make([]float32, n)
				}
				if mean {
					op.Mean, op.Std = filled(3), filled(3)
				}
				streams(b, op, n*(4+f.bytes))
			})
		}
	}
}

func BenchmarkNormalize(b *testing.B) {
	const plane = 432 * 432
	streams(b, &Normalize[float32]{Y: make([]float32, 3*plane), X: filled(3 * plane), Mean: filled(3), Std: filled(3), Batch: 1, Channels: 3, Plane: plane}, 8*3*plane)
}

// Four rows are read for one that is written, but most of them from the caches.
func BenchmarkResizeTable(b *testing.B) {
	for _, m := range models {
		b.Run(m.name, func(b *testing.B) {
			const grid, side = 128, 27
			streams(b, &ResizeTable[float32]{
				Y: make([]float32, side*side*m.dim), X: filled(grid * grid * m.dim),
				Grid: grid, Square: side, H: side, W: side, Dim: m.dim,
			}, 5*4*side*side*m.dim)
		})
	}
}

func BenchmarkGather(b *testing.B) {
	const t, d = 739, 768
	index := make([]int32, t-10)
	for i := range index {
		index[i] = int32(10 + i)
	}
	streams(b, &Gather[float32]{Y: make([]float32, len(index)*d), X: filled(t * d), Index: index, Batch: 1, InRows: t, OutRows: len(index), Dim: d}, 8*len(index)*d)
}

func BenchmarkConcat(b *testing.B) {
	const prefix, t, d = 10, 729, 768
	op := Concat[float32]{Y: make([]float32, (prefix+t)*d), A: filled(prefix * d), B: filled(t * d), Batch: 1, ARows: prefix, BRows: t, Dim: d}
	b.Run("plain", func(b *testing.B) { streams(b, &op, 8*(prefix+t)*d) })
	op.Sum = filled(t * d)
	b.Run("sum", func(b *testing.B) { streams(b, &op, 8*(prefix+t)*d+4*t*d) })
}

func BenchmarkBinary(b *testing.B) {
	const n = 739 * 768
	for op := Add; op <= Div; op++ {
		b.Run(op.String(), func(b *testing.B) {
			streams(b, &Binary[float32]{Y: make([]float32, n), A: filled(n), B: filled(n), Op: op}, 12*n)
		})
	}
}

func BenchmarkTranspose(b *testing.B) {
	const t, d = 729, 768
	streams(b, &Transpose[float32]{Y: make([]float32, t*d), X: filled(t * d), Batch: 1, Rows: t, Cols: d}, 8*t*d)
}

func BenchmarkLayerNorm(b *testing.B) {
	const t, d = 739, 768
	for _, f := range forms {
		b.Run(f.name, func(b *testing.B) {
			op := &LayerNorm[float32]{LowY: f.make(t, d), X: filled(t * d), Weight: filled(d), Bias: filled(d), Rows: t, Dim: d, Eps: 1e-6}
			if op.LowY == nil {
				op.Y = make([]float32, t*d)
			}
			streams(b, op, t*d*(4+f.bytes))
		})
	}
}

func BenchmarkConvert(b *testing.B) {
	const t, d = 739, 3072
	for _, f := range forms[1:] {
		b.Run(f.name, func(b *testing.B) {
			streams(b, &Convert{Y: f.make(t, d), X: filled(t * d)}, t*d*(4+f.bytes))
		})
	}
	b.Run("bfloat16 to int8", func(b *testing.B) {
		streams(b, &Convert{Y: newActivations(Int8, t, d), LowX: converted(BFloat16, t, d)}, 3*t*d)
	})
}
