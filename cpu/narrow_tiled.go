package cpu

import "unsafe"

// narrowTiled is NarrowLinear by register tiles of units: like tiled, but that A
// is read where it lies, since its rows never compete for the same cache lines,
// and sums need no chains.
type narrowTiled struct {
	*NarrowLinear
	k     *kernels
	tiles *tiles
	depth int // units in a row

	slice int // units at a time
	block int // rows of A in a task
	group int // panels in a task
}

const (
	maxUnits   = 1024    // in a slice of a panel
	blockBytes = 5 << 17 // of A: they stay in a second-level cache of 1 MiB
)

func (t *narrowTiled) run(p *Pool) {
	if t.Rows == 0 || t.W.Rows == 0 {
		return
	}
	t.pool = p
	slices := blocks(t.depth, maxUnits)
	t.slice = blocks(blocks(t.depth, slices), unrolledUnits) * unrolledUnits
	rows, panels := t.tiles.rows(), blocks(t.W.Rows, t.tiles.cols)
	t.block = max(blockBytes/NarrowStride(t.X.Precision, t.X.Cols)/rows, 1) * rows
	t.block = min(t.block, arenaSize/t.tiles.cols)
	nb := blocks(t.Rows, t.block)
	nb = max(nb, min(blocks(perThread*p.Threads(), panels), blocks(t.Rows, minTiles*rows)))
	t.block = blocks(t.Rows, nb)
	t.group = max(1, taskFlops/(2*t.block*t.tiles.cols*t.depth))
	p.Run(nb*blocks(panels, t.group), t)
}

// unrolledUnits is how many units the kernels take at a time.
const unrolledUnits = 4

// Do computes a block of rows for a group of panels.
func (t *narrowTiled) Do(worker, i int) {
	panels := blocks(t.W.Rows, t.tiles.cols)
	groups := blocks(panels, t.group)
	r0, r1 := span(i/groups, t.block, t.Rows)
	j0, j1 := span(i%groups, t.group, panels)
	sums := t.pool.arenas[worker].memory
	for j := j0; j < j1; j++ {
		after := j + 1
		if after == j1 {
			after = (i + t.pool.Threads()) % groups * t.group // threads take tasks in turn
		}
		t.panel(sums, j, after, r0, r1)
	}
}

// panel computes rows [r0, r1) for panel j. The first tiles fetch the next slice
// of it; after the last, that of panel after.
func (t *narrowTiled) panel(sums []float32, j, after, r0, r1 int) {
	rows, cols := r1-r0, t.tiles.cols
	tiles := blocks(rows, t.tiles.rows())
	lda := NarrowStride(t.X.Precision, t.X.Cols)
	for k0 := 0; k0 < t.depth; k0 += t.slice {
		kn := min(t.slice, t.depth-k0)
		last := k0+kn == t.depth
		b := t.slicePanel(j, k0)
		next := uintptr(t.slicePanel(j, k0+kn))
		if last {
			next = uintptr(t.slicePanel(after, 0))
		}
		for i, r := 0, 0; i < tiles; i++ {
			m := share(rows, tiles, i)
			to := tileOf{panel: j, row: r0 + r, rows: m}
			sum := at(sums, 0)
			if t.slice < t.depth {
				sum = at(sums, r*cols)
			}
			y, ldy := t.result(to)
			if last {
				t.k.own(y, ldy, m, t.resultBytes(cols))
			}
			t.tiles.gemmRows[m](kn, unsafe.Pointer(&t.X.Data[to.row*lda+4*k0]), lda, b, sum, min(k0, 1), nil, nil, next)
			if next += uintptr(kn * 64); i == 1 { // a line a product
				next = uintptr(b)
			}
			if last {
				t.finishTile(to, sum, y, ldy)
			}
			r += m
		}
	}
}

// slicePanel is panel j from unit k0 on.
func (t *narrowTiled) slicePanel(j, k0 int) unsafe.Pointer {
	i := (j*t.depth + k0) * t.tiles.cols
	return unsafe.Pointer(&t.W.units[min(i, len(t.W.units)-1)])
}

// tileOf says which elements of Y a tile has: rows from row on, of a panel.
type tileOf struct{ panel, row, rows int }

// result is where a tile begins in Y, and the distance of rows in bytes.
func (t *narrowTiled) result(to tileOf) (y unsafe.Pointer, ldy int) {
	return t.NarrowLinear.result(to, t.tiles.cols)
}

// resultBytes is the size of n elements of Y.
func (t *narrowTiled) resultBytes(n int) int {
	if t.NarrowY != nil {
		return 2 * n
	}
	return 4 * n
}

// finishTile makes elements of Y, from y on, of their sums.
func (t *narrowTiled) finishTile(to tileOf, sums, y unsafe.Pointer, ldy int) {
	t.finishSums(t.k, t.tiles.cols, to, sums, y, ldy)
}
