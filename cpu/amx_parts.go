package cpu

import (
	"math"
	"sync/atomic"
)

// float32 at the AMX level: tiles multiply bfloat16, so each operand of a Linear
// is cut into three parts of 8 bits, and six products of parts are summed. That is
// more exact than float32 products in short chains, and faster. Weights are cut
// once, when they are packed; activations in the arena, block by block.
//
// Tiles take denormal parts for zero, and know no bits beyond float32's range. A
// row of A that these could change is computed as at the level below, from the
// weights joined again: one with NaN or infinity, and one whose largest magnitude
// is far from 1. With magnitudes up to a for the row and w for the weights of an
// output, what is lost is less than K·2⁻¹²⁴·(a + w + 1): nothing beside a·w with
// the limits below, up to K = 2²⁰. Weights beyond theirs are not cut at all.
const (
	leastTop       = 0x1p-20 // of a row of A that is not zero
	largestTop     = 0x1p60
	leastWeight    = 0x1p-60 // of the weights of an output that are not zero
	largestWeight  = 0x1p40
	partsOf        = 3
	productsInStep = 32
)

// partsPanel is the size in float32 of the panel of so many products, cut.
func partsPanel(depth int) int { return blocks(depth, productsInStep) * partsStep }

// partsStep is a step's part of it: of each part, units of two products.
const partsStep = partsOf * productsInStep / 2 * tileCols

// within reports whether the largest magnitude of some elements, in the bits of a
// float32, is zero or within the limits. NaN is not.
func within(top uint32, least, largest float32) bool {
	return top == 0 || top >= math.Float32bits(least) && top <= math.Float32bits(largest)
}

// largest is the largest magnitude of x, in the bits of a float32.
func largest(x []float32) (top uint32) {
	for _, v := range x {
		top = max(top, math.Float32bits(v)&^(1<<31))
	}
	return top
}

// cutting is the task of packing w (rows, cols) in parts, a panel a piece.
type cutting struct {
	packing
	pool   *Pool
	beyond atomic.Bool // weights are beyond the limits, and are not cut
}

// inParts is n panels of w in parts, or nil if its weights are beyond the limits.
func (t packing) inParts(n int) []float32 {
	c := cutting{packing: t, pool: Default()}
	c.panels = aligned(n * partsPanel(t.cols))
	c.pool.Run(n, &c)
	if c.beyond.Load() {
		return nil
	}
	return c.panels
}

// cutSteps is how much of a panel is turned around at a time.
const cutSteps = 8

func (t *cutting) Do(worker, j int) {
	size := partsPanel(t.cols)
	dst := t.panels[j*size : (j+1)*size]
	turned := t.pool.arenas[worker].memory[:cutSteps*productsInStep*tileCols]
	r := j * tileCols
	for i := r; i < min(r+tileCols, t.rows); i++ {
		if !within(largest(t.w[i*t.cols:(i+1)*t.cols]), leastWeight, largestWeight) {
			t.beyond.Store(true)
			return
		}
	}
	for k0 := 0; k0 < t.cols; k0 += cutSteps * productsInStep {
		kn := min(cutSteps*productsInStep, t.cols-k0)
		packPanel(t.k, tileCols, turned, t.w[r*t.cols+k0:], t.cols, min(tileCols, t.rows-r), kn)
		steps := blocks(kn, productsInStep)
		clear(turned[kn*tileCols : steps*productsInStep*tileCols])
		t.k.amx.cutPanel(at(dst, k0/productsInStep*partsStep), at(turned, 0), steps)
	}
}

// partsTask is tiled's task where B is in parts. A task is a block of rows of A
// and a group of panels. Long products are done in passes: A's parts for one pass
// stay in the arena, and the sums of the block for all panels of the group.
type partsTask struct {
	*tiled
	steps, pass, slice int // of products: in all, in a pass, at a time
	block, group       int
	stride             int // float32 from a row's parts to the next one's
}

const (
	maxPass       = 32      // steps
	maxPartsSlice = 6       // steps: 36 KiB of B, which stay in the first-level cache
	partsBlock    = 3 << 16 // float32 of A's parts in a task
	tileTasks     = 8       // that a thread should have
	passTasks     = 2       // and with several passes
)

// run computes C.
func (t *partsTask) run(p *Pool) {
	t.steps = blocks(t.depth, productsInStep)
	passes := blocks(t.steps, maxPass)
	t.pass = blocks(t.steps, passes)
	t.slice = blocks(t.pass, blocks(t.pass, maxPartsSlice))
	t.stride = (partsOf*t.pass | 1) * cacheLine / 4
	most := min(partsBlock/t.stride, (arenaSize-tileBlock*tileCols-t.joined())/(1+t.stride+tileCols)-tileBlock)
	t.block = blocks(blocks(t.m, blocks(t.m, most)), tileBlock) * tileBlock
	panels, tasks := blocks(t.n, tileCols), tileTasks
	if passes > 1 {
		tasks = passTasks // A is cut for each
	}
	t.group = blocks(panels, blocks(tasks*p.Threads(), blocks(t.m, t.block)))
	for passes > 1 && t.group > 1 && t.room(t.group) > arenaSize {
		t.group--
	}
	p.Run(blocks(t.m, t.block)*blocks(panels, t.group), t)
}

// room is how much of the arena a task needs, with the sums of so many panels.
func (t *partsTask) room(sums int) int {
	return t.block*(1+t.stride+sums*tileCols) + tileBlock*tileCols + t.joined()
}

// joined is the size of a slice of a panel joined.
func (t *partsTask) joined() int { return t.slice * productsInStep * tileCols }

// partsWork is what a task works with, in the arena.
type partsWork struct {
	tops   []float32 // (block): bits, not numbers
	a      []float32 // (block, stride): parts of A
	part   []float32 // (tileBlock, tileCols)
	joined []float32
	sums   []float32 // (group, block, tileCols), or of one panel
}

// Do computes a block of rows for a group of panels.
func (t *partsTask) Do(worker, i int) {
	panels := blocks(t.n, tileCols)
	groups := blocks(panels, t.group)
	r0, r1 := span(i/groups, t.block, t.m)
	j0, j1 := span(i%groups, t.group, panels)

	own := &t.pool.arenas[worker]
	arena := carver[float32](own.memory)
	w := partsWork{tops: arena.cut(t.block), a: arena.cut(t.block * t.stride), part: arena.cut(tileBlock * tileCols), joined: arena.cut(t.joined()), sums: arena}
	for s0 := 0; s0 < t.steps; s0 += t.pass {
		s1 := min(s0+t.pass, t.steps)
		t.cut(own, &w, r0, r1, s0)
		last := s1 == t.steps
		for j := j0; j < j1; j++ {
			sums := w.sums
			if t.pass < t.steps {
				sums = sums[(j-j0)*t.block*tileCols:]
			}
			t.multiply(&w, sums, j, r1-r0, s0, s1)
			if last {
				t.mend(&w, sums, j, r0, r1)
				t.finish(j, r0, r1-r0, at(sums, 0))
			}
		}
	}
}

// cut writes the parts of rows [r0, r1) of A for the pass that begins with step
// s0, unless this worker has them from its task before.
func (t *partsTask) cut(own *arena, w *partsWork, r0, r1, s0 int) {
	if t.pass >= t.steps && own.run == t.pool.runs && own.row == r0 {
		return
	}
	own.run, own.row = t.pool.runs, r0
	k0 := s0 * productsInStep
	n := min(t.depth-k0, t.pass*productsInStep)
	tops := w.tops
	if s0 > 0 {
		tops = w.part // the rows may be more than it has: by blocks
	}
	for r := r0; r < r1; r += len(tops) {
		rows := min(len(tops), r1-r)
		t.k.amx.cutRows(at(w.a, (r-r0)*t.stride), 4*t.stride, at(t.a, r*t.depth+k0), 4*t.depth, rows, n, at(tops, 0))
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

// multiply adds to sums the products of steps [s0, s1) of so many rows with panel
// j; the first step begins them.
func (t *partsTask) multiply(w *partsWork, sums []float32, j, rows, s0, s1 int) {
	calls, n := tileCalls(rows)
	for s := s0; s < s1; s += t.slice {
		kn := min(t.slice, s1-s)
		b := (j*t.steps + s) * partsStep
		next := uintptr(at(t.panels, b)) + uintptr(4*kn*partsStep)
		if s+kn == s1 { // the same pass of the next panel
			next += uintptr(4 * (t.steps - s1 + s0) * partsStep)
		}
		for _, c := range calls[:n] {
			t.k.amx.parts(kn, at(w.a, c.row*t.stride+(s-s0)*partsOf*tileStep/4), 4*t.stride, at(t.panels, b), at(sums, c.row*tileCols), min(s, 1), c.blocks, c.low, c.shapes, next, at(w.part, 0))
		}
	}
}

// mend computes again, by the level below, what parts cannot: the sums of rows out
// of their limits.
func (t *partsTask) mend(w *partsWork, sums []float32, j, r0, r1 int) {
	rows := r1 - r0
	first := 0
	for first < rows && t.sound(w, first) {
		first++
	}
	for k0 := 0; k0 < t.depth && first < rows; k0 += t.slice * productsInStep {
		kn := min(t.slice*productsInStep, t.depth-k0)
		t.join(w.joined, j, k0, kn)
		b := at(w.joined, 0)
		for r := first; r < rows; r++ {
			if !t.sound(w, r) {
				t.k.gemmRows[1](kn, at(t.a, (r0+r)*t.depth+k0), 4*t.depth, b, at(sums, r*tileCols), min(k0, 1), at(w.part, 0), nil, uintptr(b))
			}
		}
	}
}

func (t *partsTask) sound(w *partsWork, r int) bool {
	return within(math.Float32bits(w.tops[r]), leastTop, largestTop)
}

// join makes products [k0, k0+kn) of panel j again of their parts; k0 begins a
// step, and dst has room for the last.
func (t *tiled) join(dst []float32, j, k0, kn int) {
	step := j*blocks(t.depth, productsInStep) + k0/productsInStep
	t.k.amx.joinPanel(at(dst, 0), at(t.panels, step*partsStep), blocks(kn, productsInStep))
}
