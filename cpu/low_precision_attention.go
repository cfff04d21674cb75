package cpu

import (
	"cradio/cpu/internal/attention"
	"cradio/cpu/internal/form"
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// LowPrecisionAttention is Attention over bfloat16 queries, keys and values. Scores, weights
// and sums are float32 or better, except that the fast version rounds weights to
// bfloat16 before multiplying. The result is rounded once.
type LowPrecisionAttention struct {
	QKV    *Activations // (Batch·Tokens, 3·Dim) BFloat16, each row q, k, v, heads contiguous in each
	Y      []float32    // (Batch·Tokens, Dim), or nil:
	LowY   *Activations // (Batch·Tokens, Dim) BFloat16
	Batch  int
	Tokens int
	Dim    int
	Heads  int
	Causal bool // a token attends to itself and those before it
	Small  int  // the limit of small operations, see SmallDefault; 0: none

	pool  *pool.Pool
	tiles attention.Tiled // at the levels that have them
}

// Check reports fields that contradict one another, and heads too wide for a
// worker's memory.
func (op *LowPrecisionAttention) Check() error {
	c := checking("LowPrecisionAttention")
	c.least("Batch", op.Batch, 0)
	c.least("Tokens", op.Tokens, 0)
	c.heads(op.Dim, op.Heads)
	if _, ok := pool.Size(op.Batch, op.Tokens, 3, op.Dim); !ok {
		c.fail("QKV would have %s elements: more than an int can count", times([]int{op.Batch, op.Tokens, 3, op.Dim}))
	}
	if c.err != nil {
		return c.err
	}
	if d := op.Dim / op.Heads; d > widestHead {
		c.fail("a head is %d wide, want at most %d", d, widestHead)
	}
	c.activations("QKV", op.QKV, op.Batch*op.Tokens, 3*op.Dim, BFloat16)
	if op.LowY != nil {
		c.activations("LowY", op.LowY, op.Batch*op.Tokens, op.Dim, BFloat16)
	} else {
		c.length("Y", len(op.Y), op.Batch, op.Tokens, op.Dim)
	}
	return c.err
}

// widestHead is how wide a head may be: a worker's memory has to hold Attention's scratch
// and a block of queries, of keys and of values in float32.
const widestHead = (pool.ArenaSize - kernel.BlockRows*kernel.BlockCols) / (3 * (kernel.BlockRows + kernel.BlockCols))

// Run computes Y.
func (op *LowPrecisionAttention) Run(p *Pool) {
	op.pool = p.threads
	if !small(op.Small, op.Tokens, op.Tokens, 2*op.Dim, attentionCost) {
		shape := attention.Shape{Batch: op.Batch, Tokens: op.Tokens, Dim: op.Dim, Heads: op.Heads, Causal: op.Causal}
		op.tiles = attention.BFloat16(op.pool.Table(), shape, op.QKV, op.Y, op.LowY)
		if op.tiles.Run(op.pool) {
			return
		}
	}
	p.Run(op.Batch*op.Heads*pool.Blocks(op.Tokens, kernel.BlockRows), op)
}

// Do computes one head for one block of queries.
func (op *LowPrecisionAttention) Do(worker, i int) {
	nq := pool.Blocks(op.Tokens, kernel.BlockRows)
	q0, q1 := pool.Span(i%nq, kernel.BlockRows, op.Tokens)
	d := op.Dim / op.Heads
	b, h := i/nq/op.Heads, i/nq%op.Heads
	first := b * op.Tokens // row

	s := pool.Scratch[float32](op.pool.Memory(worker))
	q, k, v := s.Cut(kernel.BlockRows*d), s.Cut(kernel.BlockCols*d), s.Cut(kernel.BlockCols*d)
	var a attention.Block[float32]
	a.Start(&s, d, q1-q0)
	op.widen(q, first+q0, q1-q0, h*d, d)
	shape := attention.Shape{Tokens: op.Tokens, Causal: op.Causal}
	for k0 := 0; k0 < op.Tokens; k0 += kernel.BlockCols {
		n := min(kernel.BlockCols, op.Tokens-k0)
		op.widen(k, first+k0, n, op.Dim+h*d, d)
		op.widen(v, first+k0, n, 2*op.Dim+h*d, d)
		a.Add(op.pool.Table(), dense(q, d), dense(k, d), dense(v, d), n, shape.Seen(q0, k0))
	}
	y := q[:d] // no longer needed
	for r := range q1 - q0 {
		for j := range y {
			y[j] = float32(a.Value(r, j))
		}
		op.store(first+q0+r, h, y)
	}
}

// dense is rows of n elements, one after another.
func dense(x []float32, n int) kernel.Rows[float32] {
	return kernel.Rows[float32]{V: x, N: n, Stride: n}
}

// widen writes n rows of QKV from row r on, d columns from column c on, to dst.
func (op *LowPrecisionAttention) widen(dst []float32, r, n, c, d int) {
	for i := range n {
		form.GetRow(op.pool.Table(), op.QKV, r+i, c, dst[i*d:(i+1)*d])
	}
}

// store writes head h of row r.
func (op *LowPrecisionAttention) store(r, h int, y []float32) {
	if op.LowY == nil {
		copy(op.Y[r*op.Dim+h*len(y):], y)
		return
	}
	form.SetAt(op.pool.Table(), op.LowY, r, h*len(y), y)
	if h == op.Heads-1 {
		form.Pad(op.LowY, r)
	}
}
