package cpu

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
	Scratch []T // AttentionScratch elements for the pool's threads

	tiles attentionTiled // at the levels that have them
}

// AttentionScratch returns the size of Attention's scratch, in elements, for a pool of
// this number of threads. It grows at most linearly with tokens.
func AttentionScratch(threads, tokens, dim, heads int) int {
	if heads <= 0 {
		return 0
	}
	return threads * attentionWorker(dim/heads)
}

// attentionWorker is one worker's scratch for heads of width d: weights, values
// turned around, and results as pairs.
func attentionWorker(d int) int { return blockRows*blockCols + d*blockCols + 2*blockRows*d }

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
	if fast, ok := any(op).(*Attention[float32]); ok {
		if k := current.Load(); k != nil && !small(op.Tokens, op.Tokens, 2*op.Dim, attentionCost) {
			fast.tiles = attentionTiled{
				k: k, batch: op.Batch, tokens: op.Tokens, dim: op.Dim, heads: op.Heads,
				x: fast.QKV, ld: 3 * op.Dim, pack: 1, per: 1, wide: &k.tiles, slim: &k.narrow, y: fast.Y,
			}
			fast.tiles.byTiles()
			if fast.tiles.run(p) {
				return
			}
		}
	}
	room := len(op.Scratch) >= AttentionScratch(p.Threads(), op.Tokens, op.Dim, op.Heads)
	p.runIf(room, op.Batch*op.Heads*blocks(op.Tokens, blockRows), op)
}

// Do computes one head for one block of queries.
func (op *Attention[T]) Do(worker, i int) {
	nq := blocks(op.Tokens, blockRows)
	q0, q1 := span(i%nq, blockRows, op.Tokens)
	d := op.Dim / op.Heads
	b, h := i/nq/op.Heads, i/nq%op.Heads
	x := heads[T]{op.QKV[b*op.Tokens*3*op.Dim:], d, 3 * op.Dim}
	q := x.at(q0, h*d)

	s := carver[T](op.Scratch[worker*attentionWorker(d):])
	var a attended[T]
	a.start(&s, d, q1-q0)
	for k0 := 0; k0 < op.Tokens; k0 += blockCols {
		n := min(blockCols, op.Tokens-k0)
		a.take(q, x.at(k0, op.Dim+h*d), x.at(k0, 2*op.Dim+h*d), n)
	}
	for r := range q1 - q0 {
		y := op.Y[(b*op.Tokens+q0+r)*op.Dim+h*d:][:d]
		for j := range y {
			y[j] = T(a.value(r, j))
		}
	}
}
