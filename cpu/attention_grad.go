package cpu

import "math"

// AttentionGrad is the derivative of Attention with respect to QKV. It stores two
// numbers for each token and head, and recomputes the probabilities p when they are
// needed. With dp = dy·vᵀ and D = Σ p·dp over the keys:
//
//	ds = p·(dp - D)/√d    dq = ds·k    dk = dsᵀ·q    dv = pᵀ·dy
type AttentionGrad[T Float] struct {
	DQKV, QKV []T // (Batch, Tokens, 3·Dim)
	DY        []T // (Batch, Tokens, Dim)
	Batch     int
	Tokens    int
	Dim       int
	Heads     int
	Scratch   []T // AttentionGradScratch elements for the pool's threads

	batch int // in progress
}

// AttentionGradScratch returns the size of AttentionGrad's scratch, in elements, for a
// pool of this number of threads. It grows linearly with tokens.
func AttentionGradScratch(threads, tokens, dim, heads int) int {
	if heads <= 0 {
		return 0
	}
	return 4*heads*tokens + threads*attentionGradWorker(dim/heads)
}

// attentionGradWorker is one worker's scratch: two blocks of factors, two
// operands turned around, two results as pairs.
func attentionGradWorker(d int) int { return 2 * attentionWorker(d) }

// Check reports fields that contradict one another. Scratch must be large enough for
// one thread. If it is too small for all threads, Run uses only one.
func (op *AttentionGrad[T]) Check() error {
	c := checking("AttentionGrad")
	c.heads(op.Dim, op.Heads)
	c.length("QKV", len(op.QKV), op.Batch, op.Tokens, 3, op.Dim)
	c.length("DQKV", len(op.DQKV), op.Batch, op.Tokens, 3, op.Dim)
	c.length("DY", len(op.DY), op.Batch, op.Tokens, op.Dim)
	if c.err == nil {
		c.room("Scratch", len(op.Scratch), AttentionGradScratch(1, op.Tokens, op.Dim, op.Heads))
	}
	return c.err
}

// Run computes DQKV.
func (op *AttentionGrad[T]) Run(p *Pool) {
	room := len(op.Scratch) >= AttentionGradScratch(p.Threads(), op.Tokens, op.Dim, op.Heads)
	n := op.Heads * blocks(op.Tokens, blockRows)
	for op.batch = range op.Batch {
		p.runIf(room, n, (*attentionGradQ[T])(op))
		p.runIf(room, n, (*attentionGradKV[T])(op))
	}
}

// gradHead is what one task works with.
type gradHead[T Float] struct {
	d           int
	scale       float64
	q, k, v, dy rows[T]
	dqkv        []T     // the batch's rows from the head's dq on
	shift, mean wide[T] // (Tokens): log Σ exp of the scores, and D

	a, b           []T // blockRows×blockCols
	aTurn, bTurn   []T // d×blockCols
	first, second  wide[T]
	scores, dprobs block
}

func (op *AttentionGrad[T]) head(worker, h int, g *gradHead[T]) {
	d := op.Dim / op.Heads
	g.d, g.scale = d, 1/math.Sqrt(float64(d))
	at := op.batch * op.Tokens * op.Dim
	x := heads[T]{op.QKV[3*at:], d, 3 * op.Dim}
	g.q, g.k, g.v = x.at(0, h*d), x.at(0, op.Dim+h*d), x.at(0, 2*op.Dim+h*d)
	g.dy = heads[T]{op.DY[at:], d, op.Dim}.at(0, h*d)
	g.dqkv = op.DQKV[3*at+h*d:]

	s := carver[T](op.Scratch)
	stats := carver[T](s.cut(4 * op.Heads * op.Tokens)[4*h*op.Tokens:])
	g.shift = wide[T]{stats.cut(op.Tokens), stats.cut(op.Tokens)}
	g.mean = wide[T]{stats.cut(op.Tokens), stats.cut(op.Tokens)}
	s = s[worker*attentionGradWorker(d):]
	g.a, g.b = s.cut(blockRows*blockCols), s.cut(blockRows*blockCols)
	g.aTurn, g.bTurn = s.cut(d*blockCols), s.cut(d*blockCols)
	g.first = wide[T]{s.cut(blockRows * d), s.cut(blockRows * d)}
	g.second = wide[T]{s.cut(blockRows * d), s.cut(blockRows * d)}
	g.first.clear()
	g.second.clear()
}

// store writes m rows of a gradient, times f, to column c of rows r0 on.
func (op *AttentionGrad[T]) store(g *gradHead[T], from wide[T], r0, m, c int, f float64) {
	for r := range m {
		y := g.dqkv[(r0+r)*3*op.Dim+c:][:g.d]
		for j := range y {
			y[j] = T(from.get(r*g.d+j) * f)
		}
	}
}

// attentionGradQ computes the statistics and dq of one block of queries.
type attentionGradQ[T Float] AttentionGrad[T]

func (op *attentionGradQ[T]) Do(worker, i int) {
	at := (*AttentionGrad[T])(op)
	nq := blocks(op.Tokens, blockRows)
	q0, q1 := span(i%nq, blockRows, op.Tokens)
	var g gradHead[T]
	at.head(worker, i/nq, &g)

	var run softmax
	var mean [blockRows]float64 // Σ exp·dp
	run.reset()
	for k0 := 0; k0 < op.Tokens; k0 += blockCols {
		k1 := min(k0+blockCols, op.Tokens)
		products(&g.scores, g.q, g.k, q0, q1, k0, k1)
		products(&g.dprobs, g.dy, g.v, q0, q1, k0, k1)
		for r := range q1 - q0 {
			mean[r] *= run.weigh(r, g.scores.row(r, k1-k0), g.scale)
			dp := g.dprobs.row(r, k1-k0)
			for j, p := range g.scores.row(r, k1-k0) {
				run.sum[r] += p
				mean[r] += p * dp[j]
			}
		}
	}
	for r := range q1 - q0 {
		g.shift.set(q0+r, run.max[r]+math.Log(run.sum[r]))
		g.mean.set(q0+r, mean[r]/run.sum[r])
	}

	for k0 := 0; k0 < op.Tokens; k0 += blockCols {
		k1 := min(k0+blockCols, op.Tokens)
		n := k1 - k0
		products(&g.scores, g.q, g.k, q0, q1, k0, k1)
		products(&g.dprobs, g.dy, g.v, q0, q1, k0, k1)
		for r := range q1 - q0 {
			shift, mean := g.shift.get(q0+r), g.mean.get(q0+r)
			ds, dp := g.a[r*blockCols:][:n], g.dprobs.row(r, n)
			for j, s := range g.scores.row(r, n) {
				ds[j] = T(math.Exp(s*g.scale-shift) * (dp[j] - mean))
			}
		}
		transpose(g.aTurn[:g.d*n], g.k.v[k0*g.k.ld:], n, g.d, g.k.ld)
		g.first.add(rows[T]{g.a, n, blockCols}, rows[T]{g.aTurn, n, n}, q1-q0, g.d)
	}
	at.store(&g, g.first, q0, q1-q0, 0, g.scale)
}

// attentionGradKV computes dk and dv of one block of keys.
type attentionGradKV[T Float] AttentionGrad[T]

func (op *attentionGradKV[T]) Do(worker, i int) {
	at := (*AttentionGrad[T])(op)
	nk := blocks(op.Tokens, blockRows)
	k0, k1 := span(i%nk, blockRows, op.Tokens)
	var g gradHead[T]
	at.head(worker, i/nk, &g)

	for q0 := 0; q0 < op.Tokens; q0 += blockCols {
		q1 := min(q0+blockCols, op.Tokens)
		n := q1 - q0
		products(&g.scores, g.k, g.q, k0, k1, q0, q1)
		products(&g.dprobs, g.v, g.dy, k0, k1, q0, q1)
		for r := range k1 - k0 {
			p, ds, dp := g.a[r*blockCols:][:n], g.b[r*blockCols:][:n], g.dprobs.row(r, n)
			for j, s := range g.scores.row(r, n) {
				e := math.Exp(s*g.scale - g.shift.get(q0+j))
				p[j] = T(e)
				ds[j] = T(e * (dp[j] - g.mean.get(q0+j)))
			}
		}
		transpose(g.aTurn[:g.d*n], g.dy.v[q0*g.dy.ld:], n, g.d, g.dy.ld)
		transpose(g.bTurn[:g.d*n], g.q.v[q0*g.q.ld:], n, g.d, g.q.ld)
		g.first.add(rows[T]{g.a, n, blockCols}, rows[T]{g.aTurn, n, n}, k1-k0, g.d)
		g.second.add(rows[T]{g.b, n, blockCols}, rows[T]{g.bTurn, n, n}, k1-k0, g.d)
	}
	at.store(&g, g.first, k0, k1-k0, 2*op.Dim, 1)
	at.store(&g, g.second, k0, k1-k0, op.Dim, g.scale)
}
