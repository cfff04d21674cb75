package gemm

import "cradio/cpu/internal/pool"

// joined is a product of operands that are no packed weights: a gradient of Linear.
//
// A task is a block of rows of A and a group of panels of B. Slice by slice of depth, it copies the block so that the
// words of a tile for one k lie side by side, and multiplies it by one panel after another; the sums of all panels wait
// for the next slice. If all rows are one block, the first tile packs each panel, and else all are packed before.
// Either way the tiles fetch the next slice of B, at a pace that leaves the core free to fetch other lines.
type joined struct {
	*Product
	blocks, rows   int // of rows, and the most in one
	groups, panels int // of panels, and the most in one
}

const (
	joinedSlice = 576     // products at a time, at most
	joinedWords = 60_000  // of a slice of a block of A: with its sums, what leaves room in a second-level cache
	joinedAlone = 120_000 // the same where a block has all rows
	joinedLeast = 56      // rows of an image: products of fewer take no time
	joinedRoom  = 180_000 // float32 that a task works with
	joinedFetch = 4       // products for each line that a tile fetches
	besideRoom  = 16      // float32 for a kernel.Beside
)

// joins reports whether t is such a product. That does not depend on the number of images. Images of few rows,
// and of many, are left to Strassen's algorithm.
func (t *Product) joins() bool {
	rows := t.M
	if t.Tokens > 0 {
		rows = t.Tokens
	}
	if t.tiles.GemmJoined == nil || t.low != nil || t.W != nil || t.ByRows || t.Exact != nil || t.packing.split || t.packing.rounded {
		return false
	}
	return rows > leastPacking*t.tiles.MostRows() && (t.ByCols || rows > joinedLeast && rows <= joinedAlone/joinedSlice)
}

// plan cuts the product into tasks. No element depends on that.
func (g *joined) plan(t *Product, threads int) {
	g.Product = t
	most, cols := t.tiles.MostRows(), t.tiles.Cols
	slices := max(1, pool.Blocks(t.Depth, joinedSlice))
	t.slice = max(1, pool.Blocks(pool.Blocks(t.Depth, slices), chain)) * chain
	depth := min(t.slice, max(t.Depth, 1))
	if g.blocks = 1; t.ByCols || t.M*depth > joinedAlone {
		g.blocks = pool.Blocks(t.M, max(1, joinedWords/(depth*most))*most)
		if g.blocks < perThread*threads {
			g.blocks = pool.Blocks(g.blocks, threads) * threads
		}
	}
	g.rows = pool.Blocks(t.M, g.blocks)
	room := max(joinedRoom, g.rows*depth+joinedRoom/2) - g.rows*depth - (t.slice+most)*cols - 2*t.Table.Lanes - besideRoom
	g.groups = 1
	if slices > 1 {
		g.groups = pool.Blocks(t.count, max(1, room/(g.rows*cols)))
	}
	if need := pool.Blocks(threads, g.blocks); g.groups < need || g.blocks == 1 {
		g.groups = min(t.count, pool.Blocks(g.groups, need)*need)
	}
	g.panels = pool.Blocks(t.count, g.groups)
	t.stream = t.streams()
}

func (g *joined) run(p *pool.Pool) { p.Run(g.blocks*g.groups, g) }
