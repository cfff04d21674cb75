package gemm

import (
	"unsafe"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// joined is a product of operands that are no packed weights: a gradient of Linear.
//
// A task is a block of rows of A and a group of panels of B. Slice by slice of depth, it copies the block so that the
// words of a tile for one k lie side by side, and multiplies it by one panel after another; the sums of all panels wait
// for the next slice. If all rows are one block, each panel is packed where it is needed, and else all of them before.
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
	joinedRoom  = 180_000 // float32 that a task works with
	joinedLanes = 16      // of registers, from which Strassen's algorithm saves less than its sums cost
	joinedFetch = 4       // products for each line that a tile fetches
)

// joins reports whether t is such a product. That does not depend on the number of images. Images of many rows, and all
// where registers are narrow, are left to Strassen's algorithm.
func (t *Product) joins() bool {
	rows := t.M
	if t.Tokens > 0 {
		rows = t.Tokens
	}
	if t.tiles.GemmJoined == nil || t.low != nil || t.W != nil || t.ByRows || t.Exact != nil || t.packing.split || t.packing.rounded {
		return false
	}
	return rows > leastPacking*t.tiles.MostRows() && (t.ByCols || t.Table.Lanes >= joinedLanes && rows <= joinedAlone/joinedSlice)
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
	room := max(joinedRoom, g.rows*depth+joinedRoom/2) - g.rows*depth - (t.slice+most)*cols - 2*t.Table.Lanes
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

// Do computes a block of rows for a group of panels.
func (g *joined) Do(worker, i int) {
	t := joinedTask{joined: g}
	t.row, t.count = pool.Portion(g.M, g.blocks, i/g.groups)
	t.panel, t.panels = pool.Portion(g.Product.count, g.groups, i%g.groups)
	memory, cols, lanes := pool.Scratch[float32](g.pool.Memory(worker)), g.tiles.Cols, g.Table.Lanes
	t.partial, t.packed = memory.Cut(g.tiles.MostRows()*cols), memory.Cut(g.slice*cols)
	t.a = memory.Cut((g.rows*min(g.slice, g.Depth) + 2*lanes) &^ (lanes - 1))
	t.sums = memory
	for k0 := 0; k0 == 0 || k0 < g.Depth; k0 += g.slice {
		t.copyBlock(k0)
		for j := range t.panels {
			t.multiply(j, k0)
		}
	}
}

// joinedTask is a task of joined.
type joinedTask struct {
	*joined
	row, count    int // rows: the first, and how many
	panel, panels int // the same of panels

	a       []float32 // a slice of the block
	packed  []float32 // a slice of a panel
	partial []float32 // a tile, for sums of chains
	sums    []float32 // (panels, rows, cols), or a tile if there is one slice
}

// copyBlock copies a slice of the block: rows of a tile without gaps, then those of the next one.
func (t *joinedTask) copyBlock(k0 int) {
	kn := min(t.slice, t.Depth-k0)
	tiles, lanes := pool.Blocks(t.count, t.tiles.MostRows()), t.Table.Lanes
	if !t.ByCols { // a tile has fewer rows than a register has lanes: what is too much is written over
		for i, r := 0, 0; i < tiles; i++ {
			m := pool.Share(t.count, tiles, i)
			for k := 0; k < kn; k += lanes {
				t.Table.Transpose(kernel.At(t.a, r*kn+k*m), 4*m, kernel.At(t.A, (t.row+r)*t.Depth+k0+k), 4*t.Depth, m, min(lanes, kn-k), lanes, nil)
			}
			r += m
		}
		return
	}
	for k := 0; k < kn; k += rowsAtATime {
		n := min(rowsAtATime, kn-k)
		if after := k + rowsAtATime; after < kn {
			t.Table.Prefetch(kernel.At(t.A, (k0+after)*t.M+t.row), 4*t.M, min(rowsAtATime, kn-after), 4*t.count)
		}
		for i, r := 0, 0; i < tiles; i++ {
			m := pool.Share(t.count, tiles, i)
			t.Table.CopyRows(kernel.At(t.a, r*kn+k*m), 4*m, kernel.At(t.A, (k0+k)*t.M+t.row+r), 4*t.M, n, m)
			r += m
		}
	}
}

// multiply adds a slice to the sums of a panel, and finishes them if it is the last.
func (t *joinedTask) multiply(j, k0 int) {
	k, kn := t.tiles, min(t.slice, t.Depth-k0)
	b, next := t.panelOf(j, k0), t.after(j, k0)
	last := k0+kn == t.Depth
	tiles := pool.Blocks(t.count, k.MostRows())
	for i, r := 0, 0; i < tiles; i++ {
		m := pool.Share(t.count, tiles, i)
		sum := kernel.At(t.sums, 0)
		if t.slice < t.Depth {
			sum = kernel.At(t.sums, (j*t.count+r)*k.Cols)
		}
		if last && !t.stream {
			t.fetchResult(t.panel+j, t.row+r, m)
		}
		fetch, apart := uintptr(b), pool.CacheLine
		if next.runs > 0 {
			fetch, apart = next.take(kn / joinedFetch)
		}
		k.GemmJoined[m](kn, kernel.At(t.a, r*kn), apart, b, sum, min(k0, 1), kernel.At(t.partial, 0), nil, fetch)
		switch {
		case !last:
		case t.stream:
			t.streamTile(t.panel+j, t.row+r, m, sum)
		default:
			t.finish(t.panel+j, t.row+r, m, sum)
		}
		r += m
	}
}

// panelOf is a slice of a panel, packed.
func (t *joinedTask) panelOf(j, k0 int) unsafe.Pointer {
	if t.Product.panels != nil {
		return t.sliceOf(t.panel+j, k0)
	}
	t.packing.slice(t.packed, t.tiles.Cols, t.panel+j, k0, min(t.slice, t.Depth-k0))
	return kernel.At(t.packed, 0)
}

// after is what is to be fetched of the slice of B that comes after another.
func (t *joinedTask) after(j, k0 int) lines {
	if j++; j == t.panels {
		j, k0 = 0, k0+t.slice
	}
	n, cols := min(t.slice, t.Depth-k0), t.tiles.Cols
	switch {
	case n <= 0:
		return lines{}
	case t.Product.panels != nil:
		return lines{at: uintptr(t.sliceOf(t.panel+j, k0)), apart: pool.CacheLine, each: 4 * n * cols / pool.CacheLine, runs: 1}
	}
	return lines{at: uintptr(kernel.At(t.B, k0*t.N+(t.panel+j)*cols)), apart: 4 * t.N, each: n, runs: pool.Blocks(4*cols, pool.CacheLine)}
}

// lines are cache lines to be fetched: runs of so many lines, apart bytes from one to the next, and the runs side by side.
type lines struct {
	at         uintptr // where the run begins
	apart      int
	each, runs int
	done       int // of the run
}

// take is where the next n lines begin, and how far apart they are.
func (l *lines) take(n int) (at uintptr, apart int) {
	at = l.at + uintptr(l.done*l.apart)
	if l.done += n; l.done >= l.each {
		l.done, l.at = 0, l.at+pool.CacheLine
		l.runs--
	}
	return at, l.apart
}
