package cpu

import (
	"math"
	"unsafe"
)

// float32 attention by AMX tiles goes the way of attentionTiled, with operands in
// parts (see amx_parts.go): keys and vᵀ are cut for a block of keys, qᵀ once, and
// weights as they come. Queries, keys and values that parts cannot hold are
// multiplied as at the level below: that is decided for each block of queries and
// of keys, which are the same however tasks are cut.

// widestTileHead is how wide a head in parts may be: partsRoom(1) must fit in the
// arena, and a row in a slice.
const widestTileHead = 128

// leastValue is the least magnitude that the values of a channel may have if they
// are not all zero: their weights add up to 1 or more.
const leastValue = 0x1p-80

// inParts says that operands are cut.
func (t *attentionTiled) inParts() bool { return t.amx && t.per == 1 }

// partsUnits is the distance of rows of n elements in parts, in float32: an odd
// number of cache lines.
func partsUnits(n int) int { return (partsOf*tileSteps(n) | 1) * cacheLine / 4 }

// partsRoom is how much of the arena a task needs for a group of blocks of queries.
func (t *attentionTiled) partsRoom(group int) int {
	d := t.width()
	keys := keyBlock * (partsUnits(d) + 1)
	values := d*(turnedFloats+partsUnits(keyBlock)) + tileSteps(d)*productsInStep
	scores := keyBlock*tileCols + partsPanel(keyBlock) + tileBlock*tileCols
	return keys + values + scores + group*(partsPanel(d)+(tileSteps(d)*productsInStep+t.sumRows()+stateRow)*tileCols)
}

// sumRows is how many rows oᵀ has room for: sums of products in parts are added by
// whole tiles.
func (t *attentionTiled) sumRows() int {
	if t.inParts() {
		return blocks(t.width(), tileRows) * tileRows
	}
	return t.width()
}

// turnedFloats is the distance of rows of vᵀ before they are cut.
const turnedFloats = keyBlock + cacheLine/4

// partsOfKeys are a block of keys [from, to) and what is done with it.
type partsOfKeys struct {
	head
	from, to int

	keys, keyTops     []float32 // (keys, partsUnits(d)); bits, not numbers
	turned            []float32 // (d, turnedFloats): vᵀ
	values, valueTops []float32 // (d, partsUnits(keys)): it, cut
	scores            []float32 // (keys, tileCols)
	weights           []float32 // the panel of scores, cut
	part              []float32 // scratch for the sums of a block

	keysFit, valuesFit bool // in parts
}

// doParts is Do with operands in parts; after is the task to come.
func (h task) doParts(arena *carver[float32], after task, more bool) {
	d := h.width()
	b := partsOfKeys{
		head: h.head,
		keys: arena.cut(keyBlock * partsUnits(d)), keyTops: arena.cut(keyBlock),
		turned: arena.cut(d * turnedFloats), values: arena.cut(d * partsUnits(keyBlock)),
		valueTops: arena.cut(tileSteps(d) * productsInStep), // what follows begins a cache line
		scores:    arena.cut(keyBlock * tileCols), weights: arena.cut(partsPanel(keyBlock)), part: arena.cut(tileBlock * tileCols),
	}
	var room [maxGroup]queries
	group := h.start(room[:0], arena, nil)
	for g := range group {
		group[g].cut(h.k, arena)
	}
	parts := blocks(h.tokens, keyBlock)
	for part := range parts {
		b.from, b.to = b.to, b.to+share(h.tokens, parts, part)
		b.cut()
		next := b.to
		if next < h.tokens {
			next += share(h.tokens, parts, part+1)
		}
		for g := range group {
			h.fetchAhead(b.to, next, after, more, g, len(group))
			b.score(&group[g])
			b.sum(&group[g], part == 0)
		}
	}
	for g := range group {
		h.store(&group[g], nil)
	}
}

// cut makes the parts of qᵀ.
func (g *queries) cut(k *kernels, arena *carver[float32]) {
	steps := len(g.q) / (productsInStep * tileCols)
	g.parts, g.fits = arena.cut(steps*partsStep), within(largest(g.q), 0, largestTop)
	k.amx.cutPanel(at(g.parts, 0), at(g.q, 0), steps)
}

// cut makes the parts of the block.
func (b *partsOfKeys) cut() {
	d, n, lanes := b.width(), b.to-b.from, b.k.lanes
	b.k.amx.cutRows(at(b.keys, 0), 4*partsUnits(d), at(b.head.from(keysPart, b.from), 0), 4*b.ld, n, d, at(b.keyTops, 0))
	b.keysFit = allWithin(b.keyTops[:n], 0)
	for i := 0; i < n; i += lanes {
		for c := 0; c < d; c += lanes {
			b.k.transpose(at(b.turned, c*turnedFloats+i), 4*turnedFloats, at(b.head.from(valuesPart, b.from+i), c), 4*b.ld, min(lanes, n-i), min(lanes, d-c), lanes, nil)
		}
	}
	b.k.amx.cutRows(at(b.values, 0), 4*partsUnits(n), at(b.turned, 0), 4*turnedFloats, d, n, at(b.valueTops, 0))
	b.valuesFit = allWithin(b.valueTops[:d], leastValue)
}

// allWithin reports whether magnitudes, which are bits, are within the limits.
func allWithin(tops []float32, least float32) bool {
	for _, v := range tops {
		if !within(math.Float32bits(v), least, largestTop) {
			return false
		}
	}
	return true
}

// score makes weights of the scores of the block, and brings g's state forward.
func (b *partsOfKeys) score(g *queries) {
	d, n := b.width(), b.to-b.from
	top := at(g.state, tileCols)
	if g.fits && b.keysFit {
		b.multiply(tileSteps(d), n, b.keys, partsUnits(d), g.parts, at(b.scores, 0), 0)
		b.k.amx.raiseTops(top, at(b.scores, 0), n)
	} else {
		tiles := blocks(n, g.rows())
		for i, r := 0, 0; i < tiles; i++ {
			m := share(n, tiles, i)
			g.gemmRows[m](d, at(b.head.from(keysPart, b.from+r), 0), 4*b.ld, at(g.q, 0), at(b.scores, r*tileCols), 0, at(b.part, 0), top, uintptr(at(g.q, 0)))
			r += m
		}
	}
	g.softmax(at(b.scores, 0), n, at(g.state, 0), float32(math.Log2E/math.Sqrt(float64(d))))
}

// sum adds the block's values, weighed, to what g has summed, if this is not the
// first.
func (b *partsOfKeys) sum(g *queries, first bool) {
	d, n := b.width(), b.to-b.from
	alpha, add := at(g.state, 3*tileCols), 1
	if first {
		alpha, add = nil, 0
	}
	if !b.valuesFit {
		tiles := blocks(d, g.rows())
		for i, r := 0, 0; i < tiles; i++ {
			m := share(d, tiles, i)
			g.gemmCols[m](n, at(b.head.from(valuesPart, b.from), r), 4*b.ld, at(b.scores, 0), at(g.o, r*tileCols), alpha)
			r += m
		}
		return
	}
	steps := tileSteps(n)
	clear(b.scores[n*tileCols : steps*productsInStep*tileCols])
	b.k.amx.cutPanel(at(b.weights, 0), at(b.scores, 0), steps)
	if !first {
		b.k.amx.scaleRows(at(g.o, 0), d, alpha)
	}
	b.multiply(steps, d, b.values, partsUnits(n), b.weights, at(g.o, 0), add)
}

// multiply computes c (+)= a·w, in slices, of so many rows of a.
func (b *partsOfKeys) multiply(steps, rows int, a []float32, lda int, w []float32, c unsafe.Pointer, add int) {
	calls, n := tileCalls(rows)
	slice := blocks(steps, blocks(steps, maxPartsSlice))
	for s := 0; s < steps; s += slice {
		kn, panel := min(slice, steps-s), at(w, s*partsStep)
		for _, call := range calls[:n] {
			from := at(a, call.row*lda+s*partsOf*tileStep/4)
			b.k.amx.parts(kn, from, 4*lda, panel, unsafe.Add(c, call.row*tileCols*4), add, call.blocks, call.low, call.shapes, uintptr(panel), at(b.part, 0))
		}
		add = 1
	}
}
