package cpu

import "unsafe"

// tiled is a matrix product by register tiles, with what follows it:
// C (M, N) = finish(A·B). B is packed in panels, or packed as it is used.
//
// A task is a block of rows of A, small enough for the second-level cache, and a
// group of panels. Each panel of B streams past all tiles of the block, slice by
// slice; the sums of the block's tiles for one panel stay in the arena.
type tiled struct {
	k      *kernels
	by     *tiles // those of k, of single elements, if nil when it runs
	pool   *Pool
	m, n   int
	depth  int       // in units of by, as is all that follows
	a      []float32 // (M, depth)
	panels []float32 // (N/cols, depth, cols), or nil:
	short  []uint16  // the same, to be widened, or nil:
	cut    bool      // panels are in parts: see amx_parts.go
	b      []float32 // (N, depth) if byRows, else (depth, N)
	byRows bool
	c      []float32 // (M, N)
	bias   []float32 // (N) or nil, as are the next two
	scale  []float32
	add    []float32 // (M, N)
	gelu   int
	exact  finisher // not nil: a small product, in float64

	narrow *NarrowLinear // has other operands in the place of a, and other results

	slice   int  // products at a time
	block   int  // rows of A in a task
	group   int  // panels in a task
	compact bool // A is copied: its rows would compete for the same cache lines

	parts partsTask // does it where panels are in parts

	tokens   int      // rows of an image, or 0
	strassen strassen // does it where it may, in fewer multiplications
}

// finisher takes sums in float64 of some elements of C: those from column col on
// in the row that begins at row.
type finisher interface {
	finish(sums []float64, row, col int)
}

const (
	maxSlice = 768 // products added in chains before the sum so far takes them
	chain    = 32  // and a multiple of their length

	arenaSize = 1 << 18 // float32
	blockSize = 5 << 15 // of A: float32 that stay in a second-level cache of 1 MiB
	rowPad    = 16      // float32

	taskFlops = 2 << 20 // some 20 µs of work
	perThread = 24      // tasks, so that threads end at nearly one time
	minTiles  = 4       // of rows in a task: a panel should be worth its journey
)

// run computes C; f, if not nil, finishes a small product, done in float64.
func (t *tiled) run(p *Pool, f finisher) {
	if t.m == 0 || t.n == 0 {
		return
	}
	t.pool = p
	if t.by == nil {
		t.by = &t.k.tiles
	}
	if f != nil && small(ofImage(t.m, t.tokens), t.n, t.depth) {
		t.exact = f
	}
	if t.cut && t.exact == nil {
		t.parts.tiled = t
		t.parts.run(p)
		return
	}
	if t.halves() {
		t.strassen.tiled = t
		t.strassen.run(p)
		return
	}
	slices := max(1, blocks(t.depth, maxSlice))
	t.slice = max(1, blocks(blocks(t.depth, slices), chain)) * chain
	rows, cols := t.by.rows(), t.by.cols
	room := arenaSize - (maxSlice+rows)*cols
	t.block = min(blockSize/max(1, t.depth), room/(2*cols+t.depth+rowPad))
	t.block = max(t.block/rows, 1) * rows
	t.compact = t.m > 2 && t.depth%512 == 0 && t.exact == nil && t.block*(2*cols+t.depth+rowPad) <= room
	if t.narrow != nil {
		t.compact = true
		t.block = min(t.block, room/(2*cols+t.depth+rowPad))
	}
	nb := blocks(t.m, t.block)
	nb = max(nb, min(blocks(perThread*p.Threads(), blocks(t.n, cols)), blocks(t.m, minTiles*rows)))
	t.block = blocks(t.m, nb)
	t.group = max(1, taskFlops/max(1, 2*t.block*cols*t.depth))
	p.Run(nb*blocks(blocks(t.n, cols), t.group), t)
}

// Do computes a block of rows for a group of panels.
func (t *tiled) Do(worker, i int) {
	panels := blocks(t.n, t.by.cols)
	groups := blocks(panels, t.group)
	r0, r1 := span(i/groups, t.block, t.m)
	j0, j1 := span(i%groups, t.group, panels)

	own := &t.pool.arenas[worker]
	arena := carver[float32](own.memory)
	w := tiledWork{sums: arena.cut(2 * t.block * t.by.cols), part: arena.cut(t.by.rows() * t.by.cols), packed: arena.cut(t.slice * t.by.cols)}
	if t.compact {
		w.lda = t.depth + rowPad
		w.a = t.copyRows(own, arena.cut(t.block*w.lda), r0, r1)
	} else {
		w.a, w.lda = t.a[r0*t.depth:], t.depth
	}
	for j := j0; j < j1; j++ {
		if t.exact != nil {
			t.exactPanel(&w, j, r0, r1)
			continue
		}
		after := j + 1
		if after == j1 {
			after = (i + t.pool.Threads()) % groups * t.group // threads take tasks in turn
		}
		t.panel(&w, j, after, r0, r1)
	}
}

// tiledWork is what a task works with: its rows of A, and parts of the arena.
type tiledWork struct {
	a      []float32
	lda    int
	sums   []float32 // (block, cols), float64 or float32
	part   []float32 // a tile
	packed []float32 // a slice of a panel
}

// copyRows is rows [r0, r1) of A in dst, rowPad further apart than they were. It
// copies only what this worker has not copied for its task before.
func (t *tiled) copyRows(own *arena, dst []float32, r0, r1 int) []float32 {
	if own.run == t.pool.runs && own.row == r0 {
		return dst
	}
	own.run, own.row = t.pool.runs, r0
	for r := r0; r < r1; r++ {
		to := dst[(r-r0)*(t.depth+rowPad):][:t.depth]
		switch {
		case t.narrow == nil:
			copy(to, t.a[r*t.depth:(r+1)*t.depth])
		case t.by == &t.k.words:
			t.k.unpack(at(to, 0), start(t.narrow.X.row(r)), 2*t.depth)
		default:
			t.narrow.X.Get(r, 0, to)
		}
	}
	return dst
}

// panel computes rows [r0, r1) of C for panel j. Each tile is finished as soon as
// its last product is in, so that its stores drain while the next one multiplies.
// The first tiles fetch the next slice of B; after the last, that of panel after.
func (t *tiled) panel(w *tiledWork, j, after, r0, r1 int) {
	k, rows := t.by, r1-r0
	tiles := blocks(rows, k.rows())
	for k0 := 0; k0 == 0 || k0 < t.depth; k0 += t.slice {
		kn := min(t.slice, t.depth-k0)
		b := t.panelSlice(w, j, k0, kn)
		next := uintptr(b)
		switch {
		case t.panels == nil && t.short == nil:
		case k0+kn < t.depth:
			next = uintptr(t.sliceOf(j, k0+kn))
		default:
			next = uintptr(t.sliceOf(after, 0))
		}
		for i, r := 0, 0; i < tiles; i++ {
			m := share(rows, tiles, i)
			sum := at(w.sums, r*k.cols)
			k.gemmRows[m](kn, at(w.a, r*w.lda+k0), 4*w.lda, b, sum, min(k0, 1), at(w.part, 0), nil, next)
			if next += uintptr(kn * 64); i == 1 { // a line a product
				next = uintptr(b)
			}
			if k0+kn == t.depth {
				t.finish(j, r0+r, m, sum)
			}
			r += m
		}
	}
}

// exactPanel is panel in float64.
func (t *tiled) exactPanel(w *tiledWork, j, r0, r1 int) {
	k, rows := t.k, r1-r0
	sums := unsafe.Slice((*float64)(at(w.sums, 0)), rows*k.cols)
	tiles := blocks(rows, len(k.exact)-1)
	for k0 := 0; k0 == 0 || k0 < t.depth; k0 += t.slice {
		kn := min(t.slice, t.depth-k0)
		b := t.panelSlice(w, j, k0, kn)
		for i, r := 0, 0; i < tiles; i++ {
			m := share(rows, tiles, i)
			k.exact[m](kn, at(w.a, r*w.lda+k0), 4*w.lda, b, unsafe.Pointer(&sums[r*k.cols]), min(k0, 1))
			r += m
		}
	}
	col := j * k.cols
	for r := range rows {
		t.exact.finish(sums[r*k.cols:][:min(k.cols, t.n-col)], (r0+r)*t.n, col)
	}
}

// share is the size of part i when n is split into parts that differ by one at
// most, larger ones first.
func share(n, parts, i int) int {
	if i < n%parts {
		return n/parts + 1
	}
	return n / parts
}

// portion is part i of n things in so many parts: its first, and how many.
func portion(n, parts, i int) (first, count int) {
	return i*(n/parts) + min(i, n%parts), share(n, parts, i)
}

// finish makes elements of C, in rows rows from r on, of their sums for panel j.
func (t *tiled) finish(j, r, rows int, sums unsafe.Pointer) {
	if t.narrow != nil {
		to := tileOf{panel: j, row: r, rows: rows}
		y, ldy := t.narrow.result(to, t.by.cols)
		t.narrow.finishSums(t.k, t.by.cols, to, sums, y, ldy)
		return
	}
	col := j * t.by.cols
	w := min(t.by.cols, t.n-col)
	t.k.epilogue(at(t.c, r*t.n+col), 4*t.n, sums, rows, w, at(t.bias, col), at(t.scale, col), at(t.add, r*t.n+col), t.gelu)
}

// rowOf is where row r of A begins, and the size of a unit there, in bytes.
func (t *tiled) rowOf(r int) (a unsafe.Pointer, unit int) {
	if t.narrow != nil {
		return start(t.narrow.X.row(r)), 2
	}
	return at(t.a, r*t.depth), 4
}
