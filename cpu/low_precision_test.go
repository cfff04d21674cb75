package cpu

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"cradio/cpu/internal/gemm"

	"github.com/stretchr/testify/require"
)

func noise(seed uint64, n int) []float32 {
	s := rand.New(rand.NewPCG(seed, 1))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(s.NormFloat64())
	}
	return x
}

func newActivations(p Form, rows, cols int) *Activations {
	return &Activations{Form: p, Rows: rows, Cols: cols, Data: make([]byte, ActivationsBytes(p, rows, cols))}
}

func TestLowPrecisionRoundsToTheNearest(t *testing.T) {
	for p, most := range map[Form]float64{BFloat16: 1. / 256, Int8: 6. / 255 / 2} {
		const rows, cols = 3, 101
		x := noise(1, rows*cols)
		n := newActivations(p, rows, cols)
		op := Convert{Y: n, X: x}
		require.NoError(t, op.Check())
		op.Run(Default())
		got := make([]float32, cols)
		for r := range rows {
			n.Get(r, 0, got)
			for i, v := range got {
				want := float64(x[r*cols+i])
				tolerance := most
				if p == BFloat16 {
					tolerance *= math.Abs(want)
				}
				require.InDelta(t, want, float64(v), tolerance, "%v row %d column %d", p, r, i)
			}
		}
	}
}

func TestLowPrecisionLinearIsLinearOnRoundedOperands(t *testing.T) {
	for _, p := range []Form{BFloat16, Int8} {
		const rows, in, out = 37, 70, 65
		x, w := noise(1, rows*in), noise(2, out*in)
		bias, scale, residual := noise(3, out), noise(4, out), noise(5, rows*out)
		n := newActivations(p, rows, in)
		(&Convert{Y: n, X: x}).Run(Default())
		y := make([]float32, rows*out)
		op := LowPrecisionLinear{X: n, W: PackLowPrecision(Default(), w, out, in, p), Y: y, Bias: bias, Rows: rows, GELU: true, Scale: scale, Residual: residual}
		require.NoError(t, op.Check())
		op.Run(Default())
		for r := range rows {
			n.Get(r, 0, x[r*in:(r+1)*in])
		}
		rounded := gemm.Values(gemm.PackLow(poolAt(t, Plain).threads, w, out, in, p))
		want := make([]float32, rows*out)
		matrix := Wrap(rounded, out, in)
		full := Linear[float32]{Small: SmallDefault, X: x, W: &matrix, Y: want, Bias: bias, Rows: rows, GELU: true, Scale: scale, Residual: residual}
		full.Run(Default())
		for i := range want {
			require.InDelta(t, want[i], y[i], 1e-4, "%v %d", p, i)
		}
	}
}

// A weight packed for one level serves at any other, and can be restored from its
// sections at its own.
func TestLowPrecisionMatrixKeepsItsLevel(t *testing.T) {
	pools := everyPool(t)
	const rows, out, in = 9, 40, 4099
	w := noise(2, out*in)
	for _, p := range []Form{BFloat16, Int8} {
		x := newActivations(p, rows, in)
		(&Convert{Y: x, X: noise(1, rows*in)}).Run(pools[0])
		var want []float32
		for _, packer := range pools {
			m := PackLowPrecision(packer, w, out, in, p)
			require.Equal(t, PackedLowPrecisionBytes(packer, p, out, in), m.Bytes())
			sections := map[string][]byte{}
			for _, s := range m.Sections() {
				sections[s.Name] = s.Data
			}
			restored, err := Restore(packer, p, out, in, func(name string) []byte { return sections[name] })
			require.NoError(t, err)
			first := make([]float32, rows*out)
			(&LowPrecisionLinear{X: x, Y: first, W: m, Rows: rows}).Run(packer)
			for _, pool := range pools {
				for _, w := range []*LowPrecisionMatrix{m, restored.(*LowPrecisionMatrix)} {
					op := LowPrecisionLinear{X: x, Y: make([]float32, rows*out), W: w, Rows: rows}
					require.NoError(t, op.Check())
					op.Run(pool)
					for i := range first {
						require.Equal(t, first[i], op.Y[i], "%v packed for %v, run at %v", p, packer.Level(), pool.Level())
					}
				}
			}
			if want == nil {
				want = first
			}
			for i := range want {
				require.InDelta(t, want[i], first[i], 2e-3, "%v at %v", p, packer.Level())
			}
		}
	}
}

// Sums of int8 are exact: whatever a level makes its products of, what it makes of the
// sums has the same bits. The portable level, whose multiply-adds may be two instructions,
// has its own.
func TestInt8IsTheSameAtEachFastLevel(t *testing.T) {
	const rows, out, in = 2 * 67, 128, 1536
	w, bias, scale := noise(2, out*in), noise(3, out), noise(4, out)
	var first []float32
	for _, pool := range everyPool(t)[1:] {
		x := newActivations(Int8, rows, in)
		(&Convert{Y: x, X: noise(1, rows*in)}).Run(pool)
		for _, tokens := range []int{0, rows / 2} {
			y := noise(5, rows*out)
			op := LowPrecisionLinear{X: x, W: PackLowPrecision(pool, w, out, in, Int8), Y: y, Residual: y, Bias: bias, Scale: scale, Rows: rows, Tokens: tokens}
			require.NoError(t, op.Check())
			op.Run(pool)
			if first == nil {
				first = y
			}
			require.True(t, slices.Equal(first, y), "%v, %d tokens", pool.Level(), tokens)
		}
		if pool.Level() == Portable {
			first = nil
		}
	}
}
