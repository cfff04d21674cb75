package cpu

import (
	"math"
	"unsafe"
)

// By register tiles, attention works on transposed scores: a tile has keys for
// rows and queries, one a lane, for columns. So the softmax runs down the columns
// and never across lanes, and the weights are the panel that the product with v
// wants. Per task, one head and some blocks of queries; per block of keys:
//
//	s (keys, queries) = k·qᵀ     maxima of the columns kept
//	s = exp(s/√d - maximum)      sums of the columns kept
//	oᵀ (d, queries) = oᵀ·α + vᵀ·s
//
// k is copied together, because its rows would compete for the same cache lines;
// so is v where tiles are low and pass over it often. Rows lie too far apart for
// the machine to see them coming, so they are fetched ahead.

const (
	keyBlock = 256 // keys at a time, at most
	maxGroup = 8   // blocks of queries that share a copy of k, at most
	stateRow = 4   // rows of a block's state: see internal/gen/softmax.go
	lowTile  = 10  // rows of a tile below which v is copied
)

// attentionTiled is Attention's task at the levels that have register tiles.
type attentionTiled struct {
	*Attention[float32]
	k     *kernels
	pool  *Pool
	group int // blocks of queries in a task
}

// run computes Y, and reports whether it has: heads may be too wide.
func (t *attentionTiled) run(p *Pool) bool {
	t.pool = p
	n := blocks(t.Tokens, t.k.cols)
	tasks := blocks(perThread/2*p.Threads(), max(1, t.Batch*t.Heads)) // of a head
	t.group = min(blocks(n, tasks), maxGroup)
	for t.group > 1 && t.room() > arenaSize {
		t.group--
	}
	if t.group > 0 && t.room() > arenaSize {
		return false
	}
	p.Run(t.Batch*t.Heads*blocks(n, max(1, t.group)), t)
	return true
}

// room is how much of the arena a task needs: k and v of a block of keys, scores,
// and for each block of queries qᵀ, oᵀ and the state.
func (t *attentionTiled) room() int {
	d := t.Dim / t.Heads
	return 2*keyBlock*d + (keyBlock+t.k.rows())*t.k.cols + t.group*(2*d+stateRow)*t.k.cols
}

// queries is a block of queries in the making.
type queries struct {
	*tiles             // as wide as the queries are many
	first, n int       // its first token, and how many
	q, o     []float32 // (d, cols): qᵀ, oᵀ
	state    []float32 // (stateRow, cols)
}

// Do computes one head for a group of blocks of queries.
func (t *attentionTiled) Do(worker, i int) {
	k, d, ld := t.k, t.Dim/t.Heads, 3*t.Dim
	groups := blocks(blocks(t.Tokens, k.cols), t.group)
	head, batch := i/groups%t.Heads, i/groups/t.Heads
	x := t.QKV[batch*t.Tokens*ld+head*d:]
	q0, q1 := span(i%groups, t.group*k.cols, t.Tokens)
	parts := blocks(t.Tokens, keyBlock)
	next := share(t.Tokens, parts, 0) // the end of the keys to come
	t.fetch(x, t.Dim, 0, next)
	t.fetch(x, 0, q0, q1)
	t.fetch(x, 2*t.Dim, 0, next)

	arena := carver[float32](t.pool.arenas[worker].memory)
	keys, copied, scores := arena.cut(keyBlock*d), arena.cut(keyBlock*d), arena.cut((keyBlock+k.rows())*k.cols)
	var room [maxGroup]queries
	group := t.start(room[:0], &arena, x, q0, q1)
	for part, k0 := 0, 0; part < parts; part++ {
		k1 := next
		copyHead(keys, x[k0*ld+t.Dim:], k1-k0, d, ld)
		values, ldv := x[k0*ld+2*t.Dim:], ld
		if k.rows() < lowTile {
			copyHead(copied, values, k1-k0, d, ld)
			values, ldv = copied, d
		}
		if k1 < t.Tokens {
			next += share(t.Tokens, parts, part+1)
			t.fetch(x, t.Dim, k1, next)
			t.fetch(x, 2*t.Dim, k1, next)
		}
		for g := range group {
			t.attend(&group[g], keys, values, ldv, scores, k1-k0)
		}
		k0 = k1
	}
	for g := range group {
		t.store(&group[g], t.Y[batch*t.Tokens*t.Dim+head*d:])
	}
}

// start cuts queries [q0, q1) into blocks, turns them around, and sets their sums
// to nothing.
func (t *attentionTiled) start(group []queries, arena *carver[float32], x []float32, q0, q1 int) []queries {
	k, d, ld := t.k, t.Dim/t.Heads, 3*t.Dim
	for ; q0 < q1; q0 += k.cols {
		g := queries{tiles: &k.tiles, first: q0, n: min(k.cols, q1-q0)}
		if g.n <= k.narrow.cols {
			g.tiles = &k.narrow
		}
		g.q, g.o, g.state = arena.cut(d*g.cols), arena.cut(d*g.cols), arena.cut(stateRow*g.cols)
		packPanel(k, g.cols, g.q, x[q0*ld:], ld, g.n, d)
		clear(g.o)
		clear(g.state)
		for i := range g.state[:2*g.cols] {
			g.state[i] = -math.MaxFloat32
		}
		group = append(group, g)
	}
	return group
}

// fetch brings columns [c, c+d) of tokens [from, to) closer.
func (t *attentionTiled) fetch(x []float32, c, from, to int) {
	t.k.fetch(at(x, from*3*t.Dim+c), 4*3*t.Dim, to-from, 4*t.Dim/t.Heads)
}

// copyHead copies n rows of d elements, ld apart, side by side.
func copyHead(dst, src []float32, n, d, ld int) {
	for r := range n {
		copy(dst[r*d:(r+1)*d], src[r*ld:])
	}
}

// attend takes nk keys, and their values, into account.
func (t *attentionTiled) attend(g *queries, keys, values []float32, ldv int, scores []float32, nk int) {
	d := t.Dim / t.Heads
	part := at(scores, keyBlock*g.cols)
	tiles := blocks(nk, g.rows())
	for i, r := 0, 0; i < tiles; i++ {
		m := share(nk, tiles, i)
		g.gemmRows[m](d, at(keys, r*d), 4*d, at(g.q, 0), at(scores, r*g.cols), 0, part, at(g.state, g.cols), uintptr(at(g.q, 0)))
		r += m
	}
	g.softmax(at(scores, 0), nk, at(g.state, 0), float32(math.Log2E/math.Sqrt(float64(d))))
	tiles = blocks(d, g.rows())
	for i, r := 0, 0; i < tiles; i++ {
		m := share(d, tiles, i)
		g.gemmCols[m](nk, at(values, r), 4*ldv, at(scores, 0), at(g.o, r*g.cols), at(g.state, 3*g.cols))
		r += m
	}
}

// store divides by the sums of weights and turns the result around into y.
func (t *attentionTiled) store(g *queries, y []float32) {
	k, d := t.k, t.Dim/t.Heads
	inverse := g.state[2*g.cols : 3*g.cols]
	for i, s := range inverse {
		inverse[i] = 1 / s
	}
	for q := 0; q < g.n; q += k.lanes {
		for c := 0; c < d; c += k.lanes {
			m := min(k.lanes, d-c)
			k.transpose(at(y, (g.first+q)*t.Dim+c), 4*t.Dim, at(g.o, c*g.cols+q), 4*g.cols, m, min(k.lanes, g.n-q), m, unsafe.Pointer(&inverse[q]))
		}
	}
}
