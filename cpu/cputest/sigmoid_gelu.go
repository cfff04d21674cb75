package cputest

import (
	"math"

	"cradio/cpu"

	"github.com/stretchr/testify/require"
)

// approximations are the coefficients of GELU's approximations: quick, and by tanh.
var approximations = [][2]float64{{1.702, 0}, {1.5957691216057308, 0.044715 * 1.5957691216057308}}

func naiveSigmoidGELU(a [2]float64) func(x float64) float64 {
	return func(x float64) float64 {
		u := a[0] * x
		if a[1] != 0 {
			u += a[1] * x * x * x
		}
		return x / (1 + math.Exp(-u))
	}
}

func sigmoidGELU[T cpu.Float](t *test) {
	for _, a := range approximations {
		for _, n := range []int{0, 1, 7, 8, 15, 16, 17, 100, 5000} {
			s := from(t, uint64(n))
			op := cpu.SigmoidGELU[T]{X: normal[T](s, n, 3), Y: dirty[T](s, n), Slope: a[0], Cubic: a[1]}
			verify(t, &op, op.Y, mapped(op.X, naiveSigmoidGELU(a)), 4)
		}
		extremes := cpu.SigmoidGELU[T]{X: []T{1e30, -1e30, 1e-30, -1e-30, 50, -50, T(math.NaN()), T(math.Inf(1))}, Y: make([]T, 8), Slope: a[0], Cubic: a[1]}
		run(t, &extremes)
		for i, want := range []T{1e30, 0, 0.5e-30, -0.5e-30, 50, 0} {
			require.InDelta(t, float64(want), float64(extremes.Y[i]), 1e-6*math.Abs(float64(want))+1e-7, "of %v", extremes.X[i])
		}
		require.True(t, math.IsNaN(float64(extremes.Y[6])))
		require.True(t, math.IsInf(float64(extremes.Y[7]), 1))
		x, dy := normal[float64](from(t, 2), 37, 2), normal[float64](from(t, 3), 37, 1)
		f := cpu.SigmoidGELU[float64]{X: x, Y: make([]float64, 37), Slope: a[0], Cubic: a[1]}
		g := cpu.SigmoidGELUGrad[float64]{X: x, DY: dy, DX: make([]float64, 37), Slope: a[0], Cubic: a[1]}
		run(t, &g)
		derivative(t, x, g.DX, dy, func() []float64 { run(t, &f); return f.Y })
	}
	require.ErrorContains(t, (&cpu.SigmoidGELU[T]{X: make([]T, 2)}).Check(), "SigmoidGELU: Y has 0 elements")
	require.ErrorContains(t, (&cpu.SigmoidGELU[T]{Slope: -1}).Check(), "Slope is -1")
}
