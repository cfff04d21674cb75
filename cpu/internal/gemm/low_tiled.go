package gemm

import (
	"unsafe"

	"cradio/cpu/internal/form"
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// lowTiled is LowProduct by register tiles that multiply words of 32 bits, of two bfloat16
// or four int8: like Product, but A is read where it lies, since its rows never compete
// for the same cache lines, and sums need no chains. Once for all panels of a block, two rows
// are joined where tiles take two at a time, and what their sums begin with is computed where
// that is not 0.
type lowTiled struct {
	*LowProduct
	table *kernel.Table
	tiles *kernel.Tiles
	depth int // words in a row
	pool  *pool.Pool

	slice int // words at a time
	block int // rows of A in a task
	group int // panels in a task
	step  int // rows that tiles take at a time: 1 or 2
	lda   int // bytes from one step of A to the next
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
	t.block = min(t.block, pool.ArenaSize/(t.tiles.Cols+1))
	t.step, t.lda = 1, form.Stride(t.X.Form, t.X.Cols)
	if t.tiles.ByPairs {
		t.step, t.lda = 2, form.Stride(form.BFloat16, 4*t.depth)
		t.block = min(t.block, pool.ArenaSize/(t.tiles.Cols+t.lda/8)&^1)
	}
	nb := pool.Blocks(t.Rows, t.block)
	nb = max(nb, min(pool.Blocks(perThread*p.Threads(), panels), pool.Blocks(t.Rows, minTiles*rows)))
	t.block = pool.Blocks(pool.Blocks(t.Rows, nb), t.step) * t.step
	nb = pool.Blocks(t.Rows, t.block)
	t.group = max(1, taskFlops/(2*t.block*t.tiles.Cols*t.depth))
	p.Run(nb*pool.Blocks(panels, t.group), t)
}

// Do computes a block of rows for a group of panels.
func (t *lowTiled) Do(worker, i int) {
	panels := pool.Blocks(t.W.Rows, t.tiles.Cols)
	groups := pool.Blocks(panels, t.group)
	r0, r1 := pool.Span(i/groups, t.block, t.Rows)
	j0, j1 := pool.Span(i%groups, t.group, panels)
	w := t.work(worker, r0, r1)
	for j := j0; j < j1; j++ {
		after := j + 1
		if after == j1 {
			after = (i + t.pool.Threads()) % groups * t.group // of the task that this thread probably takes next
		}
		t.panel(&w, j, after, r0, r1)
	}
}

// lowWork is what a task works with.
type lowWork struct {
	a      unsafe.Pointer // its rows of A
	sums   []float32      // (block, cols), room for their sums
	starts []float32      // (block), int32: what the sums begin with, or nil
}

// work prepares rows [r0, r1) of A.
func (t *lowTiled) work(worker, r0, r1 int) lowWork {
	memory := pool.Scratch[float32](t.pool.Memory(worker))
	w := lowWork{a: unsafe.Pointer(&form.Row(t.X, r0)[0]), sums: memory.Cut(t.block * t.tiles.Cols)}
	x, ldx, rows := w.a, form.Stride(t.X.Form, t.X.Cols), r1-r0
	held := t.pool.Holds(worker, r0)
	if t.tiles.ByPairs {
		if w.a = kernel.At(memory, 0); !held {
			t.tiles.JoinLeft(w.a, t.lda, x, ldx, rows, t.depth)
		}
	}
	if t.tiles.RowStarts != nil {
		if w.starts = memory.Cut(t.block); !held {
			t.tiles.RowStarts(kernel.At(w.starts, 0), x, ldx, rows, t.depth)
		}
	}
	return w
}

// panel computes rows [r0, r1) for panel j. The first tiles fetch the next slice of it;
// after the last, that of panel after.
func (t *lowTiled) panel(w *lowWork, j, after, r0, r1 int) {
	cols, steps := t.tiles.Cols, pool.Blocks(r1-r0, t.step)
	tiles := pool.Blocks(steps, t.tiles.MostRows()/t.step)
	for k0 := 0; k0 < t.depth; k0 += t.slice {
		kn := min(t.slice, t.depth-k0)
		last := k0+kn == t.depth
		b := t.slicePanel(j, k0)
		next := uintptr(t.slicePanel(j, k0+kn))
		if last {
			next = uintptr(t.slicePanel(after, 0))
		}
		for i, r := 0, 0; i < tiles; i++ {
			m := min(t.step*pool.Share(steps, tiles, i), r1-r0-r)
			to := tileOf{panel: j, row: r0 + r, rows: m}
			sum := kernel.At(w.sums, 0)
			if t.slice < t.depth {
				sum = kernel.At(w.sums, r*cols)
			}
			y, ldy := t.result(to, cols)
			if last {
				t.table.PrefetchWrite(y, ldy, m, t.resultBytes(cols))
			}
			start := unsafe.Pointer(nil)
			if k0 == 0 {
				start = kernel.At(w.starts, r)
			}
			t.tiles.GemmRows[m](kn, unsafe.Add(w.a, r/t.step*t.lda+4*t.step*k0), t.lda, b, sum, min(k0, 1), start, nil, next)
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
