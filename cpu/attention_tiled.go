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
	stateRow = 5   // rows of a block's state: see internal/gen/weigh.go
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

	most         int // blocks of queries in a task, at most
	whole        int // heads cut coarsely, before the others
	coarse, fine int // tasks of such a head, and of another
}

// run computes y, and reports whether it has: heads may be too wide. Large tasks
// go first, for they copy keys and values less often; the last few heads are cut
// finely, so that threads end together.
func (t *attentionTiled) run(p *Pool) bool {
	t.pool = p
	n, heads := blocks(t.tokens, t.wide.cols), t.batch*t.heads
	if n == 0 || heads == 0 {
		return true
	}
	t.most = min(n, maxGroup)
	for t.most > 1 && t.room() > arenaSize {
		t.most--
	}
	if t.room() > arenaSize {
		return false
	}
	t.coarse = blocks(n, t.most)
	t.fine = min(n, max(t.coarse, blocks(perThread/2*p.Threads(), heads)))
	t.whole = max(0, heads-2*p.Threads())
	p.Run(t.whole*t.coarse+(heads-t.whole)*t.fine, t)
	return true
}

// task is queries [q0, q1) of a head.
type task struct {
	head
	q0, q1 int
}

// task is task i, if there are so many.
func (t *attentionTiled) task(i int) (task, bool) {
	h, of := 0, t.coarse
	if large := t.whole * t.coarse; i >= large {
		h, i, of = t.whole, i-large, t.fine
	}
	h, i = h+i/of, i%of
	n := blocks(t.tokens, t.wide.cols)
	first, count := portion(n, of, i)
	q0, q1 := first*t.wide.cols, (first+count)*t.wide.cols
	return task{head{t, h / t.heads, h % t.heads}, q0, min(q1, t.tokens)}, h < t.batch*t.heads
}

// width is that of a head, in elements.
func (t *attentionTiled) width() int { return t.dim / t.heads }

// room is how much of the arena a task needs: k and v of a block of keys, scores,
// and for each block of queries qᵀ, oᵀ and the state.
func (t *attentionTiled) room() int {
	if t.inParts() {
		return t.partsRoom(t.most)
	}
	d := t.width()
	return 2*keyBlock*d + t.turnedRoom() + (keyBlock+t.wide.rows())*t.wide.cols + t.most*(2*d+stateRow)*t.wide.cols
}

// queries is a block of queries in the making.
type queries struct {
	*tiles             // as wide as the queries are many
	first, n int       // its first token, and how many
	q, o     []float32 // (d/per, cols) and (d, cols): qᵀ, oᵀ
	state    []float32 // (stateRow, cols)

	parts []float32 // of q, where operands are cut: see amx_attention_parts.go
	fits  bool      // q may be
}

// Do computes one head for a group of blocks of queries. Between them it fetches
// what comes next: the next block of keys, or, threads taking tasks in turn, the
// first of another task.
func (t *attentionTiled) Do(worker, i int) {
	d := t.width()
	h, _ := t.task(i)
	after, more := t.task(i + t.pool.Threads())
	parts := blocks(t.tokens, keyBlock)
	next := share(t.tokens, parts, 0) // the end of the keys to come
	if i < t.pool.Threads() {
		h.fetch(0, next, true, 0, 1)
	}

	arena := carver[float32](t.pool.arenas[worker].memory)
	if t.inParts() {
		h.doParts(&arena, after, more)
		return
	}
	keys, copied, scores := arena.cut(keyBlock*d), arena.cut(keyBlock*d+t.turnedRoom()), arena.cut((keyBlock+t.wide.rows())*t.wide.cols)
	var room [maxGroup]queries
	group := h.start(room[:0], &arena, keys)
	for part, k0 := 0, 0; part < parts; part++ {
		k1 := next
		h.copy(keys, keysPart, k0, k1)
		values, ldv := h.values(copied, k0, k1)
		if k1 < t.tokens {
			next += share(t.tokens, parts, part+1)
		}
		for g := range group {
			h.fetchAhead(k1, next, after, more, g, len(group))
			t.attend(&group[g], keys, values, ldv, scores, k1-k0, part == 0)
		}
		k0 = k1
	}
	for g := range group {
		h.store(&group[g], keys)
	}
}

// fetchAhead is fetch of keys and values [k1, next), or, if there are none, of the
// task after it, if there is one.
func (t task) fetchAhead(k1, next int, after task, more bool, i, n int) {
	if k1 < next {
		t.fetch(k1, next, false, i, n)
	} else if more {
		after.fetch(0, share(t.tokens, blocks(t.tokens, keyBlock), 0), true, i, n)
	}
}

// fetch brings closer slice i of n of keys and values [k0, k1), and, if it should,
// of the queries.
func (t task) fetch(k0, k1 int, queries bool, i, n int) {
	lo, hi := k0+(k1-k0)*i/n, k0+(k1-k0)*(i+1)/n
	t.head.fetch(keysPart, lo, hi)
	t.head.fetch(valuesPart, lo, hi)
	if queries {
		t.head.fetch(queriesPart, t.q0+(t.q1-t.q0)*i/n, t.q0+(t.q1-t.q0)*(i+1)/n)
	}
}

// start cuts the task's queries into blocks, turns them around, and sets their
// sums to nothing. scratch is for a block of queries.
func (h task) start(group []queries, arena *carver[float32], scratch []float32) []queries {
	d := h.width()
	for q0 := h.q0; q0 < h.q1; q0 += h.wide.cols {
		g := queries{tiles: h.wide, first: q0, n: min(h.wide.cols, h.q1-q0)}
		if g.n <= h.slim.cols {
			g.tiles = h.slim
		}
		g.q, g.o, g.state = arena.cut(h.rowUnits()*g.cols), arena.cut(h.sumRows() * g.cols)[:d*g.cols], arena.cut(stateRow*g.cols)
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
	if t.per == 2 {
		t.attendPairs(g, keys, values, ldv, scores, nk, first)
		return
	}
	d := t.width()
	part := at(scores, keyBlock*g.cols)
	tiles := blocks(nk, g.rows())
	for i, r := 0, 0; i < tiles; i++ {
		m := share(nk, tiles, i)
		g.gemmRows[m](d, at(keys, r*d), 4*d, at(g.q, 0), at(scores, r*g.cols), 0, part, at(g.state, g.cols), uintptr(at(g.q, 0)))
		r += m
	}
	g.softmax(at(scores, 0), nk, at(g.state, 0), t.factor())
	t.addValues(g, values, ldv, scores, nk, first)
}

// factor makes logarithms to base 2 of weights of products.
func (t *attentionTiled) factor() float32 {
	return float32(math.Log2E / math.Sqrt(float64(t.width())))
}

// addValues adds the products of n rows of values and of weights.
func (t *attentionTiled) addValues(g *queries, values []float32, ldv int, weights []float32, n int, first bool) {
	d := t.width()
	alpha := at(g.state, 3*g.cols)
	if first {
		alpha = nil
	}
	tiles := blocks(d, g.rows())
	for i, r := 0, 0; i < tiles; i++ {
		m := share(d, tiles, i)
		g.gemmCols[m](n, at(values, r), 4*ldv, at(weights, 0), at(g.o, r*g.cols), alpha)
		r += m
	}
}
