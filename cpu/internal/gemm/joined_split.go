package gemm

import (
	"math"
	"sync/atomic"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// joinedSplit is joined on AMX tiles: a product of few rows whose B is no packed weight, such as the gradient of an input.
// A task splits a slice of A, and panel after panel of B where it multiplies it, while the sums of all its panels wait for
// the next slice. All of B, split, would be written to memory and read again, which takes longer than to multiply so few
// rows. Slices are those of splitProduct, and so are the bits.
//
// What is beyond the limits of split.go shows while it is split: then the product is computed again, without.
type joinedSplit struct {
	*Product
	steps, pass, slice int    // of products: in all, in a pass, at a time
	rows, stride       int    // of A, whole blocks of tiles; and float32 from one row of A, split, to the next
	groups             int    // of panels
	beyond             uint32 // 1 if something is beyond the limits
}

const (
	joinedRows = 8 * kernel.TileBlock // of A, at most
	joinedSums = 3 << 16              // float32 of the sums of a task
	sideBlocks = 2                    // blocks that are multiplied between two shares of what is fetched
)

// joinsSplit reports whether t is such a product.
func (t *Product) joinsSplit() bool {
	return t.packing.split && !t.ByRows && !t.ByCols && t.Add == nil && t.M <= joinedRows
}

// run computes C, and reports whether it could.
func (g *joinedSplit) run(t *Product) bool {
	g.Product = t
	atomic.StoreUint32(&g.beyond, 0)
	g.steps, g.pass, g.slice = splitSlices(t.Depth)
	g.rows = pool.Blocks(t.M, kernel.TileBlock) * kernel.TileBlock
	g.stride = (kernel.SplitTerms*g.slice | 1) * pool.CacheLine / 4
	g.groups = min(t.count, joinedGroups(t.count, g.rows, t.pool.Threads()))
	t.pool.Run(g.groups, g)
	return atomic.LoadUint32(&g.beyond) == 0
}

// joinedGroups is how many groups so many panels make, for so many rows.
func joinedGroups(panels, rows, threads int) int {
	return pool.Blocks(pool.Blocks(panels*rows*kernel.TileCols, joinedSums), threads) * threads
}

// joinedSplitTask is what a task works with, in the worker's memory.
type joinedSplitTask struct {
	*joinedSplit
	panel, panels int // the first, and how many

	tops    []float32 // (M): magnitudes of rows, in bits
	colTops []float32 // (panels, TileCols): those of columns
	a       []float32 // (rows, stride): a slice of A, split
	values  []float32 // a slice of a panel
	packed  []float32 // the same, split
	partial []float32 // (TileBlock, TileCols)
	sums    []float32 // (panels, rows, TileCols)
}

// Do computes all rows of a group of panels.
func (g *joinedSplit) Do(worker, i int) {
	const cols = kernel.TileCols
	t := joinedSplitTask{joinedSplit: g}
	t.panel, t.panels = pool.Portion(g.count, g.groups, i)
	memory := pool.Scratch[float32](g.pool.Memory(worker))
	t.tops, t.partial = memory.Cut(g.rows), memory.Cut(kernel.TileBlock*cols)
	t.colTops = memory.Cut(t.panels * cols)
	t.values, t.packed = memory.Cut(g.slice*kernel.SplitDepth*cols), memory.Cut(g.slice*kernel.SplitStep)
	t.a = memory.Cut(g.rows * g.stride)
	t.sums = memory.Cut(t.panels * g.rows * cols)
	clear(t.colTops)
	for s0 := 0; s0 < g.steps; s0 += g.pass {
		s1 := min(s0+g.pass, g.steps)
		for s := s0; s < s1; s += g.slice {
			n := min(g.slice, s1-s)
			after := s + n
			t.splitRows(s, n)
			for j := range t.panels {
				t.splitPanel(j, s, n)
				if j+1 < t.panels {
					t.multiply(j, s, n, j+1, s)
				} else {
					t.multiply(j, s, n, 0, after)
				}
			}
		}
	}
	if !t.sound() {
		atomic.StoreUint32(&g.beyond, 1)
		return
	}
	for j := range t.panels {
		g.finish(t.panel+j, 0, g.M, kernel.At(t.sums, j*g.rows*cols))
	}
}

// span is products [k0, k0+n) of some steps.
func (g *joinedSplit) span(s, steps int) (k0, n int) {
	k0 = s * kernel.SplitDepth
	return k0, min(steps*kernel.SplitDepth, g.Depth-k0)
}

// splitRows splits so many steps of A.
func (t *joinedSplitTask) splitRows(s, steps int) {
	tops := t.tops
	if s > 0 {
		tops = t.partial
	}
	k0, n := t.span(s, steps)
	t.Table.AMX.SplitRows(kernel.At(t.a, 0), 4*t.stride, kernel.At(t.A, k0), 4*t.Depth, t.M, n, kernel.At(tops, 0))
	if s > 0 {
		mergeTops(t.tops[:t.M], tops)
	}
}

// splitPanel splits so many steps of panel j.
func (t *joinedSplitTask) splitPanel(j, s, steps int) {
	const cols = kernel.TileCols
	k0, n := t.span(s, steps)
	t.packing.slice(t.values, cols, t.panel+j, k0, n)
	clear(t.values[n*cols : steps*kernel.SplitDepth*cols])
	t.Table.AMX.SplitPanel(kernel.At(t.packed, 0), kernel.At(t.values, 0), steps, kernel.At(t.colTops, j*cols))
}

// multiply adds so many steps to the sums of panel j. Meanwhile it fetches a slice of panel next.
func (t *joinedSplitTask) multiply(j, s, steps, next, after int) {
	const cols = kernel.TileCols
	k0, n := t.span(after, min(t.slice, t.steps-after))
	col := (t.panel + next) * cols
	calls, count := kernel.TileCalls(t.M)
	blocks, b := pool.Blocks(t.M, kernel.TileBlock), kernel.At(t.packed, 0)
	for _, c := range calls[:count] {
		for done := 0; done < c.Blocks; done += sideBlocks {
			row := c.Row + done*kernel.TileBlock
			each := min(sideBlocks, c.Blocks-done)
			if first, rows := share(n, blocks, row/kernel.TileBlock, each); rows > 0 {
				t.Table.Prefetch(kernel.At(t.B, (k0+first)*t.N+col), 4*t.N, rows, 4*min(cols, t.N-col))
			}
			t.Table.AMX.Split(steps, kernel.At(t.a, row*t.stride), 4*t.stride, b, kernel.At(t.sums, (j*t.rows+row)*cols), min(s, 1), each, c.Low, c.Shapes, uintptr(b), kernel.At(t.partial, 0))
		}
	}
}

// share is what parts [i, i+each) of n have: so many from first on.
func share(n, parts, i, each int) (first, count int) {
	if n <= 0 {
		return 0, 0
	}
	first = n * i / parts
	return first, n*min(i+each, parts)/parts - first
}

// sound reports whether all rows of A and columns of the panels are within the limits.
func (t *joinedSplitTask) sound() bool {
	for _, v := range t.tops[:t.M] {
		if !kernel.Within(math.Float32bits(v), leastTopPacking, kernel.LargestSplit) {
			return false
		}
	}
	for _, v := range t.colTops {
		if !kernel.Within(math.Float32bits(v), leastWeightPacking, largestWeight) {
			return false
		}
	}
	return true
}
