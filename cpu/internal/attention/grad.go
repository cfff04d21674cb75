package attention

import (
	"math"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// Grad is the derivative of attention by register tiles. As in Tiled, a tile has keys for
// rows and queries, one a lane, for columns. A task is one head. Per block of queries it has
// all scores at a time, and so needs no second pass over the keys:
//
//	s (keys, queries)  = k·qᵀ       then weights, then probabilities p
//	dp (keys, queries) = v·dyᵀ      then ds = p·(dp - Σ p·dp)/√d
//	dqᵀ (d, queries)   = kᵀ·ds
//	dv (keys, d)      += p·dy
//	dk (keys, d)      += ds·q
//
// Sums are in short chains, as everywhere. Memory grows linearly with the tokens.
type Grad struct {
	Shape
	table *kernel.Table
	tiles *kernel.Tiles

	qkv, dy []float32 // (batch·tokens, 3·dim) and (batch·tokens, dim)
	dqkv    []float32
	scratch []float32 // GradScratch elements for each worker
}

// Float32Grad is the derivative of attention over qkv (Batch·Tokens, 3·Dim) by dy
// (Batch·Tokens, Dim), into dqkv. scratch has GradScratch elements for each worker.
func Float32Grad(k *kernel.Table, s Shape, dqkv, qkv, dy, scratch []float32) Grad {
	return Grad{Shape: s, table: k, tiles: &k.Float32, qkv: qkv, dy: dy, dqkv: dqkv, scratch: scratch}
}

// widestTile is the most columns that a tile of float32 has at any level.
const widestTile = 32

// GradScratch is the memory in float32 that a worker of Grad needs, at any level.
func GradScratch(tokens, d int) int { return gradRoom(widestTile, tokens, d) }

// gradRoom is GradScratch for tiles of so many columns.
func gradRoom(cols, tokens, d int) int {
	panels := pool.Blocks(d, cols) * cols
	return 2*aligned(tokens*d) + 2*tokens*panels + // k and v, dk and dv
		2*tokens*cols + // s and dp
		2*cols*panels + 3*d*cols + // q and dy twice, dqᵀ
		(stateRow+1+mostTileRows)*cols // state, ones and a tile
}

// mostTileRows is the most rows that a tile of float32 has at any level.
const mostTileRows = 24

// aligned is n rounded up to whole cache lines.
func aligned(n int) int { return pool.Blocks(n, pool.CacheLine/4) * pool.CacheLine / 4 }

// Run computes dqkv, and reports whether it has: the level may have no tiles for it. room
// says that scratch is enough for all workers, not only for one.
func (t *Grad) Run(p *pool.Pool, room bool) bool {
	if !t.tiles.Attend() || t.tiles.SoftmaxGrad == nil || t.tiles.Cols > widestTile || t.tiles.MostRows() > mostTileRows {
		return false
	}
	if t.Tokens > 0 && t.Dim > 0 {
		p.RunIf(room, t.Batch*t.Heads, t)
	}
	return true
}

// gradWork is what a task works with.
type gradWork struct {
	*Grad
	image, number int // the head
	d, panels     int // its width, and how many panels that is

	k, v           []float32 // (tokens, d)
	dk, dv         []float32 // (panels, tokens, cols)
	s, dp          []float32 // (tokens, cols)
	qt, dyt        []float32 // (d, cols): a block of queries transposed
	q, dyRows      []float32 // (panels, cols, cols): the same by rows
	dqt            []float32 // (d, cols)
	state, ones    []float32
	partial        []float32
	first, queries int // of the block in progress
}

// Do computes one head.
func (t *Grad) Do(worker, i int) {
	d, cols := t.Dim/t.Heads, t.tiles.Cols
	panels := pool.Blocks(d, cols)
	n := GradScratch(t.Tokens, d)
	m := pool.Scratch[float32](t.scratch[worker*n:][:n])
	w := gradWork{
		Grad: t, image: i / t.Heads, number: i % t.Heads, d: d, panels: panels,
		dk: m.Cut(panels * t.Tokens * cols), dv: m.Cut(panels * t.Tokens * cols),
		s: m.Cut(t.Tokens * cols), dp: m.Cut(t.Tokens * cols),
		qt: m.Cut(d * cols), dyt: m.Cut(d * cols), dqt: m.Cut(d * cols),
		q: m.Cut(panels * cols * cols), dyRows: m.Cut(panels * cols * cols),
		state: m.Cut(stateRow * cols), ones: m.Cut(cols), partial: m.Cut(t.tiles.MostRows() * cols),
		k: m.Cut(aligned(t.Tokens * d)), v: m.Cut(aligned(t.Tokens * d)),
	}
	for i := range w.ones {
		w.ones[i] = 1
	}
	w.copyRows(w.k, keysOf)
	w.copyRows(w.v, valuesOf)
	for w.first = 0; w.first < t.Tokens; w.first += cols {
		w.queries = min(cols, t.Tokens-w.first)
		w.block()
	}
	w.storeKeys(w.dk, keysOf)
	w.storeKeys(w.dv, valuesOf)
}

// at is where a token's queries, keys or values begin, of qkv and of dqkv.
func (w *gradWork) at(what, token int) int {
	return (w.image*w.Tokens+token)*3*w.Dim + what*w.Dim + w.number*w.d
}

func (w *gradWork) copyRows(dst []float32, what int) {
	w.table.CopyRows(kernel.At(dst, 0), 4*w.d, kernel.At(w.qkv, w.at(what, 0)), 12*w.Dim, w.Tokens, w.d)
}

// block computes what a block of queries adds.
func (w *gradWork) block() {
	cols := w.tiles.Cols
	dyAt := (w.image*w.Tokens+w.first)*w.Dim + w.number*w.d
	w.load(w.qt, w.q, w.qkv[w.at(queriesOf, w.first):], 3*w.Dim)
	w.load(w.dyt, w.dyRows, w.dy[dyAt:], w.Dim)

	clear(w.state)
	for i := range w.state[:2*cols] {
		w.state[i] = -math.MaxFloat32
	}
	scale := 1 / math.Sqrt(float64(w.d))
	w.scores(w.s, w.k, w.qt, kernel.At(w.state, cols))
	w.tiles.Softmax(kernel.At(w.s, 0), w.Tokens, kernel.At(w.state, 0), float32(math.Log2E*scale))
	w.scores(w.dp, w.v, w.dyt, nil)
	w.tiles.SoftmaxGrad(kernel.At(w.s, 0), kernel.At(w.dp, 0), w.Tokens, kernel.At(w.state, 2*cols), float32(scale))

	w.queriesGrad()
	w.addKeys(w.dv, w.s, w.dyRows)
	w.addKeys(w.dk, w.dp, w.q)
}
