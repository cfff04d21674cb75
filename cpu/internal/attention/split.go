package attention

import (
	"math"
	"unsafe"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// float32 attention by AMX tiles is that of Tiled, with operands split into three bfloat16
// (see gemm/split.go): keys and vᵀ are split for a block of keys, qᵀ once, and weights as
// they come. Queries, keys and values that cannot be split are multiplied as at the level
// below: that is decided for each block of queries and of keys, which are the same however
// tasks are cut.

// widestTileHead is how wide a split head may be: splitRoom(1) must fit in a worker's
// memory, and a row in a slice.
const widestTileHead = 128

// maxSplitSlice is how many steps of a panel stay in the first-level cache: 36 KiB.
const maxSplitSlice = 6

// leastValue is the least magnitude that the values of a channel may have if they are not
// all zero: their weights add up to 1 or more.
const leastValue = 0x1p-80

// isSplit says that operands are split.
func (t *Tiled) isSplit() bool { return t.amx && t.perWord == 1 }

// splitStride is the distance of rows of n elements, split, in float32: an odd number of
// cache lines.
func splitStride(n int) int {
	return (kernel.SplitTerms*tileSteps(n) | 1) * pool.CacheLine / 4
}

// splitPanelSize is the size in float32 of a panel of so many products, split.
func splitPanelSize(depth int) int { return tileSteps(depth) * kernel.SplitStep }

// splitRoom is how much memory a task needs for a group of blocks of queries.
func (t *Tiled) splitRoom(group int) int {
	const cols = kernel.TileCols
	d := t.width()
	keys := keyBlock * (splitStride(d) + 1)
	values := d*(valueStride+splitStride(keyBlock)) + tileSteps(d)*kernel.SplitDepth
	scores := keyBlock*cols + splitPanelSize(keyBlock) + kernel.TileBlock*cols
	return keys + values + scores + group*(splitPanelSize(d)+(tileSteps(d)*kernel.SplitDepth+t.sumRows()+stateRow)*cols)
}

// sumRows is how many rows oᵀ has room for: sums of split products are added by whole
// tiles.
func (t *Tiled) sumRows() int {
	if t.isSplit() {
		return pool.Blocks(t.width(), kernel.TileRows) * kernel.TileRows
	}
	return t.width()
}

// valueStride is the distance of rows of vᵀ before they are split.
const valueStride = keyBlock + pool.CacheLine/4

// splitKeys is a block of keys [from, to) and what is done with it.
type splitKeys struct {
	head
	from, to int

	keys, keyTops     []float32 // (keys, splitStride(d)); bits, not numbers
	transposed        []float32 // (d, valueStride): vᵀ
	values, valueTops []float32 // (d, splitStride(keys)): it, split
	scores            []float32 // (keys, TileCols)
	weights           []float32 // the panel of scores, split
	partial           []float32 // scratch for the sums of a block

	keysFit, valuesFit bool // can be split
}

// doSplit is Do with split operands; after is the task to come.
func (h task) doSplit(memory *pool.Scratch[float32], after task, more bool) {
	const cols = kernel.TileCols
	d := h.width()
	b := splitKeys{
		head: h.head,
		keys: memory.Cut(keyBlock * splitStride(d)), keyTops: memory.Cut(keyBlock),
		transposed: memory.Cut(d * valueStride), values: memory.Cut(d * splitStride(keyBlock)),
		valueTops: memory.Cut(tileSteps(d) * kernel.SplitDepth), // what follows begins a cache line
		scores:    memory.Cut(keyBlock * cols), weights: memory.Cut(splitPanelSize(keyBlock)), partial: memory.Cut(kernel.TileBlock * cols),
	}
	var room [maxGroup]queries
	group := h.start(room[:0], memory, nil)
	for g := range group {
		group[g].splitQueries(h.table, memory)
	}
	blocks := pool.Blocks(h.Tokens, keyBlock)
	for block := range blocks {
		b.from, b.to = b.to, b.to+pool.Share(h.Tokens, blocks, block)
		b.splitBlock()
		next := b.to
		if next < h.Tokens {
			next += pool.Share(h.Tokens, blocks, block+1)
		}
		for g := range group {
			h.fetchAhead(b.to, next, after, more, g, len(group))
			b.score(&group[g])
			b.sum(&group[g], block == 0)
		}
	}
	for g := range group {
		h.store(&group[g], nil)
	}
}

// splitQueries splits qᵀ.
func (g *queries) splitQueries(k *kernel.Table, memory *pool.Scratch[float32]) {
	steps := len(g.q) / (kernel.SplitDepth * kernel.TileCols)
	g.split, g.fits = memory.Cut(steps*kernel.SplitStep), kernel.Within(kernel.Largest(g.q), 0, kernel.LargestSplit)
	k.AMX.SplitPanel(kernel.At(g.split, 0), kernel.At(g.q, 0), steps, nil)
}

// splitBlock splits the block's keys and values.
func (b *splitKeys) splitBlock() {
	d, n, lanes, amx := b.width(), b.to-b.from, b.table.Lanes, b.table.AMX
	amx.SplitRows(kernel.At(b.keys, 0), 4*splitStride(d), kernel.At(b.head.from(keysOf, b.from), 0), 4*b.ld, n, d, kernel.At(b.keyTops, 0))
	b.keysFit = allWithin(b.keyTops[:n], 0)
	for i := 0; i < n; i += lanes {
		for c := 0; c < d; c += lanes {
			b.table.Transpose(kernel.At(b.transposed, c*valueStride+i), 4*valueStride, kernel.At(b.head.from(valuesOf, b.from+i), c), 4*b.ld, min(lanes, n-i), min(lanes, d-c), lanes, nil)
		}
	}
	amx.SplitRows(kernel.At(b.values, 0), 4*splitStride(n), kernel.At(b.transposed, 0), 4*valueStride, d, n, kernel.At(b.valueTops, 0))
	b.valuesFit = allWithin(b.valueTops[:d], leastValue)
}

// allWithin reports whether magnitudes, which are bits, are within the limits.
func allWithin(tops []float32, least float32) bool {
	for _, v := range tops {
		if !kernel.Within(math.Float32bits(v), least, kernel.LargestSplit) {
			return false
		}
	}
	return true
}

// score makes weights of the scores of the block, and brings g's state forward.
func (b *splitKeys) score(g *queries) {
	const cols = kernel.TileCols
	d, n := b.width(), b.to-b.from
	top := kernel.At(g.state, cols)
	if g.fits && b.keysFit {
		b.multiply(tileSteps(d), n, b.keys, splitStride(d), g.split, kernel.At(b.scores, 0), 0)
		b.table.AMX.RaiseTops(top, kernel.At(b.scores, 0), n)
	} else {
		tiles := pool.Blocks(n, g.MostRows())
		for i, r := 0, 0; i < tiles; i++ {
			m := pool.Share(n, tiles, i)
			g.GemmRows[m](d, kernel.At(b.head.from(keysOf, b.from+r), 0), 4*b.ld, kernel.At(g.q, 0), kernel.At(b.scores, r*cols), 0, kernel.At(b.partial, 0), top, uintptr(kernel.At(g.q, 0)))
			r += m
		}
	}
	g.Softmax(kernel.At(b.scores, 0), n, kernel.At(g.state, 0), b.factor())
}

// sum adds the block's values, times their weights, to what g has summed, if this is not
// the first.
func (b *splitKeys) sum(g *queries, first bool) {
	const cols = kernel.TileCols
	d, n := b.width(), b.to-b.from
	alpha, add := kernel.At(g.state, 3*cols), 1
	if first {
		alpha, add = nil, 0
	}
	if !b.valuesFit {
		tiles := pool.Blocks(d, g.MostRows())
		for i, r := 0, 0; i < tiles; i++ {
			m := pool.Share(d, tiles, i)
			g.GemmCols[m](n, kernel.At(b.head.from(valuesOf, b.from), r), 4*b.ld, kernel.At(b.scores, 0), kernel.At(g.o, r*cols), alpha)
			r += m
		}
		return
	}
	steps := tileSteps(n)
	clear(b.scores[n*cols : steps*kernel.SplitDepth*cols])
	b.table.AMX.SplitPanel(kernel.At(b.weights, 0), kernel.At(b.scores, 0), steps, nil)
	if !first {
		b.table.AMX.ScaleRows(kernel.At(g.o, 0), d, alpha)
	}
	b.multiply(steps, d, b.values, splitStride(n), b.weights, kernel.At(g.o, 0), add)
}

// multiply computes c (+)= a·w, in slices, of so many rows of a.
func (b *splitKeys) multiply(steps, rows int, a []float32, lda int, w []float32, c unsafe.Pointer, add int) {
	calls, n := kernel.TileCalls(rows)
	slice := pool.Blocks(steps, pool.Blocks(steps, maxSplitSlice))
	for s := 0; s < steps; s += slice {
		kn, panel := min(slice, steps-s), kernel.At(w, s*kernel.SplitStep)
		for _, call := range calls[:n] {
			from := kernel.At(a, call.Row*lda+s*kernel.SplitTerms*kernel.TileStep/4)
			b.table.AMX.Split(kn, from, 4*lda, panel, unsafe.Add(c, call.Row*kernel.TileCols*4), add, call.Blocks, call.Low, call.Shapes, uintptr(panel), kernel.At(b.partial, 0))
		}
		add = 1
	}
}
