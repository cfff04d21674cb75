package kernels_test

import (
	"math"
	"testing"
)

// wantGrad is the derivative by its definition: dqkv from dy.
func (c *attentionCase) wantGrad(dy []float32) []float64 {
	dim := c.heads * c.hd
	dqkv := make([]float64, len(c.qkv))
	at := func(b, t, which, h int) int { return ((b*c.tokens+t)*3+which)*dim + h*c.hd }
	dot := func(x, y []float32) (s float64) {
		for i := range x {
			s += float64(x[i]) * float64(y[i])
		}
		return s
	}
	for i := range c.batch * c.heads * c.tokens {
		b, h, t := i/c.heads/c.tokens, i/c.tokens%c.heads, i%c.tokens
		q, g := c.qkv[at(b, t, 0, h):][:c.hd], dy[(b*c.tokens+t)*dim+h*c.hd:][:c.hd]
		p, dp := make([]float64, c.tokens), make([]float64, c.tokens)
		top, sum, mean := math.Inf(-1), 0.0, 0.0
		for j := range p {
			if c.causal && j > t {
				p[j] = math.Inf(-1)
				continue
			}
			p[j] = dot(q, c.qkv[at(b, j, 1, h):][:c.hd]) * c.scale()
			dp[j] = dot(g, c.qkv[at(b, j, 2, h):][:c.hd])
			top = max(top, p[j])
		}
		for j := range p {
			p[j] = math.Exp(p[j] - top)
			sum += p[j]
		}
		for j := range p {
			p[j] /= sum
			mean += p[j] * dp[j]
		}
		for j := range p {
			ds := p[j] * (dp[j] - mean) * c.scale()
			for k := range c.hd {
				dqkv[at(b, t, 0, h)+k] += ds * float64(c.qkv[at(b, j, 1, h)+k])
				dqkv[at(b, j, 1, h)+k] += ds * float64(q[k])
				dqkv[at(b, j, 2, h)+k] += p[j] * float64(g[k])
			}
		}
	}
	return dqkv
}

func (c *attentionCase) grad(r rig, dy []float32) []float32 {
	r.Helper()
	qkv, g := r.upload(c.qkv), r.upload(dy)
	rows, to := r.alloc(16*c.batch*c.heads*c.tokens), r.alloc(4*len(c.qkv))
	grid, block := [3]int{blocks(c.tokens, 16), c.heads, c.batch}, [3]int{128, 1, 1}
	dim, causal := c.heads*c.hd, 0
	if c.causal {
		causal = 1
	}
	place := []any{int64(c.tokens * 3 * dim), 3 * dim, 3 * dim, dim, 2 * dim, c.tokens, c.tokens, c.heads, c.hd, causal, float32(c.scale())}
	r.run("attention_grad_rows_f32", grid, block, 0, append([]any{rows, qkv, qkv, g}, place...)...)
	r.run("attention_grad_q_f32", grid, block, 0, append([]any{to, qkv, qkv, g, rows, 1}, place...)...)
	r.run("attention_grad_kv_f32", grid, block, 0, append([]any{to, qkv, qkv, g, rows}, place...)...)
	return r.floats(to, len(c.qkv))
}

func (c *attentionCase) output(seed uint64) []float32 {
	return normal(seed, c.batch*c.tokens*c.heads*c.hd, 1)
}

func TestAttentionGrad(t *testing.T) {
	r := open(t, "attentiongrad.60")
	for i, s := range [][4]int{{1, 1, 1, 1}, {1, 2, 1, 7}, {2, 13, 3, 5}, {1, 31, 2, 16}, {2, 33, 2, 64}, {1, 70, 1, 80}, {1, 130, 2, 32}, {1, 40, 1, 128}, {1, 205, 1, 72}} {
		c := newAttention(uint64(i), s[0], s[1], s[2], s[3], 1)
		dy := c.output(50)
		near(t, "dqkv", c.grad(r, dy), c.wantGrad(dy), 8)
		c.causal = true
		near(t, "dqkv, causal", c.grad(r, dy), c.wantGrad(dy), 8)
	}
}

// One key has nearly all the weight, so that the derivative of scores is a small difference of large
// numbers; or all have the same.
func TestAttentionGradExtremes(t *testing.T) {
	r := open(t, "attentiongrad.60")
	for deviation, roundings := range map[float64]float64{8: 400, 3: 60, 0: 8, 1e-20: 8} {
		c := newAttention(2, 1, 90, 1, 16, deviation)
		dy := c.output(51)
		near(t, "dqkv", c.grad(r, dy), c.wantGrad(dy), roundings)
	}
	// Values and gradients far from zero cancel: what is stored of a row is relative to its largest key.
	c := newAttention(7, 1, 40, 1, 16, 4)
	for i := range c.qkv {
		if i/16%3 == 2 {
			c.qkv[i] += 1000
		}
	}
	dy := c.output(52)
	near(t, "dqkv", c.grad(r, dy), c.wantGrad(dy), 1000)
}

func TestAttentionGradNonFinite(t *testing.T) {
	r := open(t, "attentiongrad.60")
	const tokens, heads, hd = 40, 2, 16
	for _, v := range nonFinite {
		for _, at := range []int{35*3*heads*hd + 3, 36*3*heads*hd + heads*hd + 3, 2*heads*hd + 5} { // a query, a key, a value
			c := newAttention(3, 1, tokens, heads, hd, 1)
			c.qkv[at] = v
			dy := c.output(53)
			found, want := c.grad(r, dy), c.wantGrad(dy)
			for i := range want {
				if finite(want[i]) != finite(float64(found[i])) {
					t.Fatalf("%v at %d: element %d is %v, want %v", v, at, i, found[i], want[i])
				}
			}
		}
	}
}

func TestAttentionGradInEachOrder(t *testing.T) {
	r := open(t, "attentiongrad.60")
	c := newAttention(4, 1, 75, 1, 40, 1)
	dy := c.output(54)
	want := c.wantGrad(dy)
	r.inEachOrder(func() { near(t, "dqkv", c.grad(r, dy), want, 8) })
}
