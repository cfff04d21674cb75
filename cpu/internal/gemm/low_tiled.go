package gemm

import (
	"unsafe"

	"cradio/cpu/internal/form"
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// lowTiled is LowProduct by register tiles that multiply words of 32 bits, of two bfloat16
// or four int8: like Product, but A is read where it lies, since its rows never compete
// for the same cache lines, and sums need no chains.
type lowTiled struct {
	*LowProduct
	table *kernel.Table
	tiles *kernel.Tiles
	depth int // words in a row
	pool  *pool.Pool

	slice int // words at a time
	block int // rows of A in a task
	group int // panels in a task
}

const (
	maxWords   = 1024    // in a slice of a panel
	blockBytes = 5 << 17 // of A: they stay in a second-level cache of 1 MiB

	unrolledWords = 4 // that the kernels take at a time
)

func (t *lowTiled) run(p *pool.Pool) {
	if t.Rows == 0 || t.W.Rows == 0 {
		return
	}
	slices := pool.Blocks(t.depth, maxWords)
	t.slice = pool.Blocks(pool.Blocks(t.depth, slices), unrolledWords) * unrolledWords
	rows, panels := t.tiles.MostRows(), pool.Blocks(t.W.Rows, t.tiles.Cols)
	t.block = max(blockBytes/form.Stride(t.X.Form, t.X.Cols)/rows, 1) * rows
	t.block = min(t.block, pool.ArenaSize/t.tiles.Cols)
	nb := pool.Blocks(t.Rows, t.block)
	nb = max(nb, min(pool.Blocks(perThread*p.Threads(), panels), pool.Blocks(t.Rows, minTiles*rows)))
	t.block = pool.Blocks(t.Rows, nb)
	t.group = max(1, taskFlops/(2*t.block*t.tiles.Cols*t.depth))
	p.Run(nb*pool.Blocks(panels, t.group), t)
}

// Do computes a block of rows for a group of panels.
func (t *lowTiled) Do(worker, i int) {
	panels := pool.Blocks(t.W.Rows, t.tiles.Cols)
	groups := pool.Blocks(panels, t.group)
	r0, r1 := pool.Span(i/groups, t.block, t.Rows)
	j0, j1 := pool.Span(i%groups, t.group, panels)
	sums := t.pool.Memory(worker)
	for j := j0; j < j1; j++ {
		after := j + 1
		if after == j1 {
			after = (i + t.pool.Threads()) % groups * t.group // of the task that this thread probably takes next
		}
		t.panel(sums, j, after, r0, r1)
	}
}

// panel computes rows [r0, r1) for panel j. The first tiles fetch the next slice of it;
// after the last, that of panel after.
func (t *lowTiled) panel(sums []float32, j, after, r0, r1 int) {
	rows, cols := r1-r0, t.tiles.Cols
	tiles := pool.Blocks(rows, t.tiles.MostRows())
	lda := form.Stride(t.X.Form, t.X.Cols)
	for k0 := 0; k0 < t.depth; k0 += t.slice {
		kn := min(t.slice, t.depth-k0)
		last := k0+kn == t.depth
		b := t.slicePanel(j, k0)
		next := uintptr(t.slicePanel(j, k0+kn))
		if last {
			next = uintptr(t.slicePanel(after, 0))
		}
		for i, r := 0, 0; i < tiles; i++ {
			m := pool.Share(rows, tiles, i)
			to := tileOf{panel: j, row: r0 + r, rows: m}
			sum := kernel.At(sums, 0)
			if t.slice < t.depth {
				sum = kernel.At(sums, r*cols)
			}
			y, ldy := t.result(to, cols)
			if last {
				t.table.PrefetchWrite(y, ldy, m, t.resultBytes(cols))
			}
			t.tiles.GemmRows[m](kn, unsafe.Pointer(&t.X.Data[to.row*lda+4*k0]), lda, b, sum, min(k0, 1), nil, nil, next)
			if next += uintptr(kn * 64); i == 1 { // a line a product
				next = uintptr(b)
			}
			if last {
				t.finishSums(t.table, cols, to, sum, y, ldy)
			}
			r += m
		}
	}
}

// slicePanel is panel j from word k0 on.
func (t *lowTiled) slicePanel(j, k0 int) unsafe.Pointer {
	i := (j*t.depth + k0) * t.tiles.Cols
	return unsafe.Pointer(&t.W.words[min(i, len(t.W.words)-1)])
}

// resultBytes is the size of n elements of y.
func (t *lowTiled) resultBytes(n int) int {
	if t.LowY != nil {
		return 2 * n
	}
	return 4 * n
}
