package cputest

import (
	"cradio/cpu"

	"github.com/stretchr/testify/require"
)

var rowsDims = [][2]int{{1, 1}, {1, 13}, {3, 15}, {2, 31}, {7, 33}, {5, 768}, {131, 129}, {1, 16}, {0, 3}, {40, 1280}}

func layerNorm[T cpu.Float](t *test) {
	for i, c := range rowsDims {
		rows, dim := c[0], c[1]
		s := from(t, uint64(i))
		op := cpu.LayerNorm[T]{
			X: normal[T](s, rows*dim, 3), Y: dirty[T](s, rows*dim),
			Weight: normal[T](s, dim, 1), Bias: normal[T](s, dim, 1), Rows: rows, Dim: dim, Eps: 1e-6,
		}
		for j := range op.X {
			op.X[j] += 5
		}
		verify(t, &op, op.Y, naiveLayerNorm(float64s(op.X), float64s(op.Weight), float64s(op.Bias), rows, dim, op.Eps), 4)
	}
	t.Run("outlier", func(t *test) { // one channel far out, as trained models have
		s := from(t, 1)
		const rows, dim = 3, 768
		op := cpu.LayerNorm[T]{
			X: normal[T](s, rows*dim, 1e-2), Y: dirty[T](s, rows*dim),
			Weight: normal[T](s, dim, 1), Bias: make([]T, dim), Rows: rows, Dim: dim, Eps: 1e-6,
		}
		for r := range rows {
			op.X[r*dim+99] = 1e4
		}
		verify(t, &op, op.Y, naiveLayerNorm(float64s(op.X), float64s(op.Weight), float64s(op.Bias), rows, dim, op.Eps), 4)
	})
	t.Run("non-finite", func(t *test) {
		for _, v := range nonFinite {
			s := from(t, 1)
			op := cpu.LayerNorm[T]{
				X: normal[T](s, 3*37, 1), Y: dirty[T](s, 3*37),
				Weight: normal[T](s, 37, 1), Bias: normal[T](s, 37, 1), Rows: 3, Dim: 37, Eps: 1e-6,
			}
			op.X[37+36] = T(v)
			run(t, &op)
			near(t, op.Y, naiveLayerNorm(float64s(op.X), float64s(op.Weight), float64s(op.Bias), 3, 37, op.Eps), 4)
		}
	})
	require.ErrorContains(t, (&cpu.LayerNorm[T]{Rows: 1, Dim: 2, X: make([]T, 2), Y: make([]T, 3)}).Check(), "LayerNorm: Y")
}

func layerNormGrad[T cpu.Float](t *test) {
	for i, c := range [][2]int{{1, 2}, {3, 5}, {4, 13}, {2, 70}} {
		rows, dim := c[0], c[1]
		s := from(t, uint64(i))
		f := cpu.LayerNorm[float64]{
			X: normal[float64](s, rows*dim, 1), Y: make([]float64, rows*dim),
			Weight: normal[float64](s, dim, 1), Bias: normal[float64](s, dim, 1), Rows: rows, Dim: dim, Eps: 1e-2,
		}
		forward := func() []float64 { run(t, &f); return f.Y }
		dy := normal[float64](s, rows*dim, 1)
		g := cpu.LayerNormGrad[float64]{DX: make([]float64, rows*dim), X: f.X, Weight: f.Weight, DY: dy, Rows: rows, Dim: dim, Eps: f.Eps}
		run(t, &g)
		derivative(t, f.X, g.DX, dy, forward)
		gw := cpu.LayerNormGradWeight[float64]{DW: make([]float64, dim), X: f.X, DY: dy, Rows: rows, Dim: dim, Eps: f.Eps}
		run(t, &gw)
		derivative(t, f.Weight, gw.DW, dy, forward)
		gb := cpu.SumRows[float64]{Y: make([]float64, dim), X: dy, Rows: rows, Dim: dim}
		run(t, &gb)
		derivative(t, f.Bias, gb.Y, dy, forward)
	}
	for i, c := range rowsDims {
		rows, dim := c[0], c[1]
		s := from(t, uint64(i))
		x, w, dy := normal[T](s, rows*dim, 1), normal[T](s, dim, 1), normal[T](s, rows*dim, 1)
		if dim == 1 {
			continue // dx is 0 up to rounding: nothing to be relative to
		}
		exact := cpu.LayerNormGrad[float64]{DX: make([]float64, rows*dim), X: float64s(x), Weight: float64s(w), DY: float64s(dy), Rows: rows, Dim: dim, Eps: 1e-6}
		run(t, &exact)
		g := cpu.LayerNormGrad[T]{DX: dirty[T](s, rows*dim), X: x, Weight: w, DY: dy, Rows: rows, Dim: dim, Eps: 1e-6}
		verify(t, &g, g.DX, exact.DX, 8)
		exactW := cpu.LayerNormGradWeight[float64]{DW: make([]float64, dim), X: float64s(x), DY: float64s(dy), Rows: rows, Dim: dim, Eps: 1e-6}
		run(t, &exactW)
		gw := cpu.LayerNormGradWeight[T]{DW: dirty[T](s, dim), X: x, DY: dy, Rows: rows, Dim: dim, Eps: 1e-6}
		verify(t, &gw, gw.DW, exactW.DW, 8)
	}
}

// layerNormGradOffset has rows whose mean is far larger than their deviation.
func layerNormGradOffset[T cpu.Float](t *test) {
	const rows, dim = 70, 133
	s := from(t, 1)
	x, w, dy := normal[T](s, rows*dim, 1), normal[T](s, dim, 1), normal[T](s, rows*dim, 1)
	for i := range x {
		x[i] += T(100 * (i / dim))
	}
	layerNormGradLike(t, x, w, dy, rows, dim)
}

// layerNormGradNonFinite has a value that is not finite in one row.
func layerNormGradNonFinite[T cpu.Float](t *test) {
	const rows, dim = 40, 37
	for _, v := range nonFinite {
		for i := range 2 {
			s := from(t, 1)
			x, w, dy := normal[T](s, rows*dim, 1), normal[T](s, dim, 1), normal[T](s, rows*dim, 1)
			[][]T{x, dy}[i][33*dim+36] = T(v)
			layerNormGradLike(t, x, w, dy, rows, dim)
		}
	}
}

// layerNormGradLike compares both gradients with those of float64.
func layerNormGradLike[T cpu.Float](t *test, x, w, dy []T, rows, dim int) {
	s := from(t, 9)
	exact := cpu.LayerNormGrad[float64]{DX: make([]float64, rows*dim), X: float64s(x), Weight: float64s(w), DY: float64s(dy), Rows: rows, Dim: dim, Eps: 1e-6}
	run(t, &exact)
	g := cpu.LayerNormGrad[T]{DX: dirty[T](s, rows*dim), X: x, Weight: w, DY: dy, Rows: rows, Dim: dim, Eps: 1e-6}
	run(t, &g)
	near(t, g.DX, exact.DX, 16)
	exactW := cpu.LayerNormGradWeight[float64]{DW: make([]float64, dim), X: float64s(x), DY: float64s(dy), Rows: rows, Dim: dim, Eps: 1e-6}
	run(t, &exactW)
	gw := cpu.LayerNormGradWeight[T]{DW: dirty[T](s, dim), X: x, DY: dy, Rows: rows, Dim: dim, Eps: 1e-6}
	run(t, &gw)
	near(t, gw.DW, exactW.DW, 16)
}

// sumsNonFinite has a value that is not finite in one column.
func sumsNonFinite[T cpu.Float](t *test) {
	const rows, dim = 70, 133
	for _, v := range nonFinite {
		s := from(t, 1)
		a, b := normal[T](s, rows*dim, 1), normal[T](s, rows*dim, 1)
		a[40*dim+131] = T(v)
		sum, mul := make([]float64, dim), make([]float64, dim)
		for j, v := range a {
			sum[j%dim] += float64(v)
			mul[j%dim] += float64(v) * float64(b[j])
		}
		one := cpu.SumRows[T]{Y: dirty[T](s, dim), X: a, Rows: rows, Dim: dim}
		run(t, &one)
		near(t, one.Y, sum, 2)
		two := cpu.SumRowsMul[T]{Y: dirty[T](s, dim), A: a, B: b, Rows: rows, Dim: dim}
		run(t, &two)
		near(t, two.Y, mul, 2)
	}
}

func sums[T cpu.Float](t *test) {
	for i, c := range rowsDims {
		rows, dim := c[0], c[1]
		s := from(t, uint64(i))
		a, b := normal[T](s, rows*dim, 1), normal[T](s, rows*dim, 1)
		sum, mul := make([]float64, dim), make([]float64, dim)
		for j, v := range a {
			sum[j%dim] += float64(v)
			mul[j%dim] += float64(v) * float64(b[j])
		}
		one := cpu.SumRows[T]{Y: dirty[T](s, dim), X: a, Rows: rows, Dim: dim}
		verify(t, &one, one.Y, sum, 2)
		two := cpu.SumRowsMul[T]{Y: dirty[T](s, dim), A: a, B: b, Rows: rows, Dim: dim}
		verify(t, &two, two.Y, mul, 2)
	}
	require.ErrorContains(t, (&cpu.SumRows[T]{Rows: -1, Dim: 1, Y: make([]T, 1)}).Check(), "negative size")
	require.ErrorContains(t, (&cpu.SumRowsMul[T]{Rows: 2, Dim: 1, Y: make([]T, 1)}).Check(), "SumRowsMul: A has 0 elements, want 2·1 = 2")
}
