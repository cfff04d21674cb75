package cpu

import "math"

// CrossAttention is softmax(q·kᵀ/√d)·v for each head of width d = Dim/Heads, with queries
// that do not come from the tokens. It is meant for few queries: their scores are computed
// in float64 with sums in plain Go, and the probabilities are kept in T.
type CrossAttention[T Float] struct {
	Y       []T // (Batch, Queries, Dim)
	Q       []T // (Batch, Queries, Dim); with Shared (1, Queries, Dim)
	KV      []T // (Batch, Tokens, 2·Dim)
	Scratch []T // CrossAttentionScratch elements for the pool's threads
	Batch   int
	Queries int
	Tokens  int
	Dim     int
	Heads   int
	Shared  bool // one set of queries is that of all batch entries
}

// CrossAttentionScratch returns the size of the scratch of CrossAttention and of its
// gradients, in elements, for a pool of this number of threads.
func CrossAttentionScratch(threads, tokens int) int { return 2 * threads * tokens }

// Check reports fields that contradict one another. Scratch must be large enough for one
// thread. If it is too small for all threads, Run uses only one.
func (op *CrossAttention[T]) Check() error {
	c := checking("CrossAttention")
	op.check(c)
	c.length("Y", len(op.Y), op.Batch, op.Queries, op.Dim)
	return c.err
}

// check is Check without the output, for the gradients too.
func (op *CrossAttention[T]) check(c *checker) {
	c.heads(op.Dim, op.Heads)
	c.length("Q", len(op.Q), op.sets(), op.Queries, op.Dim)
	c.length("KV", len(op.KV), op.Batch, op.Tokens, 2, op.Dim)
	c.room("Scratch", len(op.Scratch), CrossAttentionScratch(1, op.Tokens))
}

// sets is how many sets of queries there are.
func (op *CrossAttention[T]) sets() int {
	if op.Shared {
		return 1
	}
	return op.Batch
}

// room says whether Scratch has room for all threads of p.
func (op *CrossAttention[T]) room(p *Pool) bool {
	return len(op.Scratch) >= CrossAttentionScratch(p.Threads(), op.Tokens)
}

// Run computes Y.
func (op *CrossAttention[T]) Run(p *Pool) {
	p.threads.RunIf(op.room(p), op.Batch*op.Queries*op.Heads, op)
}

// Do computes one query of one head.
func (op *CrossAttention[T]) Do(worker, i int) {
	query := op.query(worker, i/op.Heads/op.Queries, i/op.Heads%op.Queries, i%op.Heads)
	sum := query.softmax()
	y := op.Y[query.at:][:query.d]
	weightedRows(y, query.p, query.v, query.stride, 1/sum)
}

// crossQuery is one query of one head and what it attends to.
type crossQuery[T Float] struct {
	q      []T // (d)
	k, v   []T // rows from here on, at a distance of stride
	p, ds  []T // (Tokens), scratch
	d      int
	stride int
	at     int // of the query in Y
	scale  float64
}

func (op *CrossAttention[T]) query(worker, batch, query, head int) crossQuery[T] {
	d := op.Dim / op.Heads
	set := batch
	if op.Shared {
		set = 0
	}
	kv := op.KV[2*batch*op.Tokens*op.Dim+head*d:]
	s := op.Scratch[2*worker*op.Tokens:]
	return crossQuery[T]{
		q: op.Q[(set*op.Queries+query)*op.Dim+head*d:][:d],
		k: kv, v: kv[op.Dim:], p: s[:op.Tokens], ds: s[op.Tokens:][:op.Tokens],
		d: d, stride: 2 * op.Dim, at: (batch*op.Queries+query)*op.Dim + head*d,
		scale: 1 / math.Sqrt(float64(d)),
	}
}

// softmax fills p with exp(score - largest score), and returns their sum.
func (c *crossQuery[T]) softmax() (sum float64) {
	top := math.Inf(-1)
	for t := range c.p {
		s := dot(c.q, c.k[t*c.stride:][:c.d]) * c.scale
		c.p[t] = T(s)
		top = max(top, float64(c.p[t])) // NaN wins
	}
	if math.IsInf(top, -1) {
		top = 0 // all weights are 0/0, as by the definition
	}
	for t, s := range c.p {
		e := math.Exp(float64(s) - top)
		c.p[t] = T(e)
		sum += e
	}
	return sum
}

// dot is a·b in float64.
func dot[T Float](a, b []T) float64 {
	var s0, s1, s2, s3 float64
	n := len(a) &^ 3
	b = b[:len(a)]
	for i := 0; i < n; i += 4 {
		s0 += float64(a[i]) * float64(b[i])
		s1 += float64(a[i+1]) * float64(b[i+1])
		s2 += float64(a[i+2]) * float64(b[i+2])
		s3 += float64(a[i+3]) * float64(b[i+3])
	}
	for i := n; i < len(a); i++ {
		s0 += float64(a[i]) * float64(b[i])
	}
	return (s0 + s1) + (s2 + s3)
}

// weightedRows is y = f·Σ wₜ·row t, in float64; rows lie at a distance of stride.
func weightedRows[T Float](y, w, rows []T, stride int, f float64) {
	for lo := 0; lo < len(y); lo += strip {
		hi := min(lo+strip, len(y))
		var acc [strip]float64
		for t, p := range w {
			for j, v := range rows[t*stride+lo : t*stride+hi] {
				acc[j] += float64(p) * float64(v)
			}
		}
		for j := range y[lo:hi] {
			y[lo+j] = T(acc[j] * f)
		}
	}
}
