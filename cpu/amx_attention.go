package cpu

import "math"

// bfloat16 attention by AMX tiles goes the way of attentionTiled: a tile has keys
// for rows, and 32 queries for columns. What tiles want otherwise:
//
//   - steps of 32: rows of keys and of qᵀ are padded with zeros to whole steps of
//     the head's width, weights and values to whole steps of keys;
//   - values by rows of d: vᵀ, turned around once for a block of keys;
//   - maxima, and the factor of what was summed before, apart from the products.

// leastTileHead is the width from which a head is worth tiles.
const leastTileHead = 16

// steps is how many steps of a tile n elements take.
func tileSteps(n int) int { return blocks(n, productsInStep) }

// byTiles takes AMX tiles, if the level has them and heads suit them.
func (t *attentionTiled) byTiles() {
	if d := t.width(); t.k.amx != nil && d >= leastTileHead && d <= widestTileHead {
		t.amx, t.slim = true, t.wide
	}
}

// rowUnits is the distance of rows of keys, copied, in units.
func (t *attentionTiled) rowUnits() int {
	d := t.width()
	if t.amx {
		return tileSteps(d) * productsInStep / t.per
	}
	return d / t.per
}

// turnedUnits is the distance of rows of vᵀ, in units: an odd number of cache
// lines, at most.
func turnedUnits(keys int) int { return (tileSteps(keys) | 1) * cacheLine / 4 }

// turnedRoom is how much of the arena vᵀ needs.
func (t *attentionTiled) turnedRoom() int {
	if !t.amx {
		return 0
	}
	return t.width() * turnedUnits(keyBlock)
}

// turnValues makes vᵀ, (d, keys), of the values of keys [from, to); scratch is for
// as many.
func (h head) turnValues(dst, scratch []float32, from, to int) {
	d, n, ld := h.width(), blocks(to-from, 2), turnedUnits(to-from)
	h.k.interleave(at(scratch, 0), h.bytes(valuesPart, from), 4*h.ld, to-from, d)
	for i := 0; i < n; i += h.k.lanes {
		for c := 0; c < d; c += h.k.lanes {
			h.k.transpose(at(dst, c*ld+i), 4*ld, at(scratch, i*d+c), 4*d, min(h.k.lanes, n-i), min(h.k.lanes, d-c), h.k.lanes, nil)
		}
	}
}

// attendTiles is attend by tiles; values are vᵀ, ldv units from row to row.
func (t *attentionTiled) attendTiles(g *queries, keys, values []float32, ldv int, scores []float32, nk int, first bool) {
	d, amx := t.width(), t.k.amx
	q, top, alpha := at(g.q, 0), at(g.state, tileCols), at(g.state, 3*tileCols)
	calls, n := tileCalls(nk)
	for _, c := range calls[:n] {
		amx.pairs(tileSteps(d), at(keys, c.row*t.rowUnits()), 4*t.rowUnits(), q, at(scores, c.row*tileCols), 0, c.blocks, c.low, c.shapes, uintptr(q))
	}
	amx.raiseTops(top, at(scores, 0), nk)
	g.softmax(at(scores, 0), nk, at(g.state, 0), float32(math.Log2E/math.Sqrt(float64(d))))
	clear(scores[blocks(nk, 2)*tileCols : tileSteps(nk)*tileRows*tileCols])
	add := 0
	if !first {
		add = 1
		amx.scaleRows(at(g.o, 0), d, alpha)
	}
	weights := at(scores, 0)
	calls, n = tileCalls(d)
	for _, c := range calls[:n] {
		amx.pairs(tileSteps(nk), at(values, c.row*ldv), 4*ldv, weights, at(g.o, c.row*tileCols), add, c.blocks, c.low, c.shapes, uintptr(weights))
	}
}
