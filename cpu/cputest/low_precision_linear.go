package cputest

import (
	"math"

	"cradio/cpu"

	"github.com/stretchr/testify/require"
)

// weights are n weights for each of out outputs that a precision represents.
func weights(s source, p cpu.Form, out, n int) []float32 {
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

// lowPrecisionLinearRoundings is how far a sum of n products may be from the exact one, in
// roundings of float32: they are added one pair after another.
func lowPrecisionLinearRoundings(n int) float64 { return 6 + math.Sqrt(float64(n)) }

// roundedRoundings is what rounding the result to bfloat16 adds at most, and a GELU
// that is good to a tenth of it.
const roundedRoundings = 1. / 250 * 0x1p24

// lowPrecisionLinearCase is an operation that lacks a residual, and its weights.
func lowPrecisionLinearCase(s source, p cpu.Form, rows, out, in int, c linearCase) (*cpu.LowPrecisionLinear, []float32) {
	x := newActivations(s.t, p, rows, in)
	values := normal[float32](s, rows*in, 1)
	for r := range rows {
		x.Set(r, values[r*in:(r+1)*in])
	}
	w := weights(s, p, out, in)
	op := &cpu.LowPrecisionLinear{X: x, W: cpu.PackLowPrecision(s.t.pools[1], w, out, in, p), Rows: rows, GELU: c.gelu, Y: dirty[float32](s, rows*out)}
	if c.bias {
		op.Bias = normal[float32](s, out, 1)
	}
	if c.scale {
		op.Scale = normal[float32](s, out, 1)
	}
	return op, w
}

// valuesOfX is what X stands for.
func valuesOfX(op *cpu.LowPrecisionLinear) []float64 {
	x := make([]float32, op.Rows*op.W.Cols)
	for r := range op.Rows {
		op.X.Get(r, 0, x[r*op.W.Cols:(r+1)*op.W.Cols])
	}
	return float64s(x)
}

func lowPrecisionLinear(t *test) {
	for _, p := range precisions {
		for i, sh := range shapes {
			rows, out, in := sh[0], sh[1], sh[2]
			for _, c := range []linearCase{{"all", true, true, true, true}, linearCases[i%len(linearCases)]} {
				t.Run(p.String()+"/"+name(rows, out, in)+"/"+c.name, func(t *test) {
					s := from(t, uint64(i))
					op, w := lowPrecisionLinearCase(s, p, rows, out, in, c)
					want := naiveLinear(valuesOfX(op), float64s(w), float64s(op.Bias), float64s(op.Scale), nil, rows, out, in, c.gelu)
					op.LowY = newActivations(t, cpu.BFloat16, rows, out)
					y := dirty[float32](s, rows*out)
					verify(t, readBack{op, op.LowY, y}, y, want, lowPrecisionLinearRoundings(in)+roundedRoundings)
					requirePadding(t, op.LowY)
					op.LowY = nil
					if c.residual {
						copy(op.Y, normal[float32](s, rows*out, 1))
						op.Residual = op.Y
						for i, v := range op.Residual {
							want[i] += float64(v)
						}
					}
					verify(t, op, op.Y, want, lowPrecisionLinearRoundings(in))
				})
			}
		}
	}
	t.Run("Check", func(t *test) {
		made, _ := lowPrecisionLinearCase(from(t, 1), cpu.Int8, 4, 2, 3, linearCase{bias: true, scale: true})
		ok := *made
		require.NoError(t, ok.Check())
		for want, spoil := range map[string]func(*cpu.LowPrecisionLinear){
			"W is nil": func(o *cpu.LowPrecisionLinear) { o.W = nil },
			"W has": func(o *cpu.LowPrecisionLinear) {
				o.W = cpu.PackLowPrecision(t.pools[1], make([]float32, 5), 2, 3, cpu.Int8)
			},
			"X is nil":                          func(o *cpu.LowPrecisionLinear) { o.X = nil },
			"X is bfloat16, want one of [int8]": func(o *cpu.LowPrecisionLinear) { o.X = newActivations(t, cpu.BFloat16, 4, 3) },
			"X is (4, 4), want (4, 3)":          func(o *cpu.LowPrecisionLinear) { o.X = newActivations(t, cpu.Int8, 4, 4) },
			"Y has":                             func(o *cpu.LowPrecisionLinear) { o.Y = nil },
			"LowY is int8":                      func(o *cpu.LowPrecisionLinear) { o.LowY = newActivations(t, cpu.Int8, 4, 2) },
			"Bias has":                          func(o *cpu.LowPrecisionLinear) { o.Bias = o.Bias[1:] },
			"Scale has":                         func(o *cpu.LowPrecisionLinear) { o.Scale = o.Scale[1:] },
			"Residual has":                      func(o *cpu.LowPrecisionLinear) { o.Residual = make([]float32, 1) },
		} {
			bad := ok
			spoil(&bad)
			require.ErrorContains(t, bad.Check(), "cpu.LowPrecisionLinear: "+want)
		}
		ok.W = cpu.PackLowPrecision(t.pools[1], make([]float32, 1<<16+1), 1, 1<<16+1, cpu.Int8)
		require.ErrorContains(t, ok.Check(), "W has 65537 inputs, want at most 65536")
	})
}

// lowPrecisionLinearDeep has the depths of a transformer's block, in several slices, more
// rows than are kept in a cache at a time, and the deepest sum there may be.
func lowPrecisionLinearDeep(t *test) {
	for _, p := range precisions {
		for _, sh := range [][3]int{{15, 33, 4096}, {31, 40, 4095}, {457, 31, 1536}, {2, 3, 1 << 16}} {
			rows, out, in := sh[0], sh[1], sh[2]
			op, w := lowPrecisionLinearCase(from(t, 7), p, rows, out, in, linearCase{bias: true})
			want := naiveLinear(valuesOfX(op), float64s(w), float64s(op.Bias), nil, nil, rows, out, in, false)
			verify(t, op, op.Y, want, lowPrecisionLinearRoundings(in))
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

func lowPrecisionLinearNonFinite(t *test) {
	const rows, out, in = 5, 35, 43
	for _, p := range precisions {
		for _, v := range nonFinite {
			for _, gelu := range []bool{false, true} {
				for _, where := range []string{"X", "W", "Bias", "Residual"} {
					s := from(t, 1)
					op, w := lowPrecisionLinearCase(s, p, rows, out, in, linearCase{bias: true, gelu: gelu})
					op.Residual = normal[float32](s, rows*out, 1)
					x := make([]float32, in)
					op.X.Get(2, 0, x)
					map[string][]float32{"X": x, "W": w, "Bias": op.Bias, "Residual": op.Residual}[where][33] = float32(v)
					op.X.Set(2, x)
					op.W = cpu.PackLowPrecision(t.pools[1], w, out, in, p)
					if p == cpu.Int8 && where == "W" { // its scale is none
						for i := range in {
							w[i] = float32(math.NaN())
						}
					}
					run(t, op)
					near(t, op.Y, naiveLinear(valuesOfX(op), float64s(w), float64s(op.Bias), nil, float64s(op.Residual), rows, out, in, gelu), 16)

					op.LowY, op.Residual = newActivations(t, cpu.BFloat16, rows, out), nil
					y := dirty[float32](s, rows*out)
					run(t, readBack{op, op.LowY, y})
					near(t, y, naiveLinear(valuesOfX(op), float64s(w), float64s(op.Bias), nil, nil, rows, out, in, gelu), 16+roundedRoundings)
					requirePadding(t, op.LowY)
				}
			}
		}
	}
}

// lowPrecisionLinearGELU is a GELU of many numbers, before it is rounded to bfloat16: of a
// relative error of 4e-4 down to -4, and of next to none, absolutely, below.
func lowPrecisionLinearGELU(t *test) {
	const n = 1 << 14
	x := make([]float32, n)
	for i := range x {
		x[i] = 24 * (float32(i)/n - 0.5)
	}
	for _, p := range precisions {
		nothing := newActivations(t, p, 1, 1)
		nothing.Set(0, []float32{0})
		op := &cpu.LowPrecisionLinear{X: nothing, W: cpu.PackLowPrecision(t.pools[1], make([]float32, n), n, 1, p), Bias: x, Rows: 1, GELU: true}
		op.LowY = newActivations(t, cpu.BFloat16, 1, n)
		y := make([]float32, n)
		run(t, readBack{op, op.LowY, y})
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

// lowPrecisionLinearDenormal says what becomes of the smallest numbers: in BFloat16 they
// may count as 0, as operands and as results.
func lowPrecisionLinearDenormal(t *test) {
	const rows, out, in = 3, 33, 64
	s := from(t, 1)
	x, y := newActivations(t, cpu.BFloat16, rows, in), dirty[float32](s, rows*out)
	values, w := normal[float32](s, rows*in, 0x1p-128), normal[float32](s, out*in, 1)
	values[0] = 1
	for r := range rows {
		x.Set(r, values[r*in:(r+1)*in])
	}
	op := &cpu.LowPrecisionLinear{X: x, W: cpu.PackLowPrecision(t.pools[1], w, out, in, cpu.BFloat16), Y: y, Rows: rows}
	run(t, op)
	for i, v := range y {
		want := 0.0
		if i < out {
			want = roundedTo(cpu.BFloat16, w[i*in:i*in+1])[0]
		}
		require.InDelta(t, want, float64(v), in*0x1p-124, "element %d", i)
	}
}
