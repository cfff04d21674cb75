package cpu

import "math"

// Attention is multi-head self-attention over packed queries, keys and values:
// softmax(q·kᵀ/√d)·v for each head of width d = Dim/Heads, heads merged. It
// walks the keys in blocks with a running maximum and sum, so that nothing of
// size Tokens×Tokens exists (Milakov and Gimelshein 2018; Dao et al. 2022).
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

// AttentionScratch is the size of Attention's scratch for a pool of so many
// threads. It grows at most linearly with tokens.
func AttentionScratch(threads, tokens, dim, heads int) int {
	if heads <= 0 {
		return 0
	}
	return threads * attentionWorker(dim/heads)
}

// attentionWorker is one worker's scratch for heads of width d: weights, values
// turned around, and results as pairs.
func attentionWorker(d int) int { return blockRows*blockCols + d*blockCols + 2*blockRows*d }

// Check reports fields that contradict one another. Scratch must do for one
// thread; Run stays on one where it does not do for all.
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
		if k := current.Load(); k != nil && !small(op.Batch, op.Tokens, op.Tokens, 2*op.Dim, attentionCost) {
			fast.tiles.Attention, fast.tiles.k = fast, k
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
	q, k, v := x.at(h*d), x.at(op.Dim+h*d), x.at(2*op.Dim+h*d)

	s := carver[T](op.Scratch[worker*attentionWorker(d):])
	weights := s.cut(blockRows * blockCols)
	turned := s.cut(d * blockCols)
	acc := wide[T]{s.cut(blockRows * d), s.cut(blockRows * d)}
	acc.clear()

	scale := 1 / math.Sqrt(float64(d))
	var run softmax
	run.reset()
	for k0 := 0; k0 < op.Tokens; k0 += blockCols {
		k1 := min(k0+blockCols, op.Tokens)
		var sc block
		products(&sc, q, k, q0, q1, k0, k1)
		for r := range q1 - q0 {
			keep := run.weigh(r, sc.row(r, k1-k0), scale)
			row := weights[r*blockCols:][:k1-k0]
			for j, p := range sc.row(r, k1-k0) {
				row[j] = T(p)
				run.sum[r] += float64(row[j])
			}
			acc.scale(r*d, d, keep)
		}
		transpose(turned[:d*(k1-k0)], v.v[k0*v.ld:], k1-k0, d, v.ld)
		acc.add(rows[T]{weights, k1 - k0, blockCols}, rows[T]{turned, k1 - k0, k1 - k0}, q1-q0, d)
	}
	for r := range q1 - q0 {
		y := op.Y[(b*op.Tokens+q0+r)*op.Dim+h*d:][:d]
		for j := range y {
			y[j] = T(acc.get(r*d+j) / run.sum[r])
		}
	}
}

// softmax is the running maximum and sum of a block of rows.
type softmax struct{ max, sum [blockRows]float64 }

func (s *softmax) reset() {
	for i := range s.max {
		s.max[i] = math.Inf(-1)
	}
}

// weigh turns products into exp(scale·product - max), where max is the largest
// so far of row r. It returns the factor for what was summed with the maximum
// before, and applies it to the row's sum.
func (s *softmax) weigh(r int, p []float64, scale float64) (keep float64) {
	m := s.max[r]
	for j, v := range p {
		v *= scale
		p[j] = v
		m = max(m, v) // NaN wins
	}
	shift := m
	if math.IsInf(m, -1) {
		shift = 0 // nothing but -Inf yet: all weights are 0, not NaN
	}
	keep = math.Exp(s.max[r] - shift)
	s.max[r] = m
	s.sum[r] *= keep
	for j, v := range p {
		p[j] = math.Exp(v - shift)
	}
	return keep
}
