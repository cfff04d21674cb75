package cputest

import (
	"math"

	"cradio/cpu"

	"github.com/stretchr/testify/require"
)

// pictureCases are large enough for Strassen's algorithm: of one slice of depth and of
// several, the last one shorter; of odd and even numbers of rows.
var pictureCases = []struct{ pictures, tokens, out, in int }{
	{4, 65, 64, 512}, {1, 131, 128, 512}, {3, 133, 64, 544}, {2, 66, 64, 1312}, {1, 70, 64, 2592},
}

// linearPictures computes pictures together and one by one: the bits are the same.
func linearPictures(t *test) {
	for i, c := range pictureCases {
		t.Run(name(c.pictures, c.tokens, c.out, c.in), func(t *test) {
			s := from(t, uint64(i))
			rows := c.pictures * c.tokens
			x, w := normal[float32](s, rows*c.in, 1), normal[float32](s, c.out*c.in, 1/math.Sqrt(float64(c.in)))
			y, residual := dirty[float32](s, rows*c.out), normal[float32](s, rows*c.out, 1)
			op := cpu.Linear[float32]{
				X: x, Y: y, W: cpu.Pack(t.pools[1], w, c.out, c.in), Rows: rows, Tokens: c.tokens,
				Bias: normal[float32](s, c.out, 1), Scale: normal[float32](s, c.out, 1), Residual: residual, GELU: true,
			}
			want := naiveLinear(float64s(x), float64s(w), float64s(op.Bias), float64s(op.Scale), float64s(residual), rows, c.out, c.in, true)
			verify(t, &op, y, want, 16)
			together := append([]float32(nil), y...)

			one := op
			one.Rows = c.tokens
			for p := range c.pictures {
				of := func(v []float32, n int) []float32 { return v[p*c.tokens*n:][:c.tokens*n] }
				one.X, one.Y, one.Residual = of(x, c.in), of(y, c.out), of(residual, c.out)
				run(t, &one)
			}
			sameBits(t, together, y, "pictures one by one")

			op.Tokens = 0
			run(t, &op)
			if !halves(t.level) || rows*c.out*c.in <= t.small {
				sameBits(t, together, y, "where there is one way")
				return
			}
			require.NotEqual(t, together, y, "fewer multiplications make other roundings")
		})
	}
}

// linearPicturesPrecision is linearPrecision where multiplications are saved.
func linearPicturesPrecision(t *test) {
	for _, k := range []int{768, 3072} {
		const tokens, out = 100, 64
		s := from(t, uint64(k))
		x, w := normal[float32](s, tokens*k, 1), normal[float32](s, out*k, 1)
		op := cpu.Linear[float32]{X: x, Y: dirty[float32](s, tokens*out), W: cpu.Pack(t.pools[1], w, out, k), Rows: tokens, Tokens: tokens}
		run(t, &op)
		got := relativeError(op.Y, naiveLinear(float64s(x), float64s(w), nil, nil, nil, tokens, out, k, false))
		t.Logf("k = %d: relative root mean square error %.2e", k, got)
		require.Less(t, got, 3e-7)
	}
}

// linearPicturesNonFinite asks that what is not finite reaches its row, and no other
// picture.
func linearPicturesNonFinite(t *test) {
	const pictures, tokens, out, in, row = 3, 130, 64, 512, 140
	for _, v := range nonFinite {
		s := from(t, 1)
		x, w := normal[float32](s, pictures*tokens*in, 1), normal[float32](s, out*in, 1)
		x[row*in+300] = float32(v)
		op := cpu.Linear[float32]{X: x, Y: dirty[float32](s, pictures*tokens*out), W: cpu.Pack(t.pools[1], w, out, in), Rows: pictures * tokens, Tokens: tokens}
		run(t, &op)
		for i, y := range op.Y {
			finite := y-y == 0
			switch r := i / out; {
			case r == row:
				require.False(t, finite, "element %d of the row with %v is %v", i%out, v, y)
			case r/tokens != row/tokens:
				require.True(t, finite, "row %d, of another picture, has %v", r, y)
			}
		}
	}
}

// halves reports whether a level has what Strassen's algorithm needs in float32.
func halves(l cpu.Level) bool { return l != cpu.Plain && l != cpu.AMX }
