package cpu

import "math"

// CrossAttentionGradQ is the derivative of CrossAttention with respect to Q. With the
// probabilities p and dp = dy·vᵀ:
//
//	ds = p·(dp - Σ p·dp)/√d    dq = ds·k
type CrossAttentionGradQ[T Float] struct {
	CrossAttention[T]     // but for Y
	DQ, DY            []T // as Q; (Batch, Queries, Dim)
}

// Check reports fields that contradict one another. Scratch is as in CrossAttention.
func (op *CrossAttentionGradQ[T]) Check() error {
	c := checking("CrossAttentionGradQ")
	op.check(c)
	c.length("DQ", len(op.DQ), op.sets(), op.Queries, op.Dim)
	c.length("DY", len(op.DY), op.Batch, op.Queries, op.Dim)
	return c.err
}

// Run computes DQ.
func (op *CrossAttentionGradQ[T]) Run(p *Pool) {
	p.threads.RunIf(op.room(p), op.sets()*op.Queries*op.Heads, op)
}

// Do computes one query of one head. That of all batch entries is the sum over them, in their
// order.
func (op *CrossAttentionGradQ[T]) Do(worker, i int) {
	head, query, set := i%op.Heads, i/op.Heads%op.Queries, i/op.Heads/op.Queries
	d := op.Dim / op.Heads
	dq := op.DQ[(set*op.Queries+query)*op.Dim+head*d:][:d]
	if !op.Shared {
		c := op.query(worker, set, query, head)
		c.scores(op.DY[c.at:][:d])
		weightedRows(dq, c.ds, c.k, c.stride, c.scale)
		return
	}
	scale := 1 / math.Sqrt(float64(d))
	for lo := 0; lo < d; lo += strip {
		hi := min(lo+strip, d)
		var acc [strip]float64
		for batch := range op.Batch {
			c := op.query(worker, batch, query, head)
			c.scores(op.DY[c.at:][:d])
			for t, s := range c.ds {
				for j, k := range c.k[t*c.stride+lo : t*c.stride+hi] {
					acc[j] += float64(s) * float64(k)
				}
			}
		}
		for j := range dq[lo:hi] {
			dq[lo+j] = T(acc[j] * scale)
		}
	}
}

// scores fills p with the probabilities and ds with the gradient of the scores, without the
// factor 1/√d.
func (c *crossQuery[T]) scores(dy []T) {
	sum := c.softmax()
	mean := 0.0
	for t, e := range c.p {
		p := float64(e) / sum
		dp := dot(dy, c.v[t*c.stride:][:c.d])
		c.p[t], c.ds[t] = T(p), T(dp)
		mean += p * dp
	}
	for t, dp := range c.ds {
		c.ds[t] = T(float64(c.p[t]) * (float64(dp) - mean))
	}
}

// CrossAttentionGradKV is the derivative of CrossAttention with respect to KV:
//
//	dk = dsᵀ·q    dv = pᵀ·dy
type CrossAttentionGradKV[T Float] struct {
	CrossAttention[T]     // but for Y
	DKV, DY           []T // as KV; (Batch, Queries, Dim)
}

// Check reports fields that contradict one another. Scratch is as in CrossAttention.
func (op *CrossAttentionGradKV[T]) Check() error {
	c := checking("CrossAttentionGradKV")
	op.check(c)
	c.length("DKV", len(op.DKV), op.Batch, op.Tokens, 2, op.Dim)
	c.length("DY", len(op.DY), op.Batch, op.Queries, op.Dim)
	return c.err
}

// Run computes DKV.
func (op *CrossAttentionGradKV[T]) Run(p *Pool) {
	p.threads.RunIf(op.room(p), op.Batch*op.Heads, op)
}

// Do computes one head of one batch entry: the sum over its queries, in their order.
func (op *CrossAttentionGradKV[T]) Do(worker, i int) {
	head, batch := i%op.Heads, i/op.Heads
	for query := range op.Queries {
		c := op.query(worker, batch, query, head)
		dy := op.DY[c.at:][:c.d]
		c.scores(dy)
		d := op.DKV[2*batch*op.Tokens*op.Dim+head*c.d:]
		for t := range op.Tokens {
			dk, dv := d[t*c.stride:][:c.d], d[t*c.stride+op.Dim:][:c.d]
			if query == 0 {
				clear(dk)
				clear(dv)
			}
			ds, p := float64(c.ds[t])*c.scale, float64(c.p[t])
			for j := range dk {
				dk[j] += T(ds * float64(c.q[j]))
				dv[j] += T(p * float64(dy[j]))
			}
		}
	}
}
