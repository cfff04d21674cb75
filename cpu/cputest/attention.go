package cputest

import (
	"cradio/cpu"

	"github.com/stretchr/testify/require"
)

func newAttention[T cpu.Float](s source, batch, tokens, heads, d int, deviation float64) *cpu.Attention[T] {
	dim := heads * d
	return &cpu.Attention[T]{
		QKV: normal[T](s, batch*tokens*3*dim, deviation), Y: dirty[T](s, batch*tokens*dim),
		Batch: batch, Tokens: tokens, Dim: dim, Heads: heads,
		Scratch: dirty[T](s, cpu.AttentionScratch(most, tokens, dim, heads)),
	}
}

func naive[T cpu.Float](op *cpu.Attention[T]) []float64 {
	return naiveAttention(float64s(op.QKV), op.Batch, op.Tokens, op.Dim, op.Heads)
}

func attention[T cpu.Float](t *test) {
	for _, c := range []struct{ batch, tokens, heads, d int }{
		{1, 1, 1, 1}, {1, 2, 1, 7}, {2, 13, 3, 5}, {1, 31, 2, 16}, {2, 33, 2, 64}, {1, 65, 1, 80},
		{1, 74, 2, 72}, {1, 130, 2, 32}, {3, 7, 2, 13}, {1, 205, 1, 64}, {1, 67, 1, 128}, {1, 0, 1, 4}, {1, 40, 1, 96},
	} {
		t.Run(name(c.batch, c.tokens, c.heads, c.d), func(t *test) {
			op := newAttention[T](from(t, 1), c.batch, c.tokens, c.heads, c.d, 1)
			verify(t, op, op.Y, naive(op), 8)
			first := append([]T(nil), op.Y...)
			op.Scratch = op.Scratch[:cpu.AttentionScratch(1, c.tokens, op.Dim, c.heads)]
			run(t, op)
			sameBits(t, first, op.Y, "little scratch against much")
		})
	}
	op := newAttention[T](from(t, 1), 1, 3, 2, 4, 1)
	op.Heads = 3
	require.ErrorContains(t, op.Check(), "Dim is 8, want a multiple of Heads = 3")
	op.Heads = 0
	require.ErrorContains(t, op.Check(), "Heads is 0")
	op.Heads, op.Scratch = 2, nil
	require.ErrorContains(t, op.Check(), "Scratch")
	require.Less(t, cpu.AttentionScratch(2, 4000, 768, 12), 3*cpu.AttentionScratch(2, 2000, 768, 12), "scratch grows faster than tokens")
}

// attentionLarge has scores in the hundreds, so that the running maximum moves
// and most weights vanish.
func attentionLarge[T cpu.Float](t *test) {
	op := newAttention[T](from(t, 2), 1, 300, 1, 16, 8)
	verify(t, op, op.Y, naive(op), 400)
}

func attentionNonFinite[T cpu.Float](t *test) {
	const tokens, heads, d = 70, 2, 16
	for _, v := range nonFinite {
		for _, at := range []int{
			65*3*heads*d + 3,           // a query
			66*3*heads*d + heads*d + 3, // a key in the last block
			2*heads*d + 5,              // a value in the first
		} {
			op := newAttention[T](from(t, 3), 1, tokens, heads, d, 1)
			op.QKV[at] = T(v)
			run(t, op)
			near(t, op.Y, naive(op), 8)
		}
	}
}

func attentionGrad[T cpu.Float](t *test) {
	for _, c := range []struct{ batch, tokens, heads, d int }{
		{1, 1, 1, 3}, {2, 5, 2, 3}, {1, 13, 1, 5}, {1, 70, 1, 2},
	} {
		s := from(t, 1)
		f := newAttention[float64](s, c.batch, c.tokens, c.heads, c.d, 1)
		dy := normal[float64](s, len(f.Y), 1)
		g := newAttentionGrad(s, f.QKV, dy, f)
		run(t, g)
		derivative(t, f.QKV, g.DQKV, dy, func() []float64 { run(t, f); return f.Y })
	}
	for _, c := range []struct{ batch, tokens, heads, d int }{
		{1, 0, 1, 3}, {2, 33, 2, 16}, {1, 75, 1, 80}, {1, 130, 1, 13}, {2, 205, 2, 64}, {1, 300, 1, 72}, {1, 67, 1, 128},
	} {
		s := from(t, 1)
		f := newAttention[T](s, c.batch, c.tokens, c.heads, c.d, 1)
		dy := normal[T](s, len(f.Y), 1)
		exact := newAttentionGrad(s, float64s(f.QKV), float64s(dy), f)
		run(t, exact)
		g := newAttentionGrad(s, f.QKV, dy, f)
		verify(t, g, g.DQKV, exact.DQKV, 8)
		first := append([]T(nil), g.DQKV...)
		g.Scratch = g.Scratch[:cpu.AttentionGradScratch(1, c.tokens, f.Dim, c.heads)]
		run(t, g)
		sameBits(t, first, g.DQKV, "little scratch against much")
	}
}

// attentionGradLarge has scores in the hundreds, most of whose weights vanish.
func attentionGradLarge[T cpu.Float](t *test) {
	s := from(t, 2)
	f := newAttention[T](s, 1, 300, 1, 16, 8)
	dy := normal[T](s, len(f.Y), 1)
	exact := newAttentionGrad(s, float64s(f.QKV), float64s(dy), f)
	run(t, exact)
	g := newAttentionGrad(s, f.QKV, dy, f)
	verify(t, g, g.DQKV, exact.DQKV, 400)
}

func attentionGradNonFinite[T cpu.Float](t *test) {
	const tokens, heads, d = 70, 2, 16
	for _, v := range nonFinite {
		for _, at := range []int{
			65*3*heads*d + 3,           // a query
			66*3*heads*d + heads*d + 3, // a key
			2*heads*d + 5,              // a value
			-1,                         // of dy
		} {
			s := from(t, 3)
			f := newAttention[T](s, 1, tokens, heads, d, 1)
			dy := normal[T](s, len(f.Y), 1)
			if at < 0 {
				dy[33*heads*d+3] = T(v)
			} else {
				f.QKV[at] = T(v)
			}
			exact := newAttentionGrad(s, float64s(f.QKV), float64s(dy), f)
			run(t, exact)
			g := newAttentionGrad(s, f.QKV, dy, f)
			run(t, g)
			near(t, g.DQKV, exact.DQKV, 8)
		}
	}
}

func newAttentionGrad[T, U cpu.Float](s source, qkv, dy []T, f *cpu.Attention[U]) *cpu.AttentionGrad[T] {
	return &cpu.AttentionGrad[T]{
		DQKV: dirty[T](s, len(qkv)), QKV: qkv, DY: dy,
		Batch: f.Batch, Tokens: f.Tokens, Dim: f.Dim, Heads: f.Heads,
		Scratch: dirty[T](s, cpu.AttentionGradScratch(most, f.Tokens, f.Dim, f.Heads)),
	}
}
