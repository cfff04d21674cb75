package attention

import (
	"unsafe"

	"cradio/cpu/internal/form"
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// By register tiles, attention works on transposed scores: a tile has keys for rows and
// queries, one a lane, for columns. So the softmax runs down the columns and never across
// lanes, and the weights are the panel that the product with v wants. Per task, one head
// and some blocks of queries; per block of keys:
//
//	s (keys, queries) = k·qᵀ     maxima of the columns kept
//	s = exp(s/√d - maximum)      sums of the columns kept
//	oᵀ (d, queries) = oᵀ·α + vᵀ·s
//
// k is copied together, because its rows would compete for the same cache lines; so is v
// where tiles are low and pass over it often. Rows lie too far apart for the processor's
// own prefetching, so they are fetched ahead.
//
// Where the level has tiles of bfloat16, it is read as it is, in words of two: k and q
// have half as many words as elements, and weights, like v, are words of two keys. At
// other levels bfloat16 is widened to float32 as it is copied.

const (
	keyBlock = 256 // keys at a time, at most
	maxGroup = 8   // blocks of queries that share a copy of k, at most
	stateRow = 5   // rows of a block's state: see gen/x86/weights.go
	lowTile  = 10  // rows of a tile below which v is copied

	perThread = 12 // tasks, so that threads end at nearly one time
)

// Shape is what queries, keys and values are for. Where attention is causal, a query sees the
// keys of its own token and of those before it.
type Shape struct {
	Batch, Tokens, Dim, Heads int
	Causal                    bool
}

// Seen is how many keys after the first of a block, which is token k0, the query of token q0
// sees, at least: see Block.Add.
func (s Shape) Seen(q0, k0 int) int {
	if s.Causal {
		return q0 - k0
	}
	return s.Tokens
}

// Tiled is attention's task at the levels that have register tiles.
type Tiled struct {
	Shape
	table *kernel.Table
	pool  *pool.Pool

	x          []float32     // rows of words: queries, keys, values
	ld         int           // words from row to row
	xPerWord   int           // elements in a word of x: 1, or 2 bfloat16
	perWord    int           // elements in a word of products; 1 if x is to be widened
	full, slim *kernel.Tiles // for full blocks of queries, and for the last few
	amx        bool          // products are by AMX tiles: see amx.go

	y    []float32 // (batch·tokens, dim), or nil:
	lowY *form.Activations

	leaves       bool // products are by leaves: see leaves.go
	most         int  // blocks of queries in a task, at most
	whole        int  // heads cut coarsely, before the others
	coarse, fine int  // tasks of such a head, and of another
}

// Float32 is attention over qkv (Batch·Tokens, 3·Dim) into y.
func Float32(k *kernel.Table, s Shape, qkv, y []float32) Tiled {
	t := Tiled{
		Shape: s, table: k, x: qkv, ld: 3 * s.Dim, xPerWord: 1, perWord: 1,
		full: &k.Float32, slim: &k.Float32Slim, y: y,
	}
	t.chooseAMX()
	return t
}

// BFloat16 is attention over qkv (Batch·Tokens, 3·Dim) of bfloat16 into y, or if that is
// nil into lowY.
func BFloat16(k *kernel.Table, s Shape, qkv *form.Activations, y []float32, lowY *form.Activations) Tiled {
	t := Tiled{
		Shape: s, table: k, x: words(qkv), ld: form.Stride(form.BFloat16, 3*s.Dim) / 4, xPerWord: 2, perWord: 1,
		full: &k.Float32, slim: &k.Float32Slim, y: y, lowY: lowY,
	}
	switch {
	case k.BFloat16.JoinValues != nil && t.width()%joined == 0:
		t.perWord, t.full, t.slim = 2, &k.BFloat16, &k.BFloat16Slim
	case s.Causal:
	case k.Interleave != nil && k.BFloat16.Attend() && t.width()%2 == 0:
		t.perWord, t.full, t.slim = 2, &k.BFloat16, &k.BFloat16Slim
		t.chooseAMX()
	}
	return t
}

// words is a matrix as words of 32 bits.
func words(a *form.Activations) []float32 {
	if len(a.Data) == 0 {
		return nil
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&a.Data[0])), len(a.Data)/4)
}

// Run computes y, and reports whether it has: the level may have no tiles, and heads may
// be too wide. Large tasks go first, for they copy keys and values less often; the last
// few heads are cut finely, so that threads end together.
func (t *Tiled) Run(p *pool.Pool) bool {
	if !t.full.Attend() {
		return false
	}
	t.pool = p
	n, heads := pool.Blocks(t.Tokens, t.full.Cols), t.Batch*t.Heads
	if n == 0 || heads == 0 {
		return true
	}
	t.leaves = t.byLeaves()
	t.most = min(n, maxGroup)
	if t.leaves {
		for t.most = min(n, leafGroup); t.leafRoom(t.most) > pool.DeepArenaSize/2; {
			t.most--
		}
	} else {
		for t.most > 1 && t.room() > pool.ArenaSize {
			t.most--
		}
		if t.room() > pool.ArenaSize {
			return false
		}
	}
	t.coarse = pool.Blocks(n, t.most)
	t.fine = min(n, max(t.coarse, pool.Blocks(perThread*p.Threads(), heads)))
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
func (t *Tiled) task(i int) (task, bool) {
	h, of := 0, t.coarse
	if large := t.whole * t.coarse; i >= large {
		h, i, of = t.whole, i-large, t.fine
	}
	h, i = h+i/of, i%of
	n := pool.Blocks(t.Tokens, t.full.Cols)
	first, count := pool.Portion(n, of, i)
	q0, q1 := first*t.full.Cols, (first+count)*t.full.Cols
	return task{head{t, h / t.Heads, h % t.Heads}, q0, min(q1, t.Tokens)}, h < t.Batch*t.Heads
}

// width is that of a head, in elements.
func (t *Tiled) width() int { return t.Dim / t.Heads }

// room is how much memory a task needs: k and v of a block of keys, scores, and for each
// block of queries qᵀ, oᵀ and the state.
func (t *Tiled) room() int {
	if t.isSplit() {
		return t.splitRoom(t.most)
	}
	d := t.width()
	return 2*keyBlock*d + t.transposedRoom() + (keyBlock+t.full.MostRows())*t.full.Cols + t.most*(2*d+stateRow)*t.full.Cols
}

// Do computes one head for a group of blocks of queries. Between them it fetches what
// comes next: the next block of keys, or the first one of the task that this thread
// probably takes next.
func (t *Tiled) Do(worker, i int) {
	d := t.width()
	h, _ := t.task(i)
	if t.leaves {
		memory := t.pool.Memory(worker)
		h.doLeaves(unsafe.Slice((*float64)(unsafe.Pointer(unsafe.SliceData(memory))), len(memory)/2))
		return
	}
	after, more := t.task(i + t.pool.Threads())
	blocks := pool.Blocks(t.Tokens, keyBlock)
	next := pool.Share(t.Tokens, blocks, 0) // the end of the keys to come
	if i < t.pool.Threads() {
		h.fetch(0, next, true, 0, 1)
	}

	memory := pool.Scratch[float32](t.pool.Memory(worker))
	if t.isSplit() {
		h.doSplit(&memory, after, more)
		return
	}
	keys, copied, scores := memory.Cut(keyBlock*d), memory.Cut(keyBlock*d+t.transposedRoom()), memory.Cut((keyBlock+t.full.MostRows())*t.full.Cols)
	var room [maxGroup]queries
	group := h.start(room[:0], &memory, keys)
	for block, k0 := 0, 0; block < blocks; block++ {
		k1 := next
		h.keys(keys, k0, k1)
		values, ldv := h.values(copied, k0, k1)
		if k1 < t.Tokens {
			next += pool.Share(t.Tokens, blocks, block+1)
		}
		for g := range group {
			h.fetchAhead(k1, next, after, more, g, len(group))
			end := k1
			if t.Causal {
				end = min(k1, group[g].first+group[g].n) // later keys come after these queries
			}
			if k0 < end {
				t.attend(&group[g], keys, values, ldv, scores, k0, end, block == 0)
			}
		}
		k0 = k1
	}
	for g := range group {
		h.store(&group[g], keys)
	}
}

// fetchAhead is fetch of keys and values [k1, next), or, if there are none, of the task
// after it, if there is one.
func (t task) fetchAhead(k1, next int, after task, more bool, i, n int) {
	if k1 < next {
		t.fetch(k1, next, false, i, n)
	} else if more {
		after.fetch(0, pool.Share(t.Tokens, pool.Blocks(t.Tokens, keyBlock), 0), true, i, n)
	}
}

// fetch brings closer slice i of n of keys and values [k0, k1), and, if it should, of the
// queries.
func (t task) fetch(k0, k1 int, queries bool, i, n int) {
	lo, hi := k0+(k1-k0)*i/n, k0+(k1-k0)*(i+1)/n
	t.head.fetch(keysOf, lo, hi)
	t.head.fetch(valuesOf, lo, hi)
	if queries {
		t.head.fetch(queriesOf, t.q0+(t.q1-t.q0)*i/n, t.q0+(t.q1-t.q0)*(i+1)/n)
	}
}
