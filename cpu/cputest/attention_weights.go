package cputest

import (
	"math"

	"cradio/cpu"

	"github.com/stretchr/testify/require"
)

func attentionWeights[T cpu.Float](t *test) {
	for _, c := range []struct {
		batch, tokens, heads, d int
		rows                    []int
	}{
		{1, 1, 1, 1, []int{0}}, {2, 13, 3, 5, []int{12, 0, 12}}, {1, 205, 2, 16, []int{7}}, {3, 7, 2, 4, []int{0, 1, 2, 3, 4, 5, 6}}, {1, 5, 2, 3, nil},
	} {
		t.Run(name(c.batch, c.tokens, c.heads, c.d), func(t *test) {
			s := from(t, 1)
			a := newAttention[T](s, c.batch, c.tokens, c.heads, c.d, 1)
			op := &cpu.AttentionWeights[T]{
				QKV: a.QKV, Y: dirty[T](s, c.batch*c.heads*len(c.rows)*c.tokens), Rows: c.rows,
				Batch: c.batch, Tokens: c.tokens, Dim: a.Dim, Heads: c.heads,
			}
			verify(t, op, op.Y, naiveAttentionWeights(float64s(a.QKV), c.batch, c.tokens, a.Dim, c.heads, c.rows), 2)
			// What they weigh is what Attention gives.
			context := naive(a)
			for b := range c.batch {
				for h := range c.heads {
					for i, r := range c.rows {
						weights := op.Y[((b*c.heads+h)*len(c.rows)+i)*c.tokens:][:c.tokens]
						for j := range c.d {
							sum := 0.0
							for k, w := range weights {
								sum += float64(w) * float64(a.QKV[((b*c.tokens+k)*3+2)*a.Dim+h*c.d+j])
							}
							require.InDelta(t, context[(b*c.tokens+r)*a.Dim+h*c.d+j], sum, 1e-5)
						}
					}
				}
			}
		})
	}
	op := &cpu.AttentionWeights[T]{QKV: make([]T, 5*6), Y: make([]T, 10), Rows: []int{5}, Batch: 1, Tokens: 5, Dim: 2, Heads: 2}
	require.ErrorContains(t, op.Check(), "Rows[0] is 5, want 0 to 4")
	op.Rows = []int{1, 2}
	require.ErrorContains(t, op.Check(), "Y has 10 elements")
}

// naiveAttentionWeights holds all weights of all queries at once.
func naiveAttentionWeights(qkv []float64, batch, tokens, dim, heads int, rows []int) []float64 {
	var y []float64
	d := dim / heads
	for b := range batch {
		for h := range heads {
			for _, r := range rows {
				p := make([]float64, tokens)
				sum := 0.0
				for t := range p {
					for j := range d {
						p[t] += qkv[(b*tokens+r)*3*dim+h*d+j] * qkv[(b*tokens+t)*3*dim+dim+h*d+j]
					}
					p[t] = math.Exp(p[t] / math.Sqrt(float64(d)))
					sum += p[t]
				}
				for _, v := range p {
					y = append(y, v/sum)
				}
			}
		}
	}
	return y
}
