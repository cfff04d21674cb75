package cputest

import (
	"cradio/cpu"

	"github.com/stretchr/testify/require"
)

// lowPrecisionLinearImages is linearPictures in low precision. Images together and one by
// one have the same bits. In int8 these are also the bits without Tokens: its sums are
// exact.
func lowPrecisionLinearImages(t *test) {
	for _, p := range precisions {
		for i, c := range pictureCases {
			for _, rounded := range []bool{false, true} {
				t.Run(p.String()+"/"+name(c.pictures, c.tokens, c.out, c.in), func(t *test) {
					s := from(t, uint64(i))
					rows := c.pictures * c.tokens
					op, w := lowPrecisionLinearCase(s, p, rows, c.out, c.in, linearCase{bias: true, gelu: true, scale: true})
					op.Tokens = c.tokens
					x, y := valuesOfX(op), op.Y
					var tested Op = op
					roundings := lowPrecisionLinearRoundings(c.in)
					if rounded {
						op.LowY = newActivations(t, cpu.BFloat16, rows, c.out)
						tested = readBack{op, op.LowY, y}
						roundings += roundedRoundings
					} else {
						op.Residual = normal[float32](s, rows*c.out, 1)
					}
					verify(t, tested, y, naiveLinear(x, float64s(w), float64s(op.Bias), float64s(op.Scale), float64s(op.Residual), rows, c.out, c.in, true), roundings)
					together := append([]float32(nil), y...)

					apart := dirty[float32](s, rows*c.out)
					for image := range c.pictures {
						one := *op
						r0 := image * c.tokens
						one.Rows, one.X = c.tokens, rowsOf(op.X, r0, c.tokens)
						one.Y = apart[r0*c.out:][:c.tokens*c.out]
						if rounded {
							one.LowY = rowsOf(op.LowY, r0, c.tokens)
							run(t, readBack{&one, one.LowY, one.Y})
							continue
						}
						one.Residual = op.Residual[r0*c.out:][:c.tokens*c.out]
						run(t, &one)
					}
					sameBits(t, together, apart, "images one by one")

					if op.Tokens = 0; p == cpu.Int8 {
						run(t, tested)
						sameBits(t, together, y, "sums are exact")
					}
				})
			}
		}
	}
}

// rowsOf is n rows of a matrix, in its memory.
func rowsOf(m *cpu.Activations, from, n int) *cpu.Activations {
	stride := cpu.ActivationsStride(m.Form, m.Cols)
	return &cpu.Activations{Form: m.Form, Rows: n, Cols: m.Cols, Data: m.Data[from*stride : (from+n)*stride]}
}

// lowPrecisionLinearImagesExtremes has the largest sums of int8 there can be.
func lowPrecisionLinearImagesExtremes(t *test) {
	const tokens, out, in = 66, 64, 1 << 14
	s := from(t, 1)
	x, w := newActivations(t, cpu.Int8, tokens, in), make([]float32, out*in)
	row := make([]float32, in)
	for i := range row {
		row[i] = 255 // but for one, so that the others are 255 steps from the least
	}
	row[0] = 0
	for r := range tokens {
		x.Set(r, row)
	}
	for i := range w {
		w[i] = float32(127 - i/in%2*254)
	}
	op := &cpu.LowPrecisionLinear{X: x, W: cpu.PackLowPrecision(t.pools[1], w, out, in, cpu.Int8), Y: dirty[float32](s, tokens*out), Rows: tokens, Tokens: tokens}
	run(t, op)
	for i, v := range op.Y {
		want := float32(255 * 127 * (in - 1))
		if i%out%2 == 1 {
			want = -want
		}
		require.InEpsilon(t, want, v, 1e-6, "element %d", i)
	}
}

// lowPrecisionLinearImagesNonFinite asks that what is not finite reaches its row, and no other
// image.
func lowPrecisionLinearImagesNonFinite(t *test) {
	const images, tokens, out, in, row = 3, 130, 64, 512, 140
	for _, p := range precisions {
		for _, v := range nonFinite {
			s := from(t, 1)
			op, _ := lowPrecisionLinearCase(s, p, images*tokens, out, in, linearCase{})
			op.Tokens = tokens
			x := make([]float32, in)
			op.X.Get(row, 0, x)
			x[300] = float32(v)
			op.X.Set(row, x)
			run(t, op)
			for i, y := range op.Y {
				finite := y-y == 0
				switch r := i / out; {
				case r == row:
					require.False(t, finite, "element %d of the row with %v is %v", i%out, v, y)
				case r/tokens != row/tokens || p == cpu.Int8:
					require.True(t, finite, "row %d, of another image, has %v", r, y)
				}
			}
		}
	}
}
