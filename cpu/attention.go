package cpu

import (
	"cradio/cpu/internal/attention"
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// Attention is multi-head self-attention over packed queries, keys and values:
// softmax(q·kᵀ/√d)·v for each head of width d = Dim/Heads, heads merged. It
// processes the keys in blocks with a running maximum and sum, so it needs no memory
// of size Tokens×Tokens (Milakov and Gimelshein 2018; Dao et al. 2022).
type Attention[T Float] struct {
	Y       []T // (Batch, Tokens, Dim)
	QKV     []T // (Batch, Tokens, 3·Dim), each row q, k, v, heads contiguous in each
	Batch   int
	Tokens  int
	Dim     int
	Heads   int
	Causal  bool // a token attends to itself and those before it
	Small   int  // the limit of small operations, see SmallDefault; 0: none
	Scratch []T  // AttentionScratch elements for the pool's threads

	table *kernel.Table
	tiles attention.Tiled // at the levels that have them
}

// AttentionScratch returns the size of Attention's scratch, in elements, for a pool of
// this number of threads. It grows at most linearly with tokens.
func AttentionScratch(threads, tokens, dim, heads int) int {
	if heads <= 0 {
		return 0
	}
	return threads * attention.WorkerScratch(dim/heads)
}

// Check reports fields that contradict one another. Scratch must be large enough for
// one thread. If it is too small for all threads, Run uses only one.
func (op *Attention[T]) Check() error {
	c := checking("Attention")
	c.heads(op.Dim, op.Heads)
	c.length("QKV", len(op.QKV), op.Batch, op.Tokens, 3, op.Dim)
	c.length("Y", len(op.Y), op.Batch, op.Tokens, op.Dim)
	if c.err == nil {
		c.room("Scratch", len(op.Scratch), AttentionScratch(1, op.Tokens, op.Dim, op.Heads))
	}
	return c.err
}

func (c *checker) heads(dim, heads int) {
	c.least("Heads", heads, 1)
	if c.err == nil && (dim < 0 || dim%heads != 0) {
		c.fail("Dim is %d, want a multiple of Heads = %d", dim, heads)
	}
}

// Run computes Y.
func (op *Attention[T]) Run(p *Pool) {
	op.table = tableFor[T](p)
	if fast, ok := any(op).(*Attention[float32]); ok && !small(op.Small, op.Tokens, op.Tokens, 2*op.Dim, attentionCost) {
		shape := attention.Shape{Batch: op.Batch, Tokens: op.Tokens, Dim: op.Dim, Heads: op.Heads, Causal: op.Causal}
		fast.tiles = attention.Float32(op.table, shape, fast.QKV, fast.Y)
		if fast.tiles.Run(p.threads) {
			return
		}
	}
	room := len(op.Scratch) >= AttentionScratch(p.Threads(), op.Tokens, op.Dim, op.Heads)
	p.threads.RunIf(room, op.Batch*op.Heads*pool.Blocks(op.Tokens, kernel.BlockRows), op)
}

// Do computes one head for one block of queries.
func (op *Attention[T]) Do(worker, i int) {
	nq := pool.Blocks(op.Tokens, kernel.BlockRows)
	q0, q1 := pool.Span(i%nq, kernel.BlockRows, op.Tokens)
	d := op.Dim / op.Heads
	image, h := i/nq/op.Heads, i/nq%op.Heads
	x := attention.Heads[T]{V: op.QKV[image*op.Tokens*3*op.Dim:], Width: d, Stride: 3 * op.Dim}
	q := x.At(q0, h*d)

	s := pool.Scratch[T](op.Scratch[worker*attention.WorkerScratch(d):])
	var b attention.Block[T]
	b.Start(&s, d, q1-q0)
	shape := attention.Shape{Tokens: op.Tokens, Causal: op.Causal}
	for k0 := 0; k0 < op.Tokens; k0 += kernel.BlockCols {
		n := min(kernel.BlockCols, op.Tokens-k0)
		b.Add(op.table, q, x.At(k0, op.Dim+h*d), x.At(k0, 2*op.Dim+h*d), n, shape.Seen(q0, k0))
	}
	for r := range q1 - q0 {
		y := op.Y[(image*op.Tokens+q0+r)*op.Dim+h*d:][:d]
		for j := range y {
			y[j] = T(b.Value(r, j))
		}
	}
}
