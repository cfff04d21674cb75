package cputest

import (
	"math"

	"cradio/cpu"

	"github.com/stretchr/testify/require"
)

// weights are n weights for each of out outputs that a precision represents.
func weights(s source, p cpu.Precision, out, n int) []float32 {
	w := normal[float32](s, out*n, 1)
	for o := range out {
		row := w[o*n : (o+1)*n]
		if p == cpu.BFloat16 {
			for i, v := range roundedTo(p, row) {
				row[i] = float32(v / 16)
			}
			continue
		}
		scale := math.Ldexp(1, -11+o%3) // and the largest is 127
		for i := range row {
			row[i] = float32(scale * math.Round(max(-126, min(126, 40*float64(row[i])))))
		}
		if n > 0 {
			row[o%n] = float32(scale * 127)
		}
	}
	return w
}

// narrowLinearUnits is how far a sum of n products may be from the exact one, in
// roundings of float32: they are added one pair after another.
func narrowLinearUnits(n int) float64 { return 6 + math.Sqrt(float64(n)) }

// roundedUnits is what rounding the result to bfloat16 adds at most, and a GELU
// that is good to a tenth of it.
const roundedUnits = 1. / 250 * 0x1p24

// narrowLinearCase is an operation that lacks a residual, and its weights.
func narrowLinearCase(s source, p cpu.Precision, rows, out, in int, c linearCase) (*cpu.NarrowLinear, []float32) {
	x := newNarrow(s.t, p, rows, in)
	values := normal[float32](s, rows*in, 1)
	for r := range rows {
		x.Set(r, values[r*in:(r+1)*in])
	}
	w := weights(s, p, out, in)
	op := &cpu.NarrowLinear{X: x, W: cpu.PackNarrowFor(s.t.pools[1], w, out, in, p), Rows: rows, GELU: c.gelu, Y: dirty[float32](s, rows*out)}
	if c.bias {
		op.Bias = normal[float32](s, out, 1)
	}
	if c.scale {
		op.Scale = normal[float32](s, out, 1)
	}
	return op, w
}

// wideX is what X stands for.
func wideX(op *cpu.NarrowLinear) []float64 {
	x := make([]float32, op.Rows*op.W.Cols)
	for r := range op.Rows {
		op.X.Get(r, 0, x[r*op.W.Cols:(r+1)*op.W.Cols])
	}
	return wide(x)
}

func narrowLinear(t *test) {
	for _, p := range precisions {
		for i, sh := range shapes {
			rows, out, in := sh[0], sh[1], sh[2]
			for _, c := range []linearCase{{"all", true, true, true, true}, linearCases[i%len(linearCases)]} {
				t.Run(p.String()+"/"+name(rows, out, in)+"/"+c.name, func(t *test) {
					s := from(t, uint64(i))
					op, w := narrowLinearCase(s, p, rows, out, in, c)
					want := naiveLinear(wideX(op), wide(w), wide(op.Bias), wide(op.Scale), nil, rows, out, in, c.gelu)
					op.NarrowY = newNarrow(t, cpu.BFloat16, rows, out)
					y := dirty[float32](s, rows*out)
					verify(t, narrowed{op, op.NarrowY, y}, y, want, narrowLinearUnits(in)+roundedUnits)
					requirePadding(t, op.NarrowY)
					op.NarrowY = nil
					if c.residual {
						copy(op.Y, normal[float32](s, rows*out, 1))
						op.Residual = op.Y
						for i, v := range op.Residual {
							want[i] += float64(v)
						}
					}
					verify(t, op, op.Y, want, narrowLinearUnits(in))
				})
			}
		}
	}
	t.Run("Check", func(t *test) {
		made, _ := narrowLinearCase(from(t, 1), cpu.Int8, 4, 2, 3, linearCase{bias: true, scale: true})
		ok := *made
		require.NoError(t, ok.Check())
		for want, spoil := range map[string]func(*cpu.NarrowLinear){
			"W is nil":                          func(o *cpu.NarrowLinear) { o.W = nil },
			"W has":                             func(o *cpu.NarrowLinear) { o.W = cpu.PackNarrowFor(t.pools[1], make([]float32, 5), 2, 3, cpu.Int8) },
			"X is nil":                          func(o *cpu.NarrowLinear) { o.X = nil },
			"X is bfloat16, want one of [int8]": func(o *cpu.NarrowLinear) { o.X = newNarrow(t, cpu.BFloat16, 4, 3) },
			"X is (4, 4), want (4, 3)":          func(o *cpu.NarrowLinear) { o.X = newNarrow(t, cpu.Int8, 4, 4) },
			"Y has":                             func(o *cpu.NarrowLinear) { o.Y = nil },
			"NarrowY is int8":                   func(o *cpu.NarrowLinear) { o.NarrowY = newNarrow(t, cpu.Int8, 4, 2) },
			"Bias has":                          func(o *cpu.NarrowLinear) { o.Bias = o.Bias[1:] },
			"Scale has":                         func(o *cpu.NarrowLinear) { o.Scale = o.Scale[1:] },
			"Residual has":                      func(o *cpu.NarrowLinear) { o.Residual = make([]float32, 1) },
		} {
			bad := ok
			spoil(&bad)
			require.ErrorContains(t, bad.Check(), "cpu.NarrowLinear: "+want)
		}
		ok.W = cpu.PackNarrowFor(t.pools[1], make([]float32, 1<<16+1), 1, 1<<16+1, cpu.Int8)
		require.ErrorContains(t, ok.Check(), "W has 65537 inputs, want at most 65536")
	})
}

// narrowLinearDeep has the depths of a transformer's block, in several slices, more
// rows than are kept in a cache at a time, and the deepest sum there may be.
func narrowLinearDeep(t *test) {
	for _, p := range precisions {
		for _, sh := range [][3]int{{15, 33, 4096}, {31, 40, 4095}, {457, 31, 1536}, {2, 3, 1 << 16}} {
			rows, out, in := sh[0], sh[1], sh[2]
			op, w := narrowLinearCase(from(t, 7), p, rows, out, in, linearCase{bias: true})
			want := naiveLinear(wideX(op), wide(w), wide(op.Bias), nil, nil, rows, out, in, false)
			verify(t, op, op.Y, want, narrowLinearUnits(in))
			var errs, wants float64
			for i, v := range want {
				errs += (float64(op.Y[i]) - v) * (float64(op.Y[i]) - v)
				wants += v * v
			}
			got := math.Sqrt(errs / wants)
			t.Logf("%v, %d deep: relative root mean square error %.2e", p, in, got)
			require.Less(t, got, 4e-8*math.Sqrt(float64(in)))
		}
	}
}

func narrowLinearNonFinite(t *test) {
	const rows, out, in = 5, 35, 43
	for _, p := range precisions {
		for _, v := range nonFinite {
			for _, gelu := range []bool{false, true} {
				for _, where := range []string{"X", "W", "Bias", "Residual"} {
					s := from(t, 1)
					op, w := narrowLinearCase(s, p, rows, out, in, linearCase{bias: true, gelu: gelu})
					op.Residual = normal[float32](s, rows*out, 1)
					x := make([]float32, in)
					op.X.Get(2, 0, x)
					map[string][]float32{"X": x, "W": w, "Bias": op.Bias, "Residual": op.Residual}[where][33] = float32(v)
					op.X.Set(2, x)
					op.W = cpu.PackNarrowFor(t.pools[1], w, out, in, p)
					if p == cpu.Int8 && where == "W" { // its scale is none
						for i := range in {
							w[i] = float32(math.NaN())
						}
					}
					run(t, op)
					near(t, op.Y, naiveLinear(wideX(op), wide(w), wide(op.Bias), nil, wide(op.Residual), rows, out, in, gelu), 16)

					op.NarrowY, op.Residual = newNarrow(t, cpu.BFloat16, rows, out), nil
					y := dirty[float32](s, rows*out)
					run(t, narrowed{op, op.NarrowY, y})
					near(t, y, naiveLinear(wideX(op), wide(w), wide(op.Bias), nil, nil, rows, out, in, gelu), 16+roundedUnits)
					requirePadding(t, op.NarrowY)
				}
			}
		}
	}
}

// narrowLinearGELU is a GELU of many numbers, before it is rounded to bfloat16: of a
// relative error of 4e-4 down to -4, and of next to none, absolutely, below.
func narrowLinearGELU(t *test) {
	const n = 1 << 14
	x := make([]float32, n)
	for i := range x {
		x[i] = 24 * (float32(i)/n - 0.5)
	}
	for _, p := range precisions {
		nothing := newNarrow(t, p, 1, 1)
		nothing.Set(0, []float32{0})
		op := &cpu.NarrowLinear{X: nothing, W: cpu.PackNarrowFor(t.pools[1], make([]float32, n), n, 1, p), Bias: x, Rows: 1, GELU: true}
		op.NarrowY = newNarrow(t, cpu.BFloat16, 1, n)
		y := make([]float32, n)
		run(t, narrowed{op, op.NarrowY, y})
		for i, v := range x {
			want := naiveGELU(float64(v))
			limit := 4e-4 * math.Abs(want)
			if v < -4 {
				limit = 4e-8
			}
			half := math.Ldexp(1, math.Ilogb(want)-8) // of the last place
			require.InDelta(t, want, float64(y[i]), limit+half, "%v: gelu(%v)", p, v)
		}
	}
}

// narrowLinearDenormal says what becomes of the smallest numbers: in BFloat16 they
// may count as 0, as operands and as results.
func narrowLinearDenormal(t *test) {
	const rows, out, in = 3, 33, 64
	s := from(t, 1)
	x, y := newNarrow(t, cpu.BFloat16, rows, in), dirty[float32](s, rows*out)
	values, w := normal[float32](s, rows*in, 0x1p-128), normal[float32](s, out*in, 1)
	values[0] = 1
	for r := range rows {
		x.Set(r, values[r*in:(r+1)*in])
	}
	op := &cpu.NarrowLinear{X: x, W: cpu.PackNarrowFor(t.pools[1], w, out, in, cpu.BFloat16), Y: y, Rows: rows}
	run(t, op)
	for i, v := range y {
		want := 0.0
		if i < out {
			want = roundedTo(cpu.BFloat16, w[i*in:i*in+1])[0]
		}
		require.InDelta(t, want, float64(v), in*0x1p-124, "element %d", i)
	}
}
