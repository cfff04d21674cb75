package cpu

import "math"

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
//
// Where the level has tiles of pairs, bfloat16 goes the same way in units of two:
// k and q have half as many units as elements, and weights, like v, are units of
// two keys. At other levels bfloat16 is made float32 as it is copied.

const (
	keyBlock = 256 // keys at a time, at most
	maxGroup = 8   // blocks of queries that share a copy of k, at most
	stateRow = 4   // rows of a block's state: see internal/gen/softmax.go
	lowTile  = 10  // rows of a tile below which v is copied
)

// attentionTiled is attention's task at the levels that have register tiles.
type attentionTiled struct {
	k                         *kernels
	pool                      *Pool
	batch, tokens, dim, heads int

	x          []float32 // rows of units: queries, keys, values
	ld         int       // units from row to row
	pack       int       // elements in a unit of x: 1, or 2 bfloat16
	per        int       // elements in a unit of products; 1 if x is to be widened
	wide, slim *tiles    // for full blocks of queries, and for the last few
	amx        bool      // products are by AMX tiles: see amx_attention.go

	y       []float32 // (batch·tokens, dim), or nil:
	narrowY *Narrow

	group int // blocks of queries in a task
}

// run computes y, and reports whether it has: heads may be too wide.
func (t *attentionTiled) run(p *Pool) bool {
	t.pool = p
	n := blocks(t.tokens, t.wide.cols)
	tasks := blocks(perThread/2*p.Threads(), max(1, t.batch*t.heads)) // of a head
	t.group = min(blocks(n, tasks), maxGroup)
	for t.group > 1 && t.room() > arenaSize {
		t.group--
	}
	if t.group > 0 && t.room() > arenaSize {
		return false
	}
	p.Run(t.batch*t.heads*blocks(n, max(1, t.group)), t)
	return true
}

// width is that of a head, in elements.
func (t *attentionTiled) width() int { return t.dim / t.heads }

// room is how much of the arena a task needs: k and v of a block of keys, scores,
// and for each block of queries qᵀ, oᵀ and the state.
func (t *attentionTiled) room() int {
	d := t.width()
	return 2*keyBlock*d + t.turnedRoom() + (keyBlock+t.wide.rows())*t.wide.cols + t.group*(2*d+stateRow)*t.wide.cols
}

// queries is a block of queries in the making.
type queries struct {
	*tiles             // as wide as the queries are many
	first, n int       // its first token, and how many
	q, o     []float32 // (d/per, cols) and (d, cols): qᵀ, oᵀ
	state    []float32 // (stateRow, cols)
}

// Do computes one head for a group of blocks of queries.
func (t *attentionTiled) Do(worker, i int) {
	d := t.width()
	groups := blocks(blocks(t.tokens, t.wide.cols), t.group)
	h := head{t, i / groups / t.heads, i / groups % t.heads}
	q0, q1 := span(i%groups, t.group*t.wide.cols, t.tokens)
	parts := blocks(t.tokens, keyBlock)
	next := share(t.tokens, parts, 0) // the end of the keys to come
	h.fetch(keysPart, 0, next)
	h.fetch(queriesPart, q0, q1)
	h.fetch(valuesPart, 0, next)

	arena := carver[float32](t.pool.arenas[worker].memory)
	keys, copied, scores := arena.cut(keyBlock*d), arena.cut(keyBlock*d+t.turnedRoom()), arena.cut((keyBlock+t.wide.rows())*t.wide.cols)
	var room [maxGroup]queries
	group := h.start(room[:0], &arena, keys, q0, q1)
	for part, k0 := 0, 0; part < parts; part++ {
		k1 := next
		h.copy(keys, keysPart, k0, k1)
		values, ldv := h.values(copied, k0, k1)
		if k1 < t.tokens {
			next += share(t.tokens, parts, part+1)
			h.fetch(keysPart, k1, next)
			h.fetch(valuesPart, k1, next)
		}
		for g := range group {
			t.attend(&group[g], keys, values, ldv, scores, k1-k0, part == 0)
		}
		k0 = k1
	}
	for g := range group {
		h.store(&group[g], keys)
	}
}

// start cuts queries [q0, q1) into blocks, turns them around, and sets their sums
// to nothing. scratch is for a block of queries.
func (h head) start(group []queries, arena *carver[float32], scratch []float32, q0, q1 int) []queries {
	d := h.width()
	for ; q0 < q1; q0 += h.wide.cols {
		g := queries{tiles: h.wide, first: q0, n: min(h.wide.cols, q1-q0)}
		if g.n <= h.slim.cols {
			g.tiles = h.slim
		}
		g.q, g.o, g.state = arena.cut(h.rowUnits()*g.cols), arena.cut(d*g.cols), arena.cut(stateRow*g.cols)
		h.turn(g.q, g.cols, q0, g.n, scratch)
		clear(g.q[d/h.per*g.cols:])
		clear(g.state[2*g.cols:])
		for i := range g.state[:2*g.cols] {
			g.state[i] = -math.MaxFloat32
		}
		group = append(group, g)
	}
	return group
}

// attend takes nk keys, the first or more, and their values into account.
func (t *attentionTiled) attend(g *queries, keys, values []float32, ldv int, scores []float32, nk int, first bool) {
	if t.amx {
		t.attendTiles(g, keys, values, ldv, scores, nk, first)
		return
	}
	d := t.width()
	depth := d / t.per
	part := at(scores, keyBlock*g.cols)
	tiles := blocks(nk, g.rows())
	for i, r := 0, 0; i < tiles; i++ {
		m := share(nk, tiles, i)
		g.gemmRows[m](depth, at(keys, r*depth), 4*depth, at(g.q, 0), at(scores, r*g.cols), 0, part, at(g.state, g.cols), uintptr(at(g.q, 0)))
		r += m
	}
	g.softmax(at(scores, 0), nk, at(g.state, 0), float32(math.Log2E/math.Sqrt(float64(d))))
	alpha := at(g.state, 3*g.cols)
	if first {
		alpha = nil
	}
	tiles = blocks(d, g.rows())
	for i, r := 0, 0; i < tiles; i++ {
		m := share(d, tiles, i)
		g.gemmCols[m](blocks(nk, t.per), at(values, r), 4*ldv, at(scores, 0), at(g.o, r*g.cols), alpha)
		r += m
	}
}
