package cpu

import "unsafe"

// NarrowAttention is Attention over bfloat16 queries, keys and values. Scores, weights
// and sums are float32 or better, except that the fast version rounds weights to
// bfloat16 before multiplying. The result is rounded once.
type NarrowAttention struct {
	QKV     *Narrow   // (Batch·Tokens, 3·Dim) BFloat16, each row q, k, v, heads contiguous in each
	Y       []float32 // (Batch·Tokens, Dim), or nil:
	NarrowY *Narrow   // (Batch·Tokens, Dim) BFloat16
	Batch   int
	Tokens  int
	Dim     int
	Heads   int

	pool  *Pool
	tiles attentionTiled // at the levels that have them
}

// Check reports fields that contradict one another, and heads too wide for a
// worker's memory.
func (op *NarrowAttention) Check() error {
	c := checking("NarrowAttention")
	c.least("Batch", op.Batch, 0)
	c.least("Tokens", op.Tokens, 0)
	c.heads(op.Dim, op.Heads)
	if _, ok := product([]int{op.Batch, op.Tokens, 3, op.Dim}); !ok {
		c.fail("QKV would have %s elements: more than an int can count", times([]int{op.Batch, op.Tokens, 3, op.Dim}))
	}
	if c.err != nil {
		return c.err
	}
	if d := op.Dim / op.Heads; d > widestHead {
		c.fail("a head is %d wide, want at most %d", d, widestHead)
	}
	c.narrow("QKV", op.QKV, op.Batch*op.Tokens, 3*op.Dim, BFloat16)
	if op.NarrowY != nil {
		c.narrow("NarrowY", op.NarrowY, op.Batch*op.Tokens, op.Dim, BFloat16)
	} else {
		c.length("Y", len(op.Y), op.Batch, op.Tokens, op.Dim)
	}
	return c.err
}

// widestHead is how wide a head may be: a worker's arena holds Attention's scratch
// and, widened, a block of queries, of keys and of values.
const widestHead = (arenaSize - blockRows*blockCols) / (3 * (blockRows + blockCols))

// Run computes Y.
func (op *NarrowAttention) Run(p *Pool) {
	if k := current.Load(); k != nil && !small(op.Tokens, op.Tokens, 2*op.Dim, attentionCost) {
		op.tiles = attentionTiled{
			k: k, batch: op.Batch, tokens: op.Tokens, dim: op.Dim, heads: op.Heads,
			x: units(op.QKV), ld: NarrowStride(BFloat16, 3*op.Dim) / 4, pack: 2, per: 1, wide: &k.tiles, slim: &k.narrow,
			y: op.Y, narrowY: op.NarrowY,
		}
		if k.interleave != nil && op.Dim/op.Heads%2 == 0 {
			op.tiles.per, op.tiles.wide, op.tiles.slim = 2, &k.pairs, &k.narrowPairs
			op.tiles.byTiles()
		}
		if op.tiles.run(p) {
			return
		}
	}
	op.pool = p
	p.Run(op.Batch*op.Heads*blocks(op.Tokens, blockRows), op)
}

// units is a matrix as units of 32 bits.
func units(n *Narrow) []float32 {
	if len(n.Data) == 0 {
		return nil
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&n.Data[0])), len(n.Data)/4)
}

// Do computes one head for one block of queries.
func (op *NarrowAttention) Do(worker, i int) {
	nq := blocks(op.Tokens, blockRows)
	q0, q1 := span(i%nq, blockRows, op.Tokens)
	d := op.Dim / op.Heads
	b, h := i/nq/op.Heads, i/nq%op.Heads
	first := b * op.Tokens // row

	s := carver[float32](op.pool.arenas[worker].memory)
	q, k, v := s.cut(blockRows*d), s.cut(blockCols*d), s.cut(blockCols*d)
	var a attended[float32]
	a.start(&s, d, q1-q0)
	op.widen(q, first+q0, q1-q0, h*d, d)
	for k0 := 0; k0 < op.Tokens; k0 += blockCols {
		n := min(blockCols, op.Tokens-k0)
		op.widen(k, first+k0, n, op.Dim+h*d, d)
		op.widen(v, first+k0, n, 2*op.Dim+h*d, d)
		a.take(rows[float32]{q, d, d}, rows[float32]{k, d, d}, rows[float32]{v, d, d}, n)
	}
	y := q[:d] // no longer needed
	for r := range q1 - q0 {
		for j := range y {
			y[j] = float32(a.value(r, j))
		}
		op.store(first+q0+r, h, y)
	}
}

// widen writes n rows of QKV from row r on, d columns from column c on, to dst.
func (op *NarrowAttention) widen(dst []float32, r, n, c, d int) {
	for i := range n {
		op.QKV.Get(r+i, c, dst[i*d:(i+1)*d])
	}
}

// store writes head h of row r.
func (op *NarrowAttention) store(r, h int, y []float32) {
	if op.NarrowY == nil {
		copy(op.Y[r*op.Dim+h*len(y):], y)
		return
	}
	op.NarrowY.setAt(r, h*len(y), y)
	if h == op.Heads-1 {
		op.NarrowY.pad(r)
	}
}
