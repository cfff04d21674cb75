package cpu

import (
	"math"
	"unsafe"
)

// By register tiles, attention works on transposed scores: a tile has keys for
// rows and queries, one a lane, for columns. So k is read as it lies, the
// softmax runs down the columns and never across lanes, and the weights are the
// panel that the product with v wants. Per task, one head and some blocks of
// queries; per block of keys:
//
//	s (keys, queries) = k·qᵀ     maxima of the columns kept
//	s = exp(s/√d - maximum)      sums of the columns kept
//	oᵀ (d, queries) = oᵀ·α + vᵀ·s

const (
	keyBlock = slice // keys at a time, at most
	maxGroup = 8     // blocks of queries that share a copy of k and v, at most
	stateRow = 4     // rows of a block's state: see internal/gen/softmax.go
)

// attentionTiled is Attention's task at the levels that have register tiles.
type attentionTiled struct {
	*Attention[float32]
	k     *kernels
	pool  *Pool
	group int // blocks of queries in a task
}

// room is how much of the arena a task needs: k and v of a block of keys, scores,
// and for each block of queries qᵀ, oᵀ and the state.
func (t *attentionTiled) room(group int) int {
	d := t.Dim / t.Heads
	return 2*keyBlock*d + keyBlock*t.k.cols + group*(2*d+stateRow)*t.k.cols
}

// run computes Y, and reports whether it has: heads may be too wide.
func (t *attentionTiled) run(p *Pool) bool {
	t.pool = p
	n := blocks(t.Tokens, t.k.cols)
	tasks := blocks(4*p.Threads(), t.Batch*t.Heads) // of a head, to keep all threads busy
	t.group = min(blocks(n, tasks), maxGroup)
	for t.group > 1 && t.room(t.group) > arenaSize {
		t.group--
	}
	if t.group < 1 || t.room(t.group) > arenaSize {
		return t.group < 1
	}
	p.Run(t.Batch*t.Heads*blocks(n, t.group), t)
	return true
}

// queries is a block of queries in the making.
type queries struct {
	q, o  []float32 // (d, cols): qᵀ, oᵀ
	state []float32 // (stateRow, cols)
	t0, n int       // its first token, and how many
}

// Do computes one head for a group of blocks of queries.
func (t *attentionTiled) Do(worker, i int) {
	k, d, ld := t.k, t.Dim/t.Heads, 3*t.Dim
	groups := blocks(blocks(t.Tokens, k.cols), t.group)
	head := i / groups % t.Heads
	b := i / groups / t.Heads
	x := t.QKV[b*t.Tokens*ld+head*d:]

	arena := carver[float32](t.pool.arenas[worker].memory)
	keys, values, scores := arena.cut(keyBlock*d), arena.cut(keyBlock*d), arena.cut(keyBlock*k.cols)
	var group [maxGroup]queries
	n := 0
	t0, t1 := span(i%groups, t.group*k.cols, t.Tokens)
	for ; t0 < t1; t0 += k.cols {
		g := queries{arena.cut(d * k.cols), arena.cut(d * k.cols), arena.cut(stateRow * k.cols), t0, min(k.cols, t1-t0)}
		t.start(&g, x)
		group[n] = g
		n++
	}
	parts := blocks(t.Tokens, keyBlock)
	for part, k0 := 0, 0; part < parts; part++ {
		nk := share(t.Tokens, parts, part)
		for r := range nk {
			row := x[(k0+r)*ld:]
			copy(keys[r*d:(r+1)*d], row[t.Dim:])
			copy(values[r*d:(r+1)*d], row[2*t.Dim:])
		}
		for g := range group[:n] {
			t.attend(&group[g], keys, values, scores, nk)
		}
		k0 += nk
	}
	for g := range group[:n] {
		t.store(&group[g], t.Y[b*t.Tokens*t.Dim+head*d:])
	}
}

// start turns the queries around and sets the sums to nothing.
func (t *attentionTiled) start(g *queries, x []float32) {
	k, d, ld := t.k, t.Dim/t.Heads, 3*t.Dim
	packPanel(k, g.q, x[g.t0*ld:], ld, g.n, d)
	clear(g.o)
	clear(g.state)
	for i := range g.state[:2*k.cols] {
		g.state[i] = -math.MaxFloat32
	}
}

// attend takes nk keys and their values into account.
func (t *attentionTiled) attend(g *queries, keys, values, scores []float32, nk int) {
	k, d := t.k, t.Dim/t.Heads
	tiles := blocks(nk, k.rows())
	for i, r := 0, 0; i < tiles; i++ {
		m := share(nk, tiles, i)
		k.gemmRows[m](d, at(keys, r*d), 4*d, at(g.q, 0), at(scores, r*k.cols), 0, at(g.state, k.cols), uintptr(at(g.q, 0)))
		r += m
	}
	k.softmax(at(scores, 0), nk, at(g.state, 0), float32(math.Log2E/math.Sqrt(float64(d))))
	tiles = blocks(d, k.rows())
	for i, r := 0, 0; i < tiles; i++ {
		m := share(d, tiles, i)
		k.gemmCols[m](nk, at(values, r), 4*d, at(scores, 0), at(g.o, r*k.cols), at(g.state, 3*k.cols))
		r += m
	}
}

// store divides by the sums of weights and turns the result around into y.
func (t *attentionTiled) store(g *queries, y []float32) {
	k, d := t.k, t.Dim/t.Heads
	inverse := g.state[2*k.cols : 3*k.cols]
	for i, s := range inverse {
		inverse[i] = 1 / s
	}
	for q := 0; q < g.n; q += k.lanes {
		for c := 0; c < d; c += k.lanes {
			k.transpose(at(y, (g.t0+q)*t.Dim+c), 4*t.Dim, at(g.o, c*k.cols+q), 4*k.cols,
				min(k.lanes, d-c), min(k.lanes, g.n-q), min(k.lanes, d-c), unsafe.Pointer(&inverse[q]))
		}
	}
}
