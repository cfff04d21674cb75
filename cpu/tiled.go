package cpu

import "unsafe"

// slice is how many products are added in float32 before the sum so far takes
// them: a longer chain would lose more digits than PyTorch's float32.
const slice = 256

// tiled is a matrix product by register tiles, with what follows it:
// C (M, N) = finish(A·B). B is packed in panels, or packed as it is used.
//
// A task is a block of rows of A, small enough for the second-level cache, and a
// group of panels. Each panel of B streams past all tiles of the block, slice by
// slice; the sums of the block's tiles for one panel stay in the arena.
type tiled struct {
	k       *kernels
	pool    *Pool
	m, n    int
	depth   int
	a       []float32 // (M, depth)
	panels  []float32 // (N/cols, depth, cols), or nil:
	b       []float32 // (N, depth) if byRows, else (depth, N)
	byRows  bool
	c       []float32 // (M, N)
	bias    []float32 // (N) or nil, as are the next two
	scale   []float32
	add     []float32 // (M, N)
	gelu    int
	block   int  // rows of A in a task
	group   int  // panels in a task
	compact bool // A is copied: its rows would compete for the same cache lines
}

// Sizes in float32: the arena's, and what of A a task keeps in its second-level
// cache of at least 1 MiB.
const (
	arenaSize = 1 << 18
	blockSize = 5 << 15
	rowPad    = 16
)

// taskFlops is some 20 µs of work.
const taskFlops = 2 << 20

// run computes C.
func (t *tiled) run(p *Pool) {
	if t.m == 0 || t.n == 0 {
		return
	}
	t.pool = p
	t.block = min(blockSize/max(1, t.depth), (arenaSize-slice*t.k.cols)/(t.k.cols+t.depth+rowPad))
	t.block = max(t.block/t.k.rows(), 1) * t.k.rows()
	t.compact = t.m > 2 && t.depth%512 == 0 && t.block*(t.depth+rowPad+t.k.cols)+slice*t.k.cols <= arenaSize
	nb := blocks(t.m, t.block)
	t.block = blocks(t.m, nb)
	t.group = max(1, taskFlops/max(1, 2*t.block*t.k.cols*t.depth))
	p.Run(nb*blocks(blocks(t.n, t.k.cols), t.group), t)
}

// Do computes a block of rows for a group of panels.
func (t *tiled) Do(worker, i int) {
	panels := blocks(t.n, t.k.cols)
	groups := blocks(panels, t.group)
	r0, r1 := span(i/groups, t.block, t.m)
	j0, j1 := span(i%groups, t.group, panels)

	arena := carver[float32](t.pool.arenas[worker].memory)
	sums := arena.cut(t.block * t.k.cols)
	a, lda := t.a[r0*t.depth:], t.depth
	if t.compact {
		lda = t.depth + rowPad
		a = t.copyRows(&t.pool.arenas[worker], arena.cut(t.block*lda), r0, r1)
	}
	for j := j0; j < j1; j++ {
		t.panel(j, r0, r1, a, lda, sums, arena)
	}
}

// copyRows is rows [r0, r1) of A in dst, rowPad further apart than they were. It
// copies only what this worker has not copied for its task before.
func (t *tiled) copyRows(own *arena, dst []float32, r0, r1 int) []float32 {
	if own.run == t.pool.runs && own.row == r0 {
		return dst
	}
	own.run, own.row = t.pool.runs, r0
	for r := r0; r < r1; r++ {
		copy(dst[(r-r0)*(t.depth+rowPad):], t.a[r*t.depth:(r+1)*t.depth])
	}
	return dst
}

// panel computes rows [r0, r1) of C for panel j; a is those rows of A. Each tile
// is finished as soon as its last product is in, so that its stores drain while
// the next one multiplies.
func (t *tiled) panel(j, r0, r1 int, a []float32, lda int, sums, room []float32) {
	k, rows := t.k, r1-r0
	tiles := blocks(rows, k.rows())
	for k0 := 0; k0 == 0 || k0 < t.depth; k0 += slice {
		kn := min(slice, t.depth-k0)
		b := room
		if t.panels != nil {
			b = t.panels[(j*t.depth+k0)*k.cols:]
		} else {
			t.pack(b, j, k0, kn)
		}
		next := uintptr(at(b, 0)) + uintptr(kn*k.cols*4)
		for i, r := 0, 0; i < tiles; i++ {
			m := share(rows, tiles, i)
			sum := at(sums, r*k.cols)
			k.gemmRows[m](kn, at(a, r*lda+k0), 4*lda, at(b, 0), sum, min(k0, 1), nil, next)
			if next += uintptr(kn * 64); i == 1 {
				next = uintptr(at(b, 0))
			}
			if k0+kn == t.depth {
				t.finish(j, r0+r, m, sum)
			}
			r += m
		}
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

// finish makes elements of C, in rows rows from r on, of their sums for panel j.
func (t *tiled) finish(j, r, rows int, sums unsafe.Pointer) {
	col := j * t.k.cols
	w := min(t.k.cols, t.n-col)
	t.k.epilogue(at(t.c, r*t.n+col), 4*t.n, sums, rows, w, at(t.bias, col), at(t.scale, col), at(t.add, r*t.n+col), t.gelu)
}

// pack writes products [k0, k0+kn) of panel j of B to dst.
func (t *tiled) pack(dst []float32, j, k0, kn int) {
	cols := t.k.cols
	col := j * cols
	if t.byRows {
		packPanel(t.k, cols, dst, t.b[col*t.depth+k0:], t.depth, min(cols, t.n-col), kn)
		return
	}
	w := min(cols, t.n-col)
	for i := range kn {
		d := dst[i*cols : (i+1)*cols]
		copy(d, t.b[(k0+i)*t.n+col:][:w])
		clear(d[w:])
	}
}

// packPanel writes a panel, (depth, cols), of rows rows of w that are ld apart.
// Missing rows become zeros.
func packPanel(k *kernels, cols int, dst, w []float32, ld, rows, depth int) {
	for c := 0; c < cols; c += k.lanes {
		n := min(k.lanes, rows-c)
		if n <= 0 {
			for i := range depth {
				clear(dst[i*cols+c:][:k.lanes])
			}
			continue
		}
		for i := 0; i < depth; i += k.lanes {
			k.transpose(at(dst, i*cols+c), 4*cols, at(w, c*ld+i), 4*ld, n, min(k.lanes, depth-i), k.lanes, nil)
		}
	}
}
