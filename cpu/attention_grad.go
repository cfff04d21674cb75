package cpu

import (
	"math"

	"cradio/cpu/internal/attention"
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// AttentionGrad is the derivative of Attention with respect to QKV. It stores two
// numbers for each token and head, and recomputes the probabilities p when they are
// needed. With dp = dy·vᵀ and D = Σ p·dp over the keys:
//
//	ds = p·(dp - D)/√d    dq = ds·k    dk = dsᵀ·q    dv = pᵀ·dy
//
// That is the definition. By register tiles, each probability is computed once: see
// attention.Grad.
type AttentionGrad[T Float] struct {
	DQKV, QKV []T // (Batch, Tokens, 3·Dim)
	DY        []T // (Batch, Tokens, Dim)
	Batch     int
	Tokens    int
	Dim       int
	Heads     int
	Causal    bool // as in Attention
	Small     int  // the limit of small operations, see SmallDefault; 0: none
	Scratch   []T  // AttentionGradScratch elements for the pool's threads

	table *kernel.Table
	tiles attention.Grad // at the levels that have them
	batch int            // in progress
}

// AttentionGradScratch returns the size of AttentionGrad's scratch, in elements, for a
// pool of this number of threads. It grows linearly with tokens.
func AttentionGradScratch(threads, tokens, dim, heads int) int {
	if heads <= 0 {
		return 0
	}
	d := dim / heads
	return max(definedGradScratch(threads, tokens, d, heads), threads*attention.GradScratch(tokens, d))
}

// definedGradScratch is AttentionGradScratch of the definition.
func definedGradScratch(threads, tokens, d, heads int) int {
	return 4*heads*tokens + threads*attentionGradWorker(d)
}

// attentionGradWorker is one worker's scratch: two blocks of factors, two transposed
// operands, and two results as HiLo.
func attentionGradWorker(d int) int { return 2 * attention.WorkerScratch(d) }

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
	op.table = tableFor[T](p)
	room := len(op.Scratch) >= AttentionGradScratch(p.Threads(), op.Tokens, op.Dim, op.Heads)
	if fast, ok := any(op).(*AttentionGrad[float32]); ok && !op.Causal && !small(op.Small, op.Tokens, op.Tokens, 2*op.Dim, attentionCost) {
		shape := attention.Shape{Batch: op.Batch, Tokens: op.Tokens, Dim: op.Dim, Heads: op.Heads}
		fast.tiles = attention.Float32Grad(op.table, shape, fast.DQKV, fast.QKV, fast.DY, fast.Scratch)
		if fast.tiles.Run(p.threads, room) {
			return
		}
	}
	n := op.Heads * pool.Blocks(op.Tokens, kernel.BlockRows)
	for op.batch = range op.Batch {
		p.threads.RunIf(room, n, (*attentionGradQ[T])(op))
		p.threads.RunIf(room, n, (*attentionGradKV[T])(op))
	}
}

// gradHead is what one task works with.
type gradHead[T Float] struct {
	d           int
	scale       float64
	q, k, v, dy kernel.Rows[T]
	dqkv        []T               // the batch's rows from the head's dq on
	shift, mean attention.HiLo[T] // (Tokens): log Σ exp of the scores, and D

	a, b           []T // BlockRows×BlockCols
	aT, bT         []T // d×BlockCols: operands transposed
	first, second  attention.HiLo[T]
	scores, dprobs kernel.Block
}

func (op *AttentionGrad[T]) head(worker, h int, g *gradHead[T]) {
	d := op.Dim / op.Heads
	g.d, g.scale = d, 1/math.Sqrt(float64(d))
	at := op.batch * op.Tokens * op.Dim
	x := attention.Heads[T]{V: op.QKV[3*at:], Width: d, Stride: 3 * op.Dim}
	g.q, g.k, g.v = x.At(0, h*d), x.At(0, op.Dim+h*d), x.At(0, 2*op.Dim+h*d)
	g.dy = attention.Heads[T]{V: op.DY[at:], Width: d, Stride: op.Dim}.At(0, h*d)
	g.dqkv = op.DQKV[3*at+h*d:]

	s := pool.Scratch[T](op.Scratch)
	stats := pool.Scratch[T](s.Cut(4 * op.Heads * op.Tokens)[4*h*op.Tokens:])
	g.shift, g.mean = attention.OldHiLo(&stats, op.Tokens), attention.OldHiLo(&stats, op.Tokens)
	s = s[worker*attentionGradWorker(d):]
	g.a, g.b = s.Cut(kernel.BlockRows*kernel.BlockCols), s.Cut(kernel.BlockRows*kernel.BlockCols)
	g.aT, g.bT = s.Cut(d*kernel.BlockCols), s.Cut(d*kernel.BlockCols)
	g.first, g.second = attention.NewHiLo(&s, kernel.BlockRows*d), attention.NewHiLo(&s, kernel.BlockRows*d)
}

// seen is attention.Shape.Seen.
func (op *AttentionGrad[T]) seen(q0, k0 int) int {
	return attention.Shape{Tokens: op.Tokens, Causal: op.Causal}.Seen(q0, k0)
}

// store writes m rows of a gradient, times f, to column c of rows r0 on.
func (op *AttentionGrad[T]) store(g *gradHead[T], from attention.HiLo[T], r0, m, c int, f float64) {
	for r := range m {
		y := g.dqkv[(r0+r)*3*op.Dim+c:][:g.d]
		for j := range y {
			y[j] = T(from.Get(r*g.d+j) * f)
		}
	}
}

// attentionGradQ computes the statistics and dq of one block of queries.
type attentionGradQ[T Float] AttentionGrad[T]

func (op *attentionGradQ[T]) Do(worker, i int) {
	at := (*AttentionGrad[T])(op)
	nq := pool.Blocks(op.Tokens, kernel.BlockRows)
	q0, q1 := pool.Span(i%nq, kernel.BlockRows, op.Tokens)
	var g gradHead[T]
	at.head(worker, i/nq, &g)

	var run attention.Softmax
	var mean [kernel.BlockRows]float64 // Σ exp·dp
	run.Reset()
	for k0 := 0; k0 < op.Tokens; k0 += kernel.BlockCols {
		k1 := min(k0+kernel.BlockCols, op.Tokens)
		kernel.Products(&g.scores, g.q, g.k, q0, q1, k0, k1)
		kernel.Products(&g.dprobs, g.dy, g.v, q0, q1, k0, k1)
		for r := range q1 - q0 {
			attention.Hide(g.scores.Row(r, k1-k0), at.seen(q0, k0)+r+1)
			mean[r] *= run.Update(r, g.scores.Row(r, k1-k0), g.scale)
			dp := g.dprobs.Row(r, k1-k0)
			for j, p := range g.scores.Row(r, k1-k0) {
				run.Sum[r] += p
				mean[r] += p * dp[j]
			}
		}
	}
	for r := range q1 - q0 {
		g.shift.Set(q0+r, run.Max[r]+math.Log(run.Sum[r]))
		g.mean.Set(q0+r, mean[r]/run.Sum[r])
	}

	for k0 := 0; k0 < op.Tokens; k0 += kernel.BlockCols {
		k1 := min(k0+kernel.BlockCols, op.Tokens)
		n := k1 - k0
		kernel.Products(&g.scores, g.q, g.k, q0, q1, k0, k1)
		kernel.Products(&g.dprobs, g.dy, g.v, q0, q1, k0, k1)
		for r := range q1 - q0 {
			attention.Hide(g.scores.Row(r, n), at.seen(q0, k0)+r+1)
			shift, mean := g.shift.Get(q0+r), g.mean.Get(q0+r)
			ds, dp := g.a[r*kernel.BlockCols:][:n], g.dprobs.Row(r, n)
			for j, s := range g.scores.Row(r, n) {
				ds[j] = T(math.Exp(s*g.scale-shift) * (dp[j] - mean))
			}
		}
		kernel.Transpose(at.table, g.aT[:g.d*n], g.k.V[k0*g.k.Stride:], n, g.d, g.k.Stride)
		g.first.Add(kernel.Rows[T]{V: g.a, N: n, Stride: kernel.BlockCols}, kernel.Rows[T]{V: g.aT, N: n, Stride: n}, q1-q0, g.d)
	}
	at.store(&g, g.first, q0, q1-q0, 0, g.scale)
}

// attentionGradKV computes dk and dv of one block of keys.
type attentionGradKV[T Float] AttentionGrad[T]

func (op *attentionGradKV[T]) Do(worker, i int) {
	at := (*AttentionGrad[T])(op)
	nk := pool.Blocks(op.Tokens, kernel.BlockRows)
	k0, k1 := pool.Span(i%nk, kernel.BlockRows, op.Tokens)
	var g gradHead[T]
	at.head(worker, i/nk, &g)

	for q0 := 0; q0 < op.Tokens; q0 += kernel.BlockCols {
		q1 := min(q0+kernel.BlockCols, op.Tokens)
		n := q1 - q0
		kernel.Products(&g.scores, g.k, g.q, k0, k1, q0, q1)
		kernel.Products(&g.dprobs, g.v, g.dy, k0, k1, q0, q1)
		for r := range k1 - k0 {
			if op.Causal {
				attention.Hide(g.scores.Row(r, n)[:min(max(k0+r-q0, 0), n)], 0)
			}
			p, ds, dp := g.a[r*kernel.BlockCols:][:n], g.b[r*kernel.BlockCols:][:n], g.dprobs.Row(r, n)
			for j, s := range g.scores.Row(r, n) {
				e := math.Exp(s*g.scale - g.shift.Get(q0+j))
				p[j] = T(e)
				ds[j] = T(e * (dp[j] - g.mean.Get(q0+j)))
			}
		}
		kernel.Transpose(at.table, g.aT[:g.d*n], g.dy.V[q0*g.dy.Stride:], n, g.d, g.dy.Stride)
		kernel.Transpose(at.table, g.bT[:g.d*n], g.q.V[q0*g.q.Stride:], n, g.d, g.q.Stride)
		g.first.Add(kernel.Rows[T]{V: g.a, N: n, Stride: kernel.BlockCols}, kernel.Rows[T]{V: g.aT, N: n, Stride: n}, k1-k0, g.d)
		g.second.Add(kernel.Rows[T]{V: g.b, N: n, Stride: kernel.BlockCols}, kernel.Rows[T]{V: g.bT, N: n, Stride: n}, k1-k0, g.d)
	}
	at.store(&g, g.first, k0, k1-k0, 2*op.Dim, 1)
	at.store(&g, g.second, k0, k1-k0, op.Dim, g.scale)
}
