package cputest

import (
	"math"

	"cradio/cpu"

	"github.com/stretchr/testify/require"
)

// shapes of (rows, out, in): odd ones around every block and vector size, and
// one of several blocks each way.
var shapes = [][3]int{
	{1, 1, 1}, {1, 33, 15}, {2, 31, 16}, {3, 15, 17}, {13, 13, 13}, {15, 32, 33}, {31, 65, 31},
	{33, 16, 257}, {14, 48, 64}, {37, 97, 130}, {75, 130, 65}, {1, 64, 300}, {5, 7, 0}, {2, 5, 0}, {0, 3, 4}, {29, 96, 513},
}

type linearCase struct {
	name                        string
	bias, gelu, scale, residual bool
}

// linearCases are parts of an epilogue: each shape has one of them, and all.
var linearCases = []linearCase{
	{name: "plain"},
	{name: "bias", bias: true},
	{name: "gelu", bias: true, gelu: true},
	{name: "residual", bias: true, residual: true},
	{name: "scale", scale: true, residual: true},
}

func linear[T cpu.Float](t *test) {
	for i, sh := range shapes {
		rows, out, in := sh[0], sh[1], sh[2]
		for _, c := range []linearCase{{"all", true, true, true, true}, linearCases[i%len(linearCases)]} {
			t.Run(name(rows, out, in)+"/"+c.name, func(t *test) {
				s := from(t, uint64(i))
				x, w := normal[T](s, rows*in, 1), normal[T](s, out*in, 1/math.Sqrt(float64(max(in, 1))))
				y := dirty[T](s, rows*out)
				op := cpu.Linear[T]{X: x, Y: y, W: cpu.Pack(t.pools[1], w, out, in), Rows: rows, GELU: c.gelu}
				if c.bias {
					op.Bias = normal[T](s, out, 1)
				}
				if c.scale {
					op.Scale = normal[T](s, out, 1)
				}
				if c.residual {
					copy(y, normal[T](s, rows*out, 1))
					op.Residual = y
				}
				want := naiveLinear(float64s(x), float64s(w), float64s(op.Bias), float64s(op.Scale), float64s(op.Residual), rows, out, in, c.gelu)
				before := append([]T(nil), y...)
				verify(t, &op, y, want, 8)
				packed := append([]T(nil), y...)

				wrapped := cpu.Wrap(w, out, in)
				op.W = &wrapped
				copy(y, before)
				verify(t, &op, y, want, 8)
				if level := t.level; level == cpu.Plain {
					sameBits(t, packed, y, "wrapped against packed")
				}
			})
		}
	}
	t.Run("Check", func(t *test) {
		w := cpu.Pack(t.pools[1], make([]T, 6), 2, 3)
		ok := cpu.Linear[T]{X: make([]T, 12), Y: make([]T, 8), W: w, Rows: 4}
		require.NoError(t, ok.Check())
		for field, spoil := range map[string]func(*cpu.Linear[T]){
			"X":        func(o *cpu.Linear[T]) { o.X = o.X[1:] },
			"Y":        func(o *cpu.Linear[T]) { o.Y = nil },
			"W":        func(o *cpu.Linear[T]) { o.W = cpu.Pack(t.pools[1], make([]T, 5), 2, 3) },
			"Bias":     func(o *cpu.Linear[T]) { o.Bias = make([]T, 3) },
			"Scale":    func(o *cpu.Linear[T]) { o.Scale = make([]T, 1) },
			"Residual": func(o *cpu.Linear[T]) { o.Residual = make([]T, 9) },
		} {
			bad := ok
			spoil(&bad)
			require.ErrorContains(t, bad.Check(), "cpu.Linear: "+field)
		}
		ok.W = nil
		require.ErrorContains(t, ok.Check(), "W is nil")
		ok.W, ok.Rows = w, math.MaxInt
		require.ErrorContains(t, ok.Check(), "more than an int")
	})
}

// linearPrecision measures the error at the sizes of a transformer block: the
// mark is what PyTorch's float32 has there, about 3.5e-7·√(k/768) of the
// result's root mean square.
func linearPrecision(t *test) {
	for _, k := range []int{768, 3072} {
		const rows, out = 14, 64
		s := from(t, uint64(k))
		x, w := normal[float32](s, rows*k, 1), normal[float32](s, out*k, 1)
		y := dirty[float32](s, rows*out)
		op := cpu.Linear[float32]{X: x, Y: y, W: cpu.Pack(t.pools[1], w, out, k), Rows: rows}
		run(t, &op)
		want := naiveLinear(float64s(x), float64s(w), nil, nil, nil, rows, out, k, false)
		got := relativeError(y, want)
		t.Logf("k = %d: relative root mean square error %.2e", k, got)
		require.Less(t, got, 3e-7)
	}
}

// relativeError is the root mean square of y - want, as a part of that of want.
func relativeError(y []float32, want []float64) float64 {
	var errs, wants float64
	for i, v := range want {
		errs += (float64(y[i]) - v) * (float64(y[i]) - v)
		wants += v * v
	}
	return math.Sqrt(errs / wants)
}

// linearBlocks has more rows than are kept in a cache at a time, a page apart.
func linearBlocks(t *test) {
	const rows, out, in = 170, 40, 1024
	s := from(t, 1)
	x, w, bias := normal[float32](s, rows*in, 1), normal[float32](s, out*in, 1), normal[float32](s, out, 1)
	op := cpu.Linear[float32]{X: x, Y: dirty[float32](s, rows*out), W: cpu.Pack(t.pools[1], w, out, in), Bias: bias, Rows: rows}
	want := naiveLinear(float64s(x), float64s(w), float64s(bias), nil, nil, rows, out, in, false)
	verify(t, &op, op.Y, want, 4)
	packed := append([]float32(nil), op.Y...)
	wrapped := cpu.Wrap(w, out, in)
	op.W = &wrapped
	verify(t, &op, op.Y, want, 4)
	if level := t.level; level != cpu.AMX { // which has tiles for packed weights alone
		sameBits(t, packed, op.Y, "wrapped against packed")
	}
}

func linearNonFinite[T cpu.Float](t *test) {
	const rows, out, in = 5, 35, 40
	for _, v := range nonFinite {
		for _, gelu := range []bool{false, true} {
			for _, where := range []string{"X", "W", "Bias", "Residual"} {
				s := from(t, 1)
				x, w := normal[T](s, rows*in, 1), normal[T](s, out*in, 1)
				bias, residual, y := normal[T](s, out, 1), normal[T](s, rows*out, 1), dirty[T](s, rows*out)
				map[string][]T{"X": x, "W": w, "Bias": bias, "Residual": residual}[where][33] = T(v)
				op := cpu.Linear[T]{X: x, Y: y, W: cpu.Pack(t.pools[1], w, out, in), Bias: bias, Residual: residual, Rows: rows, GELU: gelu}
				run(t, &op)
				near(t, y, naiveLinear(float64s(x), float64s(w), float64s(bias), nil, float64s(residual), rows, out, in, gelu), 8)
			}
		}
	}
}

func matMul[T cpu.Float](t *test) {
	for i, sh := range shapes {
		m, n, k := sh[0], sh[1], sh[2]
		for _, ta := range []bool{false, true} {
			for _, tb := range []bool{false, true} {
				s := from(t, uint64(i))
				op := cpu.MatMul[T]{
					A: normal[T](s, m*k, 1), B: normal[T](s, k*n, 1), C: dirty[T](s, m*n),
					M: m, N: n, K: k, TransA: ta, TransB: tb,
					Scratch: dirty[T](s, cpu.MatMulScratch(m, n, k, ta, tb)),
				}
				verify(t, &op, op.C, naiveMatMul(float64s(op.A), float64s(op.B), m, n, k, ta, tb), 8)
				first := append([]T(nil), op.C...)
				op.Scratch = nil
				run(t, &op)
				sameBits(t, first, op.C, "no scratch against some")
			}
		}
	}
}

// matMulLarge has products of which operands are packed: several chunks of panels, passes
// over depth, blocks of rows, and images of odd numbers of rows.
func matMulLarge(t *test) {
	for i, c := range []struct {
		m, n, k, tokens int
		ta              bool
	}{
		{m: 410, n: 192, k: 640, tokens: 205}, {m: 66, n: 2112, k: 1056}, {m: 64, n: 70, k: 5000}, {m: 130, n: 96, k: 1100, ta: true}, {m: 71, n: 33, k: 70, ta: true},
	} {
		t.Run(name(c.m, c.n, c.k), func(t *test) {
			s := from(t, uint64(i))
			op := cpu.MatMul[float32]{
				A: normal[float32](s, c.m*c.k, 1), B: normal[float32](s, c.k*c.n, 1), C: dirty[float32](s, c.m*c.n),
				M: c.m, N: c.n, K: c.k, TransA: c.ta, Tokens: c.tokens,
			}
			want := naiveMatMul(float64s(op.A), float64s(op.B), c.m, c.n, c.k, c.ta, false)
			verify(t, &op, op.C, want, 8)
			require.Less(t, relativeError(op.C, want), 3.5e-7)
		})
	}
}

// matMulMagnitudes has operands of the sizes that gradients have, alone or in some columns.
func matMulMagnitudes(t *test) {
	const m, n, k = 70, 40, 96
	for _, c := range []struct{ a, row, b, column float64 }{
		{1e-9, 1, 1, 1}, {1e-14, 1, 1e-3, 1}, {1, 1e-20, 1, 1}, {1, 1, 1, 1e-12}, {1, 1, 1e14, 1}, {1e-3, 1e-30, 1, 1e-30},
	} {
		for _, ta := range []bool{false, true} {
			s := from(t, 1)
			op := cpu.MatMul[float32]{A: normal[float32](s, m*k, c.a), B: normal[float32](s, k*n, c.b), C: dirty[float32](s, m*n), M: m, N: n, K: k, TransA: ta}
			for i := range k {
				at := 33*k + i
				if ta {
					at = i*m + 33
				}
				op.A[at] *= float32(c.row)
				op.B[i*n+35] *= float32(c.column)
			}
			want := naiveMatMul(float64s(op.A), float64s(op.B), m, n, k, ta, false)
			run(t, &op)
			for r := range m {
				for _, col := range []int{0, 35, 39} {
					i := r*n + col
					size := c.a * c.b * math.Sqrt(k)
					if r == 33 {
						size *= c.row
					}
					if col == 35 {
						size *= c.column
					}
					require.InDelta(t, want[i], float64(op.C[i]), 64*roundoff[float32]()*size+0x1p-140, "%v: row %d, column %d", c, r, col)
				}
			}
		}
	}
}

// matMulNonFinite has a value that is not finite in one operand: no other row, or column, of
// the result may show it.
func matMulNonFinite(t *test) {
	const m, n, k = 70, 40, 96
	for _, v := range nonFinite {
		for i := range 4 {
			s := from(t, 1)
			op := cpu.MatMul[float32]{A: normal[float32](s, m*k, 1), B: normal[float32](s, k*n, 1), C: dirty[float32](s, m*n), M: m, N: n, K: k, TransA: i%2 == 1}
			[][]float32{op.A, op.B}[i/2][37*n+11] = float32(v)
			run(t, &op)
			near(t, op.C, naiveMatMul(float64s(op.A), float64s(op.B), m, n, k, op.TransA, false), 8)
		}
	}
}

// matMulRounded rounds operands where the level has products of bfloat16: then the result is
// that of the rounded operands. Elsewhere, and where it is small, it may be exact.
func matMulRounded(t *test) {
	for i, c := range []struct {
		m, n, k int
		ta, tb  bool
	}{
		{m: 70, n: 40, k: 96}, {m: 70, n: 40, k: 97, ta: true}, {m: 330, n: 97, k: 1500}, {m: 99, n: 64, k: 1300, ta: true}, {m: 200, n: 70, k: 333, tb: true}, {m: 33, n: 33, k: 1, ta: true}, {m: 5, n: 33, k: 40},
	} {
		t.Run(name(c.m, c.n, c.k), func(t *test) {
			s := from(t, uint64(i))
			op := cpu.MatMul[float32]{
				A: normal[float32](s, c.m*c.k, 1), B: normal[float32](s, c.k*c.n, 1), C: dirty[float32](s, c.m*c.n),
				M: c.m, N: c.n, K: c.k, TransA: c.ta, TransB: c.tb, Rounded: true,
			}
			exact := naiveMatMul(float64s(op.A), float64s(op.B), c.m, c.n, c.k, c.ta, c.tb)
			verify(t, &op, op.C, exact, 0x1p24/256)
			rounded := naiveMatMul(roundedTo(cpu.BFloat16, op.A), roundedTo(cpu.BFloat16, op.B), c.m, c.n, c.k, c.ta, c.tb)
			require.Less(t, min(relativeError(op.C, rounded), relativeError(op.C, exact)), 1e-6)
			op.A[len(op.A)-1] = float32(math.NaN())
			run(t, &op)
			for r := range c.m {
				require.Equal(t, r == c.m-1, op.C[r*c.n] != op.C[r*c.n], "row %d", r)
			}
		})
	}
}
