package cpu

import "math"

// AttentionWeights is what the queries of some tokens give to each token's value in an
// Attention: softmax(q·kᵀ/√d) for each head of width d = Dim/Heads. It takes memory for
// the tokens asked for alone, and is meant for few of them: each weight is computed in
// float64, in plain Go, and rounded once.
type AttentionWeights[T Float] struct {
	Y      []T   // (Batch, Heads, len(Rows), Tokens)
	QKV    []T   // (Batch, Tokens, 3·Dim), as in Attention
	Rows   []int // tokens whose queries are taken, in any order
	Batch  int
	Tokens int
	Dim    int
	Heads  int
}

// Check reports fields that contradict one another.
func (op *AttentionWeights[T]) Check() error {
	c := checking("AttentionWeights")
	c.heads(op.Dim, op.Heads)
	c.length("QKV", len(op.QKV), op.Batch, op.Tokens, 3, op.Dim)
	c.length("Y", len(op.Y), op.Batch, op.Heads, len(op.Rows), op.Tokens)
	for i, r := range op.Rows {
		if r < 0 || r >= op.Tokens {
			c.fail("Rows[%d] is %d, want 0 to %d", i, r, op.Tokens-1)
		}
	}
	return c.err
}

// Run computes Y.
func (op *AttentionWeights[T]) Run(p *Pool) { p.Run(op.Batch*op.Heads*len(op.Rows), op) }

// Do computes the weights of one query of one head.
func (op *AttentionWeights[T]) Do(_, i int) {
	d, ld := op.Dim/op.Heads, 3*op.Dim
	row, head, batch := op.Rows[i%len(op.Rows)], i/len(op.Rows)%op.Heads, i/len(op.Rows)/op.Heads
	x := op.QKV[batch*op.Tokens*ld:][:op.Tokens*ld]
	q := x[row*ld+head*d:][:d]
	keys := x[op.Dim+head*d:]
	scale := 1 / math.Sqrt(float64(d))
	score := func(t int) float64 {
		s := 0.0
		for j, k := range keys[t*ld:][:d] {
			s += float64(float64(q[j]) * float64(k))
		}
		return s * scale
	}
	// The scores are computed twice: they are few, and keeping them would round them.
	top := math.Inf(-1)
	for t := range op.Tokens {
		top = max(top, score(t)) // NaN wins
	}
	shift := top
	if math.IsInf(top, -1) {
		shift = 0 // all weights are 0/0, as by the definition
	}
	sum := 0.0
	for t := range op.Tokens {
		sum += math.Exp(score(t) - shift)
	}
	y := op.Y[i*op.Tokens:][:op.Tokens]
	for t := range y {
		y[t] = T(math.Exp(score(t)-shift) / sum)
	}
}
