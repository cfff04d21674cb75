package kernels_test

import (
	"math"
	"testing"
)

// crossCase is attention of queries (batch, queries, dim), or the same for each entry of the batch, to keys
// and values (batch, tokens, 2·dim).
type crossCase struct {
	batch, queries, tokens, heads, hd int
	shared                            bool
	q, kv, dy                         []float32
}

func (c *crossCase) fill() {
	sets, dim := c.batch, c.heads*c.hd
	if c.shared {
		sets = 1
	}
	c.q, c.kv = normal(1, sets*c.queries*dim, 1), normal(2, c.batch*c.tokens*2*dim, 1)
	c.dy = normal(3, c.batch*c.queries*dim, 1)
}

// want is the derivative by its definition: dq, then dkv.
func (c *crossCase) want() []float64 {
	dim, scale := c.heads*c.hd, 1/math.Sqrt(float64(c.hd))
	d := make([]float64, len(c.q)+len(c.kv))
	dkv := d[len(c.q):]
	for i := range c.batch * c.queries * c.heads {
		b, query, h := i/c.heads/c.queries, i/c.heads%c.queries, i%c.heads
		q, dy := query*dim+h*c.hd, (b*c.queries+query)*dim+h*c.hd
		if !c.shared {
			q = dy
		}
		p, dp := make([]float64, c.tokens), make([]float64, c.tokens)
		sum, mean := 0.0, 0.0
		for j := range p {
			at := (b*c.tokens+j)*2*dim + h*c.hd
			for k := range c.hd {
				p[j] += float64(c.q[q+k]) * float64(c.kv[at+k]) * scale
				dp[j] += float64(c.dy[dy+k]) * float64(c.kv[at+dim+k])
			}
			p[j] = math.Exp(p[j])
			sum += p[j]
		}
		for j := range p {
			p[j] /= sum
			mean += p[j] * dp[j]
		}
		for j := range p {
			at, ds := (b*c.tokens+j)*2*dim+h*c.hd, p[j]*(dp[j]-mean)*scale
			for k := range c.hd {
				d[q+k] += ds * float64(c.kv[at+k])
				dkv[at+k] += ds * float64(c.q[q+k])
				dkv[at+dim+k] += p[j] * float64(c.dy[dy+k])
			}
		}
	}
	return d
}

func (c *crossCase) run(r rig) []float32 {
	r.Helper()
	dim, perBatch, z, batches := c.heads*c.hd, c.queries*c.heads*c.hd, c.batch, 1
	if c.shared {
		perBatch, z, batches = 0, 1, c.batch
	}
	q, kv, dy := r.upload(c.q), r.upload(c.kv), r.upload(c.dy)
	rows, dq, dkv := r.alloc(16*c.batch*c.heads*c.queries), r.alloc(4*len(c.q)), r.alloc(4*len(c.kv))
	place := []any{int64(perBatch), dim, 2 * dim, 0, dim, c.queries, c.tokens, c.heads, c.hd, 0, float32(1 / math.Sqrt(float64(c.hd)))}
	grid := func(rows, batch int) [3]int { return [3]int{blocks(rows, 16), c.heads, batch} }
	block := [3]int{128, 1, 1}
	r.run("attention_grad_rows_f32", grid(c.queries, c.batch), block, 0, append([]any{rows, q, kv, dy}, place...)...)
	r.run("attention_grad_q_f32", grid(c.queries, z), block, 0, append([]any{dq, q, kv, dy, rows, batches}, place...)...)
	r.run("attention_grad_kv_f32", grid(c.tokens, c.batch), block, 0, append([]any{dkv, q, kv, dy, rows}, place...)...)
	return append(r.floats(dq, len(c.q)), r.floats(dkv, len(c.kv))...)
}

// wrong compares dq and dkv, each for itself.
func (c *crossCase) wrong() wrong {
	c.fill()
	want, n := c.want(), len(c.q)
	return func(r rig) string {
		d := c.run(r)
		return distance(d[:n], want[:n], 8) + distance(d[n:], want[n:], 8)
	}
}

func TestCrossAttentionGrad(t *testing.T) {
	r := open(t, "attentiongrad.60")
	for _, c := range []crossCase{
		{batch: 1, queries: 1, tokens: 1, heads: 1, hd: 1}, {batch: 3, queries: 1, tokens: 70, heads: 2, hd: 67, shared: true},
		{batch: 2, queries: 33, tokens: 5, heads: 2, hd: 8}, {batch: 2, queries: 17, tokens: 40, heads: 1, hd: 128, shared: true},
	} {
		if wrong := c.wrong()(r); wrong != "" {
			t.Error(wrong)
		}
	}
}
