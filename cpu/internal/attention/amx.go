package attention

import (
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// bfloat16 attention by AMX tiles is that of Tiled: a tile has keys for rows, and 32
// queries for columns. What tiles want otherwise:
//
//   - steps of 32: rows of keys and of qᵀ are padded with zeros to whole steps of the
//     head's width, weights and values to whole steps of keys;
//   - values by rows of d: vᵀ, transposed once for a block of keys;
//   - maxima, and the factor of what was summed before, apart from the products.

// leastTileHead is the width from which a head is worth tiles.
const leastTileHead = 16

// tileSteps is how many steps of a tile n elements take.
func tileSteps(n int) int { return pool.Blocks(n, kernel.SplitDepth) }

// chooseAMX takes AMX tiles, if the level has them and heads suit them.
func (t *Tiled) chooseAMX() {
	if d := t.width(); !t.Causal && t.table.AMX != nil && d >= leastTileHead && d <= widestTileHead {
		t.amx, t.slim = true, t.full
	}
}

// rowWords is the distance of rows of keys, copied, in words.
func (t *Tiled) rowWords() int {
	d := t.width()
	if t.amx {
		return tileSteps(d) * kernel.SplitDepth / t.perWord
	}
	return d / t.perWord
}

// transposedStride is the distance of rows of vᵀ, in words: an odd number of cache lines,
// at most.
func transposedStride(keys int) int { return (tileSteps(keys) | 1) * pool.CacheLine / 4 }

// transposedRoom is how much memory vᵀ needs.
func (t *Tiled) transposedRoom() int {
	if !t.amx {
		return 0
	}
	return t.width() * transposedStride(keyBlock)
}

// transposeValues makes vᵀ, (d, keys), of the values of keys [from, to); scratch is for as
// many.
func (h head) transposeValues(dst, scratch []float32, from, to int) {
	d, n, ld, lanes := h.width(), pool.Blocks(to-from, 2), transposedStride(to-from), h.table.Lanes
	h.table.Interleave(kernel.At(scratch, 0), h.bytes(valuesOf, from), 4*h.ld, to-from, d)
	for i := 0; i < n; i += lanes {
		for c := 0; c < d; c += lanes {
			h.table.Transpose(kernel.At(dst, c*ld+i), 4*ld, kernel.At(scratch, i*d+c), 4*d, min(lanes, n-i), min(lanes, d-c), lanes, nil)
		}
	}
}

// attendAMX is attend by AMX tiles; values are vᵀ, ldv words from row to row.
func (t *Tiled) attendAMX(g *queries, keys, values []float32, ldv int, scores []float32, nk int, first bool) {
	const cols = kernel.TileCols
	d, amx := t.width(), t.table.AMX
	q, top, alpha := kernel.At(g.q, 0), kernel.At(g.state, cols), kernel.At(g.state, 3*cols)
	calls, n := kernel.TileCalls(nk)
	for _, c := range calls[:n] {
		amx.BFloat16(tileSteps(d), kernel.At(keys, c.Row*t.rowWords()), 4*t.rowWords(), q, kernel.At(scores, c.Row*cols), 0, c.Blocks, c.Low, c.Shapes, uintptr(q))
	}
	amx.RaiseTops(top, kernel.At(scores, 0), nk)
	g.Softmax(kernel.At(scores, 0), nk, kernel.At(g.state, 0), t.factor())
	clear(scores[pool.Blocks(nk, 2)*cols : tileSteps(nk)*kernel.TileRows*cols])
	add := 0
	if !first {
		add = 1
		amx.ScaleRows(kernel.At(g.o, 0), d, alpha)
	}
	weights := kernel.At(scores, 0)
	calls, n = kernel.TileCalls(d)
	for _, c := range calls[:n] {
		amx.BFloat16(tileSteps(nk), kernel.At(values, c.Row*ldv), 4*ldv, weights, kernel.At(g.o, c.Row*cols), add, c.Blocks, c.Low, c.Shapes, uintptr(weights))
	}
}
