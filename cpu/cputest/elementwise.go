package cputest

import (
	"math"

	"cradio/cpu"

	"github.com/stretchr/testify/require"
)

var lengths = []int{0, 1, 13, 15, 16, 31, 33, 64, 127, 1000, 16384 + 17, 40001}

// mapped is want for an elementwise function.
func mapped[T cpu.Float](x []T, f func(float64) float64) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = f(float64(v))
	}
	return y
}

func gelu[T cpu.Float](t *test) {
	for i, n := range lengths {
		s := from(t, uint64(i))
		op := cpu.GELU[T]{X: normal[T](s, n, 3), Y: dirty[T](s, n)}
		verify(t, &op, op.Y, mapped(op.X, naiveGELU), 4)
	}
	t.Run("everywhere", func(t *test) {
		const n = 4001
		op := cpu.GELU[T]{X: buffer[T](t, n), Y: buffer[T](t, n)}
		for i := range op.X {
			op.X[i] = T(float64(i-n/2) / 200)
		}
		run(t, &op)
		for i, w := range mapped(op.X, naiveGELU) {
			// a rounding of the result, or of x·Φ where Φ is small
			limit := roundoff[T]() * max(8*math.Abs(w), math.Abs(float64(op.X[i])))
			require.InDelta(t, w, float64(op.Y[i]), limit, "gelu(%v)", op.X[i])
		}
	})
	t.Run("denormal", func(t *test) {
		op := cpu.GELU[T]{X: []T{1e-40, -1e-40, 0, 1e-30}, Y: make([]T, 4)}
		run(t, &op)
		for i, x := range op.X {
			require.InDelta(t, float64(x/2), float64(op.Y[i]), float64(1e-45+1e-6*max(x, -x)))
		}
	})
	t.Run("non-finite", func(t *test) {
		for _, v := range nonFinite {
			op := cpu.GELU[T]{X: normal[T](from(t, 1), 37, 1), Y: make([]T, 37)}
			op.X[36] = T(v)
			run(t, &op)
			near(t, op.Y, mapped(op.X, naiveGELU), 4)
		}
	})
	s := from(t, 1)
	x, dy := normal[float64](s, 37, 1), normal[float64](s, 37, 1)
	f := cpu.GELU[float64]{X: x, Y: make([]float64, 37)}
	g := cpu.GELUGrad[float64]{X: x, DY: dy, DX: make([]float64, 37)}
	run(t, &g)
	derivative(t, x, g.DX, dy, func() []float64 { run(t, &f); return f.Y })
	require.ErrorContains(t, (&cpu.GELU[T]{X: make([]T, 2)}).Check(), "GELU: Y has 0 elements")
}

func geluGrad[T cpu.Float](t *test) {
	exact := func(g *cpu.GELUGrad[T]) []float64 {
		e := cpu.GELUGrad[float64]{X: float64s(g.X), DY: float64s(g.DY), DX: make([]float64, len(g.X))}
		run(t, &e)
		return e.DX
	}
	s := from(t, 1)
	for _, n := range lengths {
		g := cpu.GELUGrad[T]{X: normal[T](s, n, 2), DY: normal[T](s, n, 1), DX: dirty[T](s, n)}
		verify(t, &g, g.DX, exact(&g), 4)
	}
	t.Run("everywhere", func(t *test) {
		const n = 8001
		g := cpu.GELUGrad[T]{X: buffer[T](t, n), DY: buffer[T](t, n), DX: buffer[T](t, n)}
		for i := range g.X {
			g.X[i], g.DY[i] = T(float64(i-n/2)/250), 1
		}
		run(t, &g)
		for i, w := range exact(&g) {
			x := math.Abs(float64(g.X[i]))
			// roundings of the result, of its two terms, and of the exponent x²/2; what is
			// nearly denormal may become 0
			limit := roundoff[T]()*(8*math.Abs(w)+(6+x*x)*(1+x)*math.Exp(-x*x/2)) + 0x1p-120
			require.InDelta(t, w, float64(g.DX[i]), limit, "x = %v", g.X[i])
		}
	})
	t.Run("non-finite", func(t *test) {
		for _, v := range nonFinite {
			for _, at := range []int{3, 36} {
				g := cpu.GELUGrad[T]{X: normal[T](s, 37, 1), DY: normal[T](s, 37, 1), DX: dirty[T](s, 37)}
				g.X[at] = T(v)
				run(t, &g)
				near(t, g.DX, exact(&g), 4)
				g.X[at], g.DY[at] = 1, T(v)
				run(t, &g)
				near(t, g.DX, exact(&g), 4)
				g.DX = g.DY
				want := exact(&g)
				run(t, &g)
				near(t, g.DX, want, 4)
			}
		}
	})
}

func relu[T cpu.Float](t *test) {
	for i, n := range lengths {
		s := from(t, uint64(i))
		op := cpu.ReLU[T]{X: normal[T](s, n, 1), Y: dirty[T](s, n)}
		g := cpu.ReLUGrad[T]{X: op.X, DY: normal[T](s, n, 1), DX: dirty[T](s, n)}
		if n > 2 {
			op.X[0], op.X[1], op.X[2] = 0, T(math.NaN()), T(math.Inf(1))
		}
		verify(t, &op, op.Y, mapped(op.X, func(x float64) float64 { return max(x, 0) }), 0)
		want := float64s(g.DY)
		for j, v := range op.X {
			if v <= 0 {
				want[j] = 0
			} else if v != v {
				want[j] = math.NaN()
			}
		}
		verify(t, &g, g.DX, want, 0)
	}
}

func binary[T cpu.Float](t *test) {
	for kind, f := range []func(a, b float64) float64{
		cpu.Add: func(a, b float64) float64 { return a + b },
		cpu.Sub: func(a, b float64) float64 { return a - b },
		cpu.Mul: func(a, b float64) float64 { return a * b },
		cpu.Div: func(a, b float64) float64 { return a / b },
	} {
		for _, c := range [][2]int{{0, 0}, {1, 1}, {33, 33}, {33, 1}, {15, 5}, {7 * 768, 768}, {40000, 40000}, {40000, 20000}, {50000, 1}} {
			s := from(t, 1)
			op := cpu.Binary[T]{A: normal[T](s, c[0], 1), B: normal[T](s, c[1], 1), Y: dirty[T](s, c[0]), Op: cpu.BinaryOp(kind)}
			if len(op.A) > 4 && len(op.B) > 0 {
				op.A[1], op.A[2], op.B[0] = T(math.NaN()), T(math.Inf(1)), 0.5
			}
			want := make([]float64, len(op.A))
			for i, a := range op.A {
				want[i] = float64(T(f(float64(a), float64(op.B[i%len(op.B)])))) // exact: float64 has more than twice the digits
			}
			verify(t, &op, op.Y, want, 0)
			op.Y = op.A
			run(t, &op)
			near(t, op.Y, want, 0)
		}
	}
	require.ErrorContains(t, (&cpu.Binary[T]{Op: 4}).Check(), "Op is 4")
	require.ErrorContains(t, (&cpu.Binary[T]{A: make([]T, 5), B: make([]T, 2), Y: make([]T, 5)}).Check(), "multiple of B's 2")
	require.ErrorContains(t, (&cpu.Binary[T]{A: make([]T, 5), Y: make([]T, 5)}).Check(), "multiple of B's 0")
}

func scale[T cpu.Float](t *test) {
	for _, n := range lengths {
		s := from(t, 1)
		op := cpu.Scale[T]{X: normal[T](s, n, 1), Y: dirty[T](s, n), Factor: 1 / math.Sqrt(3)}
		verify(t, &op, op.Y, mapped(op.X, func(x float64) float64 { return x * op.Factor }), 1)
	}
}

func normalize[T cpu.Float](t *test) {
	for _, c := range [][3]int{{1, 1, 1}, {2, 3, 33}, {1, 3, 224 * 224}, {0, 3, 5}} {
		s := from(t, 1)
		n := c[0] * c[1] * c[2]
		op := cpu.Normalize[T]{X: normal[T](s, n, 1), Y: dirty[T](s, n), Mean: normal[T](s, c[1], 1), Std: normal[T](s, c[1], 1), Batch: c[0], Channels: c[1], Plane: c[2]}
		g := cpu.NormalizeGrad[T]{DY: op.X, DX: dirty[T](s, n), Std: op.Std, Batch: c[0], Channels: c[1], Plane: c[2]}
		want, grad := make([]float64, n), make([]float64, n)
		for i, x := range op.X {
			ch := i / c[2] % c[1]
			want[i] = float64((x - op.Mean[ch]) / op.Std[ch])
			grad[i] = float64(x / op.Std[ch])
		}
		verify(t, &op, op.Y, want, 0)
		verify(t, &g, g.DX, grad, 0)
	}
}

func firstNonFinite[T cpu.Float](t *test) {
	require.Equal(t, -1, cpu.FirstNonFinite([]T(nil)))
	x := normal[T](from(t, 1), 133, 1)
	require.Equal(t, -1, cpu.FirstNonFinite(x))
	for _, i := range []int{132, 64, 17, 0} {
		for _, v := range nonFinite {
			x[i] = T(v)
			require.Equal(t, i, cpu.FirstNonFinite(x))
		}
	}
}

func cast[To, From cpu.Float](t *test) {
	for i, n := range lengths {
		s := from(t, uint64(i))
		op := cpu.Cast[To, From]{X: normal[From](s, n, 3), Y: dirty[To](s, n)}
		verify(t, &op, op.Y, float64s(op.X), 1)
	}
	for _, v := range append([]float64{0, 0x1p-149, -0x1.fffffep127}, nonFinite...) {
		op := cpu.Cast[To, From]{X: []From{From(v)}, Y: make([]To, 1)}
		run(t, &op)
		near(t, op.Y, []float64{v}, 0)
	}
	require.ErrorContains(t, (&cpu.Cast[To, From]{X: make([]From, 2)}).Check(), "Cast: Y has 0 elements")
}
