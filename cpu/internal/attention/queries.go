package attention

import (
	"math"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// queries is a block of queries in progress.
type queries struct {
	*kernel.Tiles           // as wide as the queries are many
	first, n      int       // its first token, and how many
	q, o          []float32 // (d/perWord, cols) and (d, cols): qᵀ, oᵀ
	state         []float32 // (stateRow, cols)

	split []float32 // q, where operands are split: see split.go
	fits  bool      // q may be
}

// start cuts the task's queries into blocks, transposes them, and sets their sums to
// nothing. scratch is for a block of queries.
func (h task) start(group []queries, memory *pool.Scratch[float32], scratch []float32) []queries {
	d := h.width()
	for q0 := h.q0; q0 < h.q1; q0 += h.full.Cols {
		g := queries{Tiles: h.full, first: q0, n: min(h.full.Cols, h.q1-q0)}
		if g.n <= h.slim.Cols && h.slim.Attend() {
			g.Tiles = h.slim
		}
		g.q, g.o, g.state = memory.Cut(h.rowWords()*g.Cols), memory.Cut(h.sumRows() * g.Cols)[:d*g.Cols], memory.Cut(stateRow*g.Cols)
		h.transposeQueries(g.q, g.Cols, q0, g.n, scratch)
		clear(g.q[d/h.perWord*g.Cols:])
		clear(g.state[2*g.Cols:])
		for i := range g.state[:2*g.Cols] {
			g.state[i] = -math.MaxFloat32
		}
		group = append(group, g)
	}
	return group
}

// attend takes keys [k0, k1), the first or more, and their values into account.
func (t *Tiled) attend(g *queries, keys, values []float32, ldv int, scores []float32, k0, k1 int, first bool) {
	nk := k1 - k0
	if t.amx {
		t.attendAMX(g, keys, values, ldv, scores, nk, first)
		return
	}
	if t.perWord == 2 && !t.joins() {
		t.attendBFloat16(g, keys, values, ldv, scores, nk, first)
		return
	}
	d := t.rowWords()
	partial := kernel.At(scores, keyBlock*g.Cols)
	step := 1 // keys at a time
	if t.joins() {
		step = 2
	}
	steps := pool.Blocks(nk, step)
	tiles := pool.Blocks(steps, g.MostRows()/step)
	hides := t.Causal && k1-1 > g.first
	var tops [widestTile]float32
	if hides {
		copy(tops[:], g.state[g.Cols:2*g.Cols])
	}
	for i, r := 0, 0; i < tiles; i++ {
		m := min(step*pool.Share(steps, tiles, i), nk-r)
		g.GemmRows[m](d, kernel.At(keys, r*d), 4*step*d, kernel.At(g.q, 0), kernel.At(scores, r*g.Cols), 0, partial, kernel.At(g.state, g.Cols), uintptr(kernel.At(g.q, 0)))
		r += m
	}
	if hides {
		copy(g.state[g.Cols:2*g.Cols], tops[:])
		g.hide(scores, k0, k1)
	}
	g.Softmax(kernel.At(scores, 0), nk, kernel.At(g.state, 0), t.factor())
	if t.joins() {
		t.addJoined(g, values, ldv, scores, nk, first)
		return
	}
	t.addValues(g, values, ldv, scores, nk, first)
}

// hide gives no weight to the keys of [k0, k1) that come after their query, and raises the
// maxima by what is left of the scores.
func (g *queries) hide(scores []float32, k0, k1 int) {
	tops := g.state[g.Cols : 2*g.Cols]
	for k := k0; k < k1; k++ {
		row := scores[(k-k0)*g.Cols:][:g.Cols]
		after := min(max(k-g.first, 0), g.Cols) // queries before key k
		for c := range after {
			row[c] = -math.MaxFloat32
		}
		for c := after; c < len(row); c++ {
			tops[c] = max(tops[c], row[c])
		}
	}
}

// factor makes logarithms to base 2 of weights of products.
func (t *Tiled) factor() float32 {
	return float32(math.Log2E / math.Sqrt(float64(t.width())))
}

// addValues adds the products of n rows of values and of weights.
func (t *Tiled) addValues(g *queries, values []float32, ldv int, weights []float32, n int, first bool) {
	d := t.width()
	alpha := kernel.At(g.state, 3*g.Cols)
	if first {
		alpha = nil
	}
	tiles := pool.Blocks(d, g.MostRows())
	for i, r := 0, 0; i < tiles; i++ {
		m := pool.Share(d, tiles, i)
		g.GemmCols[m](n, kernel.At(values, r), 4*ldv, kernel.At(weights, 0), kernel.At(g.o, r*g.Cols), alpha)
		r += m
	}
}
