package cputest

import (
	"math"

	"cradio/cpu"

	"github.com/stretchr/testify/require"
)

// naiveCausal is the last token of attention over the tokens up to it, for each. It takes the third
// power of the tokens.
func naiveCausal(qkv []float64, batch, tokens, dim, heads int) []float64 {
	var y []float64
	for b := range batch {
		x := qkv[b*tokens*3*dim:]
		for t := range tokens {
			y = append(y, naiveAttention(x[:(t+1)*3*dim], 1, t+1, dim, heads)[t*dim:]...)
		}
	}
	return y
}

func newCausal[T cpu.Float](s source, batch, tokens, heads, d int, deviation float64) (*cpu.Attention[T], []float64) {
	op := newAttention[T](s, batch, tokens, heads, d, deviation)
	op.Causal = true
	return op, naiveCausal(float64s(op.QKV), batch, tokens, op.Dim, heads)
}

func causal[T cpu.Float](t *test) {
	for _, c := range []struct{ batch, tokens, heads, d int }{
		{1, 1, 1, 1}, {2, 13, 3, 5}, {1, 31, 2, 16}, {2, 33, 2, 64}, {3, 77, 2, 64}, {1, 130, 1, 16}, {1, 290, 1, 4},
	} {
		t.Run(name(c.batch, c.tokens, c.heads, c.d), func(t *test) {
			op, want := newCausal[T](from(t, 1), c.batch, c.tokens, c.heads, c.d, 1)
			verify(t, op, op.Y, want, 8)
		})
	}
	op, want := newCausal[T](from(t, 2), 1, 77, 1, 16, 8) // scores in the hundreds
	verify(t, op, op.Y, want, 400)

	// What comes later has no influence, whatever it is.
	const tokens, from40 = 77, 40
	op, _ = newCausal[T](from(t, 3), 1, tokens, 2, 16, 1)
	run(t, op)
	before := append([]T(nil), op.Y...)
	for i := from40 * 3 * op.Dim; i < len(op.QKV); i++ {
		op.QKV[i] *= 1000
	}
	op.QKV[from40*3*op.Dim+op.Dim] = T(math.NaN()) // a key
	run(t, op)
	sameBits(t, before[:from40*op.Dim], op.Y[:from40*op.Dim], "tokens before the change")
	require.True(t, math.IsNaN(float64(op.Y[from40*op.Dim])))
}

func causalGrad[T cpu.Float](t *test) {
	for _, c := range []struct{ batch, tokens, heads, d int }{{2, 5, 2, 3}, {1, 70, 1, 2}} {
		s := from(t, 1)
		f, _ := newCausal[float64](s, c.batch, c.tokens, c.heads, c.d, 1)
		dy := normal[float64](s, len(f.Y), 1)
		g := newAttentionGrad(s, f.QKV, dy, f)
		g.Causal = true
		run(t, g)
		derivative(t, f.QKV, g.DQKV, dy, func() []float64 { run(t, f); return f.Y })
	}
	s := from(t, 1)
	f, _ := newCausal[T](s, 2, 77, 2, 16, 1)
	dy := normal[T](s, len(f.Y), 1)
	exact := newAttentionGrad(s, float64s(f.QKV), float64s(dy), f)
	exact.Causal = true
	run(t, exact)
	g := newAttentionGrad(s, f.QKV, dy, f)
	g.Causal = true
	verify(t, g, g.DQKV, exact.DQKV, 8)
}

func lowPrecisionCausal(t *test) {
	for _, c := range []struct{ batch, tokens, heads, d int }{{2, 77, 2, 64}, {1, 290, 1, 16}, {1, 31, 2, 6}} {
		t.Run(name(c.batch, c.tokens, c.heads, c.d), func(t *test) {
			qkv := normal[float32](from(t, 1), c.batch*c.tokens*3*c.heads*c.d, 1)
			op, _ := lowPrecisionAttentionCase(t, qkv, c.batch, c.tokens, c.heads, c.d)
			op.Causal = true
			roundings := float64(weightsFloat)
			if t.level == cpu.BF16 {
				roundings = weightsRounded
			}
			verify(t, op, op.Y, naiveCausal(float64s(qkv), c.batch, c.tokens, op.Dim, c.heads), roundings)
		})
	}

	// What comes later has no influence, whatever it is.
	const tokens, from40 = 77, 40
	qkv := normal[float32](from(t, 3), tokens*3*2*16, 1)
	op, _ := lowPrecisionAttentionCase(t, qkv, 1, tokens, 2, 16)
	op.Causal = true
	run(t, op)
	before := append([]float32(nil), op.Y...)
	for i := from40 * 3 * op.Dim; i < len(qkv); i++ {
		qkv[i] *= 1000
	}
	qkv[from40*3*op.Dim+op.Dim] = float32(math.NaN()) // a key
	round(op.QKV, qkv)
	run(t, op)
	sameBits(t, before[:from40*op.Dim], op.Y[:from40*op.Dim], "tokens before the change")
	require.True(t, math.IsNaN(float64(op.Y[from40*op.Dim])))
}
