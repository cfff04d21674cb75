package cpu

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// Sums that are finished while the next block is multiplied give what those have
// that are finished by themselves: of int8, whose sums are exact, the same bits.
func TestAMXFinish(t *testing.T) {
	amx, bf16 := poolAt(t, AMX), poolAt(t, AVX512BF16)
	const out = 70 // two whole panels, and some columns of one
	for _, s := range [][2]int{{1, 5}, {16, 64}, {17, 130}, {33, 1000}, {45, 2000}, {97, 800}, {130, 70}} {
		rows, in := s[0], s[1]
		values, w, bias, scale, residual := noise(1, rows*in), noise(2, out*in), noise(3, out), noise(4, out), noise(5, rows*out)
		for _, f := range []Form{BFloat16, Int8} {
			x := newActivations(f, rows, in)
			for r := range rows {
				x.Set(r, values[r*in:(r+1)*in])
			}
			for _, c := range []LowPrecisionLinear{
				{}, {Bias: bias}, {Bias: bias, GELU: true},
				{Residual: residual}, {Residual: residual, Bias: bias, Scale: scale}, {Residual: residual, GELU: true}, {Scale: scale},
			} {
				run := func(p *Pool) []float32 {
					op := c
					op.X, op.W, op.Rows = x, PackLowPrecision(p, w, out, in, f), rows
					y := make([]float32, rows*out)
					if c.Residual == nil {
						op.LowY = newActivations(BFloat16, rows, out)
					} else {
						op.Y = y
						copy(y, c.Residual)
						op.Residual = y
					}
					require.NoError(t, op.Check())
					op.Run(p)
					for r := 0; r < rows && op.LowY != nil; r++ {
						op.LowY.Get(r, 0, y[r*out:(r+1)*out])
					}
					return y
				}
				got, want := run(amx), run(bf16)
				for i, v := range want {
					if f == Int8 {
						require.Equal(t, v, got[i], "%v %v element %d", s, f, i)
						continue
					}
					tolerance := 1e-4 * math.Sqrt(float64(in)) * 3
					if c.Residual == nil {
						tolerance += math.Abs(float64(v)) / 128
					}
					require.InDelta(t, v, got[i], tolerance, "%v %v element %d", s, f, i)
				}
			}
		}
	}
}
