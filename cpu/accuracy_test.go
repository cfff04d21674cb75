package cpu_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"cradio/cpu"

	"github.com/stretchr/testify/require"
)

// What conformance asks of every level: its marks are ratios to PyTorch's own
// errors, about 3.5e-7 of the values for an inner product of 768 (MKL sums
// float32 one after another), and on small tensors PyTorch is sometimes lucky.
//
//   - A small product, up to SmallDefault multiplications, is computed in
//     float64 and rounded once at every level: it costs nothing.
//   - A large one is summed in float32 in short chunks whose sums are added
//     apart, so that its error is well below half of PyTorch's.
func TestInnerProductsAreAccurateAtEveryLevel(t *testing.T) {
	for _, level := range cpu.Levels() {
		t.Run(level.String(), func(t *testing.T) {
			p, err := cpu.NewPoolAt(level, 0)
			require.NoError(t, err)
			defer p.Close()
			for _, s := range [][3]int{{26, 64, 64}, {26, 256, 64}, {1, 96, 64}, {9, 64, 768}, {205, 192, 768}, {205, 128, 1024}, {205, 128, 3072}} {
				rows, out, in := s[0], s[1], s[2]
				limit := 1.5e-7
				if rows*out*in <= cpu.SmallDefault {
					limit = 4e-8
				}
				got := relativeError(p, rows, out, in, cpu.SmallDefault)
				t.Logf("%v: %.2g of the values", s, got)
				require.LessOrEqual(t, got, limit, fmt.Sprintf("%v %v", level, s))
			}
		})
	}
}

// A product of one row, or with one output, is computed in float64, whatever the limit of small operations.
func TestProductsOfOneRowAreExact(t *testing.T) {
	for _, level := range cpu.Levels() {
		p, err := cpu.NewPoolAt(level, 0)
		require.NoError(t, err)
		defer p.Close()
		require.LessOrEqual(t, relativeError(p, 1, 96, 768, 0), 4e-8, level)
		require.LessOrEqual(t, relativeError(p, 205, 1, 768, 0), 4e-8, level)
	}
}

// A sum of few elements is computed in float64, whatever the limit: eighths are not lost beside values of 2³⁰
// that cancel.
func TestSumsOfFewElementsAreExact(t *testing.T) {
	for _, level := range cpu.Levels() {
		p, err := cpu.NewPoolAt(level, 0)
		require.NoError(t, err)
		defer p.Close()
		const rows, dim = 32, 3
		x, y := make([]float32, rows*dim), make([]float32, dim)
		for i := range x {
			x[i] = 1.0 / 8
		}
		x[0], x[31*dim] = 1<<30, -(1 << 30)
		(&cpu.SumRows[float32]{Y: y, X: x, Rows: rows, Dim: dim}).Run(p)
		require.Equal(t, []float32{3.75, 4, 4}, y, level)
	}
}

// relativeError is the rms error of a packed Linear on normal values, as a part
// of the rms of its results.
func relativeError(p *cpu.Pool, rows, out, in, small int) float64 {
	rng := rand.New(rand.NewPCG(uint64(rows), uint64(in)))
	normal := func(n int, scale float64) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(rng.NormFloat64() * scale)
		}
		return v
	}
	x, w := normal(rows*in, 1), normal(out*in, 1/math.Sqrt(float64(in)))
	y := make([]float32, rows*out)
	op := cpu.Linear[float32]{Y: y, X: x, W: cpu.Pack(p, w, out, in), Rows: rows, Small: small}
	op.Run(p)
	var errs, values float64
	for r := range rows {
		for o := range out {
			var want float64
			for k := range in {
				want += float64(x[r*in+k]) * float64(w[o*in+k])
			}
			d := float64(y[r*out+o]) - want
			errs += d * d
			values += want * want
		}
	}
	return math.Sqrt(errs / values)
}
