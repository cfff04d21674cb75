package gemm

import (
	"unsafe"

	"cradio/cpu/internal/form"
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// Product is a matrix product by register tiles, with what follows it:
//
//	C (M, N) = add + scale · gelu(A·B + bias)
//
// Each part is left out where its field is nil or 0. B is a weight, or is packed for this
// product: see unpacked.go.
//
// A task is a block of rows of A, small enough for the second-level cache, and a group of
// panels of B. Each panel streams past all tiles of the block, slice by slice. The sums of
// the block's tiles for one panel stay in the worker's memory.
type Product struct {
	Table  *kernel.Table
	M, N   int
	Depth  int       // K, in words of the tiles
	A      []float32 // (M, Depth), or (Depth, M) if ByCols
	ByCols bool
	W      *Matrix[float32] // (N, Depth), or nil:
	B      []float32        // (N, Depth) if ByRows, else (Depth, N)
	ByRows bool
	C      []float32 // (M, N)
	Bias   []float32 // (N) or nil, as are the next two
	Scale  []float32
	Add    []float32 // (M, N)
	GELU   int       // 1 or 0
	Exact  Finisher  // if not nil, the product is computed in float64, and this finishes it
	Tokens int       // rows of an image, or 0

	// Rounded says that operands are to be rounded to bfloat16, where B is no packed weight
	// and the level has tiles for it: see rounded.go.
	Rounded bool

	low *LowProduct // has other operands in the place of A and W, and other results

	tiles  *kernel.Tiles // of Table
	pool   *pool.Pool
	panels []float32 // (N/cols, depth, cols), or nil:
	short  []uint16  // the same in words of 16 bits, to be widened, or nil
	split  bool      // panels are split: see split.go
	first  int       // the panel of B that panels begins with
	count  int       // and how many are multiplied

	slice   int  // products at a time
	block   int  // rows of A in a task
	group   int  // panels in a task
	compact bool // A is copied: its rows would compete for the same cache lines
	wide    bool // operands become float64: see exact.go
	stream  bool // C is written past the caches

	packing     packing      // makes panels where B is not packed
	bySplit     splitProduct // computes it where panels are split
	rounded     roundedProduct
	joined      joined      // computes it where neither operand is a packed weight
	joinedSplit joinedSplit // the same on AMX tiles
	strassen    strassen    // or, where it can, in fewer multiplications
	deep        deep        // or in still fewer, where those of float64 cost no more
}

// Finisher takes sums in float64 of some elements of C: those from column col on in the
// row that begins at element row.
type Finisher interface {
	Finish(sums []float64, row, col int)
}

const (
	maxSlice = 768 // products added in chains before the sum so far takes them
	chain    = 32  // and a multiple of their length

	blockSize = 5 << 15 // of A: float32 that stay in a second-level cache of 1 MiB
	rowPad    = 16      // float32
	fetchStep = 32      // bytes of the next slice that a tile fetches a product

	taskFlops = 2 << 20 // some 20 µs of work
	perThread = 24      // tasks, so that threads end at nearly one time
	minTiles  = 4       // of rows in a task: fewer would not be worth loading a panel for
)

// Run computes C.
func (t *Product) Run(p *pool.Pool) {
	if t.M == 0 || t.N == 0 {
		return
	}
	t.pool = p
	if t.low == nil {
		t.tiles = &t.Table.Float32
		t.B, t.panels, t.split = t.operand()
	}
	t.first, t.count = 0, pool.Blocks(t.N, t.tiles.Cols)
	if t.panels == nil && t.short == nil {
		t.packing = packing{
			table: t.Table, pool: p, b: t.B, byRows: t.ByRows, cols: t.N, depth: t.Depth,
			rounded: t.rounds(), split: t.Table.AMX != nil && !t.rounds(), least: leastWeightPacking,
		}
		if t.joins() {
			if t.joined.plan(t, p.Threads()); t.joined.blocks == 1 {
				t.joined.run(p)
				return
			}
		}
		if t.worthPacking() {
			if t.joinsSplit() && t.joinedSplit.run(t) {
				return
			}
			t.runPacking()
			return
		}
	}
	t.run(p)
}

// run computes the columns of C that panels [first, first+count) are for.
func (t *Product) run(p *pool.Pool) {
	if t.panels != nil && t.packing.rounded {
		t.rounded.Product = t
		t.rounded.run(p)
		return
	}
	if t.split && t.Exact == nil {
		t.bySplit.Product = t
		t.bySplit.run(p)
		return
	}
	if t.joins() {
		t.joined.plan(t, p.Threads())
		t.joined.run(p)
		return
	}
	if t.deep.plan(t, p.Threads()) {
		t.deep.run(p)
		return
	}
	if t.halves() {
		t.strassen.Product = t
		t.strassen.run(p)
		return
	}
	slices := max(1, pool.Blocks(t.Depth, maxSlice))
	t.slice = max(1, pool.Blocks(pool.Blocks(t.Depth, slices), chain)) * chain
	rows, cols := t.tiles.MostRows(), t.tiles.Cols
	room := pool.ArenaSize - (maxSlice+rows)*cols
	t.block = min(blockSize/max(1, t.Depth), room/(2*cols+t.Depth+rowPad))
	t.block = max(t.block/rows, 1) * rows
	t.compact = t.M > 2 && t.Depth%512 == 0 && t.Exact == nil && t.block*(2*cols+t.Depth+rowPad) <= room
	if t.low != nil || t.ByCols {
		t.compact = true
		t.block = min(t.block, room/(2*cols+t.Depth+rowPad))
	}
	t.widenExact(room, 2*cols+t.Depth+rowPad)
	nb := pool.Blocks(t.M, t.block)
	nb = max(nb, min(pool.Blocks(perThread*p.Threads(), t.count), pool.Blocks(t.M, minTiles*rows)))
	t.block = pool.Blocks(t.M, nb)
	if lanes := t.Table.Lanes; t.ByCols && t.block > lanes {
		t.block -= t.block % lanes // rows are transposed by whole cache lines
	}
	nb = pool.Blocks(t.M, t.block) // of many small blocks, the last may begin after the end
	t.group = max(1, taskFlops/max(1, 2*t.block*cols*t.Depth))
	p.Run(nb*pool.Blocks(t.count, t.group), t)
}

// MostByCols is the largest Depth of a Product whose A is ByCols: a row of it must have room
// in a worker's memory.
const MostByCols = pool.ArenaSize / 2

// operand is B: as it is, or in panels, which may be split.
func (t *Product) operand() (b, panels []float32, split bool) {
	if t.W == nil {
		return t.B, nil, false
	}
	return t.W.dense, t.W.panels, t.W.split
}

// Do computes a block of rows for a group of panels.
func (t *Product) Do(worker, i int) {
	panels := t.count
	groups := pool.Blocks(panels, t.group)
	block, group, next := t.claimed(worker, i, groups)
	r0, r1 := pool.Span(block, t.block, t.M)
	j0, j1 := pool.Span(group, t.group, panels)

	memory := pool.Scratch[float32](t.pool.Memory(worker))
	w := work{sums: memory.Cut(2 * t.block * t.tiles.Cols), partial: memory.Cut(t.tiles.MostRows() * t.tiles.Cols), packed: memory.Cut(t.slice * t.tiles.Cols)}
	if t.wide {
		w.wide, w.widePanel = memory.Cut(t.block*t.wideRow()), memory.Cut(2*t.slice*t.tiles.Cols)
	}
	held := (t.compact || t.wide) && t.pool.Holds(worker, r0)
	if t.compact {
		w.lda = t.Depth + rowPad
		w.a = memory.Cut(t.block * w.lda)
		if !held {
			t.copyRows(w.a, r0, r1)
		}
	} else {
		w.a, w.lda = t.A[r0*t.Depth:], t.Depth
	}
	if t.wide && !held {
		t.widenRows(&w, r1-r0)
	}
	for j := j0; j < j1; j++ {
		if t.Exact != nil {
			t.exactPanel(&w, j, r0, r1)
			continue
		}
		after := j + 1
		if after == j1 {
			after = next * t.group
		}
		t.panel(&w, j, after, r0, r1)
	}
}

// work is what a task works with: its rows of A, and pieces of the worker's memory.
type work struct {
	a       []float32
	lda     int
	sums    []float32 // (block, cols), float64 or float32
	partial []float32 // a tile, for sums of chains
	packed  []float32 // a slice of a panel

	wide, widePanel []float32 // both operands in float64, if they are to be
}

// copyRows copies rows [r0, r1) of A to dst, rowPad further apart than they were.
func (t *Product) copyRows(dst []float32, r0, r1 int) {
	switch {
	case t.ByCols:
		t.transpose(kernel.At(dst, 0), 4*(t.Depth+rowPad), r0, r1-r0, 0, t.Depth)
		return
	}
	for r := r0; r < r1; r++ {
		to := dst[(r-r0)*(t.Depth+rowPad):][:t.Depth]
		switch {
		case t.low == nil:
			copy(to, t.A[r*t.Depth:(r+1)*t.Depth])
		case t.tiles == &t.Table.Int16:
			t.Table.Uint8ToInt16(kernel.At(to, 0), kernel.At(form.Row(t.low.X, r), 0), 2*t.Depth)
		default:
			form.GetRow(t.Table, t.low.X, r, 0, to)
		}
	}
}

// transpose writes n elements from k0 on of rows [r, r+rows) of A, whose columns it has, as
// rows ldd bytes apart.
func (t *Product) transpose(dst unsafe.Pointer, ldd, r, rows, k0, n int) {
	lanes := t.Table.Lanes
	for k := 0; k < n; k += lanes {
		m := min(lanes, n-k)
		if after := k + lanes; after < n {
			t.Table.Prefetch(kernel.At(t.A, (k0+after)*t.M+r), 4*t.M, min(lanes, n-after), 4*rows)
		}
		for i := 0; i < rows; i += lanes {
			t.Table.Transpose(unsafe.Add(dst, i*ldd+4*k), ldd, kernel.At(t.A, (k0+k)*t.M+r+i), 4*t.M, m, min(lanes, rows-i), m, nil)
		}
	}
}

// panel computes rows [r0, r1) of C for panel j. Each tile is finished as soon as its last
// product is in, so that its stores drain while the next one multiplies. The first tiles
// fetch the next slice of B; after the last, that of panel after.
func (t *Product) panel(w *work, j, after, r0, r1 int) {
	k, rows := t.tiles, r1-r0
	tiles := pool.Blocks(rows, k.MostRows())
	for k0 := 0; k0 == 0 || k0 < t.Depth; k0 += t.slice {
		kn := min(t.slice, t.Depth-k0)
		b := t.panelSlice(w, j, k0, kn)
		next := uintptr(b)
		switch {
		case t.panels == nil && t.short == nil:
		case k0+kn < t.Depth:
			next = uintptr(t.sliceOf(j, k0+kn))
		default:
			next = uintptr(t.sliceOf(after, 0))
		}
		for i, r := 0, 0; i < tiles; i++ {
			m := pool.Share(rows, tiles, i)
			sum := kernel.At(w.sums, 0)
			if kn < t.Depth { // sums wait for the next slice
				sum = kernel.At(w.sums, r*k.Cols)
			}
			if k0+kn == t.Depth && t.low == nil {
				t.fetchResult(j, r0+r, m)
			}
			k.GemmRows[m](kn, kernel.At(w.a, r*w.lda+k0), 4*w.lda, b, sum, min(k0, 1), kernel.At(w.partial, 0), nil, next)
			if next += uintptr(kn * fetchStep); (i+1)*fetchStep == 4*k.Cols {
				next = uintptr(b)
			}
			if k0+kn == t.Depth {
				t.finish(j, r0+r, m, sum)
			}
			r += m
		}
	}
}

// finish makes elements of C, in rows rows from r on, of their sums for panel j.
func (t *Product) finish(j, r, rows int, sums unsafe.Pointer) {
	if t.low != nil {
		to := tileOf{panel: j, row: r, rows: rows}
		y, ldy := t.low.result(to, t.tiles.Cols)
		t.low.finishSums(t.Table, t.tiles.Cols, to, sums, y, ldy)
		return
	}
	col := (t.first + j) * t.tiles.Cols
	w := min(t.tiles.Cols, t.N-col)
	t.Table.Epilogue(kernel.At(t.C, r*t.N+col), 4*t.N, sums, rows, w, kernel.At(t.Bias, col), kernel.At(t.Scale, col), kernel.At(t.Add, r*t.N+col), t.GELU)
}

// finishGroup is finish for a row of a group of panels, as many as sums are for, where all groups
// have so many.
func (t *Product) finishGroup(group, r int, sums []float32) {
	from, w := kernel.At(sums, 0), len(sums)
	if t.low != nil {
		to := tileOf{panel: group, row: r, rows: 1}
		y, ldy := t.low.result(to, w)
		t.low.finishSums(t.Table, w, to, from, y, ldy)
		return
	}
	col := group * w
	t.Table.Epilogue(kernel.At(t.C, r*t.N+col), 4*t.N, from, 1, w, kernel.At(t.Bias, col), kernel.At(t.Scale, col), kernel.At(t.Add, r*t.N+col), t.GELU)
}

// rowOf is where row r of A begins, and the size of a word there, in bytes.
func (t *Product) rowOf(r int) (a unsafe.Pointer, size int) {
	if t.low != nil {
		return kernel.At(form.Row(t.low.X, r), 0), 2
	}
	return kernel.At(t.A, r*t.Depth), 4
}
