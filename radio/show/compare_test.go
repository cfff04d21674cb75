package show

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
)

func TestCosines(t *testing.T) {
	got, err := Cosines([]float32{3, 4}, []float32{3, 4, -6, -8, 4, -3, 0, 0, 1, 0, 1e30, 0})
	require.NoError(t, err)
	require.InDeltaSlice(t, []float64{1, -1, 0, 0, 0.6, 0.6}, got, 1e-12)
	_, err = Cosines([]float32{1, 2}, []float32{1})
	require.ErrorContains(t, err, "1 values are not tokens of 2")
	require.Zero(t, Cosine([]float32{0, 0}, []float32{0, 0}))
}

func TestCompare(t *testing.T) {
	a := []float32{3, 4, 1, 0, 0, 0}
	d, err := Compare(a, []float32{3, 4, 0, 1, 0, 0}, 3)
	require.NoError(t, err)
	require.InDeltaSlice(t, []float64{1, 0, 0}, d.Cosines, 1e-12)
	require.InDeltaSlice(t, []float64{0, math.Sqrt2, 0}, d.Errors, 1e-12)
	require.InDelta(t, math.Sqrt(2.0/26), d.Error, 1e-12)
	d, err = Compare(a, []float32{1, 2, 3}, 3)
	require.NoError(t, err)
	require.Nil(t, d.Cosines)
	require.True(t, math.IsNaN(d.Error), "the widths differ")
	_, err = Compare(a, a, 4)
	require.ErrorContains(t, err, "want 4 tokens each")
}

// gramCKA is the definition: the product of centred kernels, as Kornblith et al. write it.
func gramCKA(a, b []float32, n int) float64 {
	kernel := func(x []float32) *mat.Dense {
		d := len(x) / n
		m := mat.NewDense(n, d, nil)
		for i, v := range x {
			m.Set(i/d, i%d, float64(v))
		}
		var k, c, out mat.Dense
		k.Mul(m, m.T())
		centre := mat.NewDense(n, n, nil)
		for i := range n {
			for j := range n {
				centre.Set(i, j, -1/float64(n))
			}
			centre.Set(i, i, 1-1/float64(n))
		}
		c.Mul(centre, &k)
		out.Mul(&c, centre)
		return &out
	}
	hsic := func(k, l *mat.Dense) float64 {
		var p mat.Dense
		p.Mul(k, l)
		return mat.Trace(&p)
	}
	k, l := kernel(a), kernel(b)
	return hsic(k, l) / math.Sqrt(hsic(k, k)*hsic(l, l))
}

func TestCKA(t *testing.T) {
	a, b := cloud(40, 9, 0.8), cloud(40, 6, 0.9)
	value := func(a, b []float32, parts ...int) float64 {
		var c CKA
		p, q := len(a)/40, len(b)/40
		from := 0
		for _, n := range parts {
			require.NoError(t, c.Add(a[from*p:(from+n)*p], b[from*q:(from+n)*q], n))
			from += n
		}
		return c.Value()
	}
	require.InDelta(t, gramCKA(a, b, 40), value(a, b, 40), 1e-9)
	require.InDelta(t, gramCKA(a, b, 40), value(a, b, 15, 25), 1e-9, "an image at a time")
	require.InDelta(t, 1, value(a, a, 40), 1e-9)
	moved := make([]float32, len(a)) // mirrored, rotated and scaled
	for i := range 40 {
		for j := range 9 {
			moved[i*9+j] = -3*a[i*9+8-j] + 7
		}
	}
	require.InDelta(t, 1, value(a, moved, 40), 1e-6)
	for name, constant := range map[string][]float32{"zeros": make([]float32, 40), "alike": func() []float32 {
		x := make([]float32, 40)
		for i := range x {
			x[i] = 0.1
		}
		return x
	}()} {
		require.True(t, math.IsNaN(value(a, constant, 40)), name)
	}
	require.True(t, math.IsNaN(value(a, b, 1)), "one token")
	var c CKA
	require.True(t, math.IsNaN(c.Value()))
	require.ErrorContains(t, c.Add(a, b, 7), "want 7 tokens each")
	require.NoError(t, c.Add(a, b, 40))
	require.ErrorContains(t, c.Add(a, a, 40), "must have features of the same widths")
}

func TestRegrid(t *testing.T) {
	x := []float32{1, 10, 2, 20, 3, 30, 4, 40} // 2×2 of two numbers
	require.Equal(t, x, Regrid(x, 2, 2, 2, 2))
	require.InDeltaSlice(t, []float32{2.5, 25}, Regrid(x, 2, 2, 1, 1), 1e-6)
	fine := Regrid(x, 2, 2, 4, 4)
	require.Equal(t, []float32{1, 10}, fine[:2], "the corner has its neighbour's value")
	require.InDelta(t, 1.25, fine[2], 1e-6)
	back := Regrid([]float32{5, 5, 5, 5, 5, 5}, 2, 3, 7, 1)
	for _, v := range back {
		require.InDelta(t, 5, v, 1e-6, "what is constant stays")
	}
}
