package gemm

import (
	"math"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// float32 at the AMX level: tiles multiply bfloat16, so each operand of a Linear is split
// into three bfloat16 of 8 bits each, and six products of these are summed ("bf16x3"). That
// is more exact than float32 products in short chains, and faster. Weights are split once,
// when they are packed; activations in the worker's memory, block by block.
//
// Tiles take denormal numbers for zero, and know no bits beyond float32's range. A row of A
// that these could change is computed as at the level below, from the weights joined again:
// one with NaN or infinity, and one whose largest magnitude is far from 1. With magnitudes
// up to a for the row and w for the weights of an output, what is lost is less than
// K·2⁻¹²⁴·(a + w + 1): nothing beside a·w with the limits below, up to K = 2²⁰. Weights
// beyond theirs are not split at all.
//
// Operands of derivatives have other limits, with the same product: those of a loss that is a
// mean over many elements are small.
const (
	leastTop    = 0x1p-20 // of a row of A that is not zero
	leastWeight = 0x1p-60 // of the weights of an output that are not zero

	leastTopPacking    = 0x1p-50 // the same where B is packed for one product
	leastWeightPacking = 0x1p-30

	largestWeight = 0x1p40
)

// splitPanelSize is the size in float32 of the panel of so many products, split.
func splitPanelSize(depth int) int {
	return pool.Blocks(depth, kernel.SplitDepth) * kernel.SplitStep
}

// splitProduct is Product's task where B is split. A task is a block of rows of A and a
// group of panels. Long products are done in passes: A, split, stays in the worker's
// memory for one pass, and so do the sums of the block for all panels of the group.
type splitProduct struct {
	*Product
	steps, pass, slice int // of products: in all, in a pass, at a time
	block, group       int
	stride             int // float32 from one row of A, split, to the next
}

const (
	maxPass       = 32       // steps
	maxSplitSlice = 6        // steps: see below
	splitBlock    = 25 << 13 // float32 of A, split, in a task
	tileTasks     = 8        // that a thread should have
	passTasks     = 2        // and with several passes
)

// A slice of 6 steps has 36 KiB of B, which stay in the first-level cache. Slices of 5 make a forward
// pass 2 % faster on the Xeon where this was measured, since a tile of sums that is stored after more
// than 132 products of tiles costs a thousand cycles there; but they round all sums more often.

// run computes C.
func (t *splitProduct) run(p *pool.Pool) {
	t.block = 0
	t.steps, t.pass, t.slice = splitSlices(t.Depth)
	passes := pool.Blocks(t.steps, t.pass)
	t.stride = (kernel.SplitTerms*t.pass | 1) * pool.CacheLine / 4
	room := len(p.Memory(0))
	fits := (room - t.room(0)) / (1 + t.stride + kernel.TileCols) // rows
	blocks, tasks := 1, tileTasks
	if whole := pool.Blocks(t.M, kernel.TileBlock) * kernel.TileBlock; whole > min(fits, room/2/t.stride) {
		most := min(fits, min(splitBlock, room*3/4)/t.stride)
		blocks = pool.Blocks(t.M, most/kernel.TileBlock*kernel.TileBlock)
	}
	if t.ByCols && t.M > kernel.TileBlock*p.Threads() { // to transpose and split each row once
		blocks = max(blocks, p.Threads())
	}
	if passes > 1 { // A is split for each; as many blocks for each thread
		tasks = passTasks
		blocks = pool.Blocks(blocks, p.Threads()) * p.Threads()
	}
	t.block = pool.Blocks(pool.Blocks(t.M, blocks), kernel.TileBlock) * kernel.TileBlock
	blocks = pool.Blocks(t.M, t.block)
	t.group = pool.Blocks(t.count, pool.Blocks(tasks*p.Threads(), blocks))
	for passes > 1 && t.group > 1 && t.room(t.group) > room {
		t.group--
	}
	p.Run(blocks*pool.Blocks(t.count, t.group), t)
}

// splitSlices is how many steps so many products have, and how many of these make a pass and a slice.
func splitSlices(depth int) (steps, pass, slice int) {
	steps = pool.Blocks(depth, kernel.SplitDepth)
	pass = pool.Blocks(steps, pool.Blocks(steps, maxPass))
	return steps, pass, pool.Blocks(pass, pool.Blocks(pass, maxSplitSlice))
}

// room is how much memory a task needs, with the sums of so many panels.
func (t *splitProduct) room(sums int) int {
	return t.block*(1+t.stride+sums*kernel.TileCols) + kernel.TileBlock*kernel.TileCols + t.joined() + t.columns()
}

// columns is the size of a few rows of A for a pass, of which it has columns.
func (t *splitProduct) columns() int {
	if !t.ByCols {
		return 0
	}
	return t.Table.Lanes * t.columnStride()
}

// columnStride is the distance of these rows.
func (t *splitProduct) columnStride() int { return t.pass*kernel.SplitDepth + rowPad }

// joined is the size of a slice of a panel joined.
func (t *splitProduct) joined() int { return t.slice * kernel.SplitDepth * kernel.TileCols }

// splitWork is what a task works with, in the worker's memory.
type splitWork struct {
	tops    []float32 // (block): bits, not numbers
	a       []float32 // (block, stride): rows of A, split
	partial []float32 // (TileBlock, TileCols)
	joined  []float32
	columns []float32
	sums    []float32 // (group, block, TileCols), or of one panel
}

// Do computes a block of rows for a group of panels.
func (t *splitProduct) Do(worker, i int) {
	groups := pool.Blocks(t.count, t.group)
	r0, r1 := pool.Span(i/groups, t.block, t.M)
	j0, j1 := pool.Span(i%groups, t.group, t.count)

	memory := pool.Scratch[float32](t.pool.Memory(worker))
	w := splitWork{tops: memory.Cut(t.block), a: memory.Cut(t.block * t.stride), partial: memory.Cut(kernel.TileBlock * kernel.TileCols), joined: memory.Cut(t.joined()), columns: memory.Cut(t.columns()), sums: memory}
	for s0 := 0; s0 < t.steps; s0 += t.pass {
		s1 := min(s0+t.pass, t.steps)
		if held := t.pool.Holds(worker, r0); !held || t.pass < t.steps {
			t.splitRows(&w, r0, r1, s0)
		}
		last := s1 == t.steps
		first := r1 - r0 // of the rows that are beyond the limits
		if last {
			first = t.firstUnsound(&w, r1-r0)
		}
		for j := j0; j < j1; j++ {
			sums := w.sums
			if t.pass < t.steps {
				sums = sums[(j-j0)*t.block*kernel.TileCols:]
			}
			atOnce := last && first == r1-r0 && t.finishesAtOnce(j)
			t.multiply(&w, sums, j, r0, r1, s0, s1, atOnce)
			if last && !atOnce {
				t.recompute(&w, sums, j, r0, first, r1-r0)
				t.finish(j, r0, r1-r0, kernel.At(sums, 0))
			}
		}
	}
}

// splitRows splits rows [r0, r1) of A for the pass that begins with step s0.
func (t *splitProduct) splitRows(w *splitWork, r0, r1, s0 int) {
	k0 := s0 * kernel.SplitDepth
	n := min(t.Depth-k0, t.pass*kernel.SplitDepth)
	tops := w.tops
	if s0 > 0 {
		tops = w.partial // the rows may be more than it has: by blocks
	}
	most := len(tops)
	if t.ByCols {
		most = t.Table.Lanes
	}
	for r := r0; r < r1; r += most {
		rows := min(most, r1-r)
		if s0 == 0 {
			tops = w.tops[r-r0:]
		}
		from, ld := kernel.At(t.A, r*t.Depth+k0), 4*t.Depth
		if t.ByCols {
			ld = 4 * t.columnStride()
			from = kernel.At(w.columns, 0)
			t.transpose(from, ld, r, rows, k0, n)
		}
		t.Table.AMX.SplitRows(kernel.At(w.a, (r-r0)*t.stride), 4*t.stride, from, ld, rows, n, kernel.At(tops, 0))
		if s0 > 0 {
			mergeTops(w.tops[r-r0:][:rows], tops)
		}
	}
}

// mergeTops raises magnitudes, which are bits, to those of another pass.
func mergeTops(tops, more []float32) {
	for i, v := range more[:len(tops)] {
		if math.Float32bits(v) > math.Float32bits(tops[i]) {
			tops[i] = v
		}
	}
}

// multiply adds to sums the products of steps [s0, s1) of rows [r0, r1) with panel j; the
// first step begins them. With each of the last slices it fetches a share of the elements of
// C that the sums become, but those of the gradient of a weight: they are too many, and slower
// so. The last one makes them, if they are to be finished at once.
func (t *splitProduct) multiply(w *splitWork, sums []float32, j, r0, r1, s0, s1 int, atOnce bool) {
	calls, n := kernel.TileCalls(r1 - r0)
	slices := pool.Blocks(s1-s0, t.slice)
	for s := s0; s < s1; s += t.slice {
		if s1 == t.steps && !t.ByCols {
			if first, rows := pool.Portion(r1-r0, slices, (s-s0)/t.slice); rows > 0 {
				t.fetchResult(j, r0+first, rows)
			}
		}
		kn := min(t.slice, s1-s)
		b := (j*t.steps + s) * kernel.SplitStep
		next := uintptr(kernel.At(t.panels, b)) + uintptr(4*kn*kernel.SplitStep)
		if s+kn == s1 { // the same pass of the next panel
			next += uintptr(4 * (t.steps - s1 + s0) * kernel.SplitStep)
		}
		for _, c := range calls[:n] {
			a, sum := kernel.At(w.a, c.Row*t.stride+(s-s0)*kernel.SplitTerms*kernel.TileStep/4), kernel.At(sums, c.Row*kernel.TileCols)
			if atOnce && s+kn == t.steps {
				t.finishAtOnce(c, j, r0+c.Row, kn, a, kernel.At(t.panels, b), sum, next, kernel.At(w.partial, 0))
				continue
			}
			t.Table.AMX.Split(kn, a, 4*t.stride, kernel.At(t.panels, b), sum, min(s, 1), c.Blocks, c.Low, c.Shapes, next, kernel.At(w.partial, 0))
		}
	}
}

// firstUnsound is the first of so many rows that is beyond the limits, or their number.
func (t *splitProduct) firstUnsound(w *splitWork, rows int) int {
	for r := range rows {
		if !t.sound(w, r) {
			return r
		}
	}
	return rows
}

// recompute computes again, as at the level below, the sums of those rows of [first, rows)
// of the block at r0 that are beyond the limits.
func (t *splitProduct) recompute(w *splitWork, sums []float32, j, r0, first, rows int) {
	for k0 := 0; k0 < t.Depth && first < rows; k0 += t.slice * kernel.SplitDepth {
		kn := min(t.slice*kernel.SplitDepth, t.Depth-k0)
		t.join(w.joined, j, k0, kn)
		b := kernel.At(w.joined, 0)
		for r := first; r < rows; r++ {
			if !t.sound(w, r) {
				a := kernel.At(t.A, (r0+r)*t.Depth+k0)
				if t.ByCols {
					a = kernel.At(w.columns, 0)
					t.transpose(a, 4*t.columnStride(), r0+r, 1, k0, kn)
				}
				t.Table.Float32.GemmRows[1](kn, a, 4*t.Depth, b, kernel.At(sums, r*kernel.TileCols), min(k0, 1), kernel.At(w.partial, 0), nil, uintptr(b))
			}
		}
	}
}

// sound reports whether a row is within the limits.
func (t *splitProduct) sound(w *splitWork, r int) bool {
	least := float32(leastTop)
	if t.W == nil || t.W.panels == nil {
		least = leastTopPacking
	}
	return kernel.Within(math.Float32bits(w.tops[r]), least, kernel.LargestSplit)
}

// join makes products [k0, k0+kn) of panel j again of what they were split into; k0 begins
// a step, and dst has room for the last.
func (t *Product) join(dst []float32, j, k0, kn int) {
	step := j*pool.Blocks(t.Depth, kernel.SplitDepth) + k0/kernel.SplitDepth
	t.Table.AMX.JoinPanel(kernel.At(dst, 0), kernel.At(t.panels, step*kernel.SplitStep), pool.Blocks(kn, kernel.SplitDepth))
}
