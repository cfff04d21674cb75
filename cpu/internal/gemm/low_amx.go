package gemm

import (
	"unsafe"

	"cradio/cpu/internal/form"
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// lowAMX is LowProduct by AMX tiles: rows of A are read where they lie, by steps of 64
// bytes, and so are panels of words. Sums of products stay in tiles for a whole slice of a
// panel.
type lowAMX struct{ lowTiled }

const (
	maxTileSlice   = 24      // steps: 48 KiB of B, which stay in the first-level cache
	tileBlockBytes = 3 << 18 // of A in a task
	finishedRows   = 128     // whose sums are finished at a time, while they are in a near cache
	stepWords      = kernel.TileStep / 4
)

func (t *lowAMX) run(p *pool.Pool) {
	if t.Rows == 0 || t.W.Rows == 0 {
		return
	}
	const block = kernel.TileBlock
	steps := t.depth / stepWords
	t.slice = pool.Blocks(steps, pool.Blocks(steps, maxTileSlice)) * stepWords
	t.block = min(max(tileBlockBytes/form.Stride(t.X.Form, t.X.Cols)/block, 1)*block, pool.ArenaSize/kernel.TileCols-block)
	t.block = pool.Blocks(pool.Blocks(t.Rows, pool.Blocks(t.Rows, t.block)), block) * block
	nb, panels := pool.Blocks(t.Rows, t.block), pool.Blocks(t.W.Rows, kernel.TileCols)
	t.group = pool.Blocks(panels, pool.Blocks(tileTasks*p.Threads(), nb))
	p.Run(nb*pool.Blocks(panels, t.group), t)
}

// Do computes a block of rows for a group of panels.
func (t *lowAMX) Do(worker, i int) {
	panels := pool.Blocks(t.W.Rows, kernel.TileCols)
	groups := pool.Blocks(panels, t.group)
	r0, r1 := pool.Span(i/groups, t.block, t.Rows)
	j0, j1 := pool.Span(i%groups, t.group, panels)
	for j := j0; j < j1; j++ {
		for k0 := 0; k0 < t.depth; k0 += t.slice {
			t.multiply(t.pool.Memory(worker), j, k0, r0, r1)
		}
	}
}

// multiply adds to sums the products of a slice of panel j, from word k0 on, and finishes
// rows [r0, r1) with the last. The first rows fetch the next slice.
func (t *lowAMX) multiply(memory []float32, j, k0, r0, r1 int) {
	partial, sums := memory[:kernel.TileBlock*kernel.TileCols], memory[kernel.TileBlock*kernel.TileCols:]
	kn := min(t.slice, t.depth-k0)
	last := k0+kn == t.depth
	b := t.slicePanel(j, k0)
	next := uintptr(t.slicePanel(j, k0+kn)) // or the next panel
	finish, step := t.finisher(j), t.block
	if last && finish == nil {
		step = finishedRows
	}
	lda := form.Stride(t.X.Form, t.X.Cols)
	for r := r0; r < r1; r += step {
		to := tileOf{panel: j, row: r, rows: min(step, r1-r)}
		sum := kernel.At(sums, 0)
		if t.slice < t.depth {
			sum = kernel.At(sums, (r-r0)*kernel.TileCols)
		}
		y, ldy := t.result(to, kernel.TileCols)
		if last && finish == nil {
			t.table.PrefetchWrite(y, ldy, to.rows, t.resultBytes(kernel.TileCols))
		}
		calls, n := kernel.TileCalls(to.rows)
		for _, c := range calls[:n] {
			a, sum := unsafe.Pointer(&t.X.Data[(r+c.Row)*lda+4*k0]), unsafe.Add(sum, 4*c.Row*kernel.TileCols)
			if last && finish != nil {
				t.finishAtOnce(finish, c, tileOf{j, r + c.Row, c.Last}, kn, a, b, sum, min(k0, 1), next, kernel.At(partial, 0))
				continue
			}
			t.kernel()(kn/stepWords, a, lda, b, sum, min(k0, 1), c.Blocks, c.Low, c.Shapes, next)
		}
		if last && finish == nil {
			t.finishSums(t.table, kernel.TileCols, to, sum, y, ldy)
		}
		next = uintptr(b)
	}
}

// kernel multiplies, and leaves the sums to be finished.
func (t *lowAMX) kernel() kernel.AMXProduct {
	if t.W.form == form.Int8 {
		return t.table.AMX.Int8
	}
	return t.table.AMX.BFloat16
}

// finisher is the kernel that also finishes the sums of panel j, nil if there is none for
// what it should become.
func (t *lowAMX) finisher(j int) kernel.FinishFunc {
	if (j+1)*kernel.TileCols > t.W.Rows {
		return nil
	}
	of := &t.table.AMX.BFloat16Finish
	if t.W.form == form.Int8 {
		of = &t.table.AMX.Int8Finish
	}
	switch {
	case t.LowY == nil && t.Residual != nil && !t.GELU:
		return of.Residual
	case t.LowY == nil || t.Scale != nil:
		return nil
	case t.GELU:
		return of.GELU
	}
	return of.Rounded
}

// finishAtOnce calls a finisher.
func (t *lowAMX) finishAtOnce(f kernel.FinishFunc, c kernel.TileCall, to tileOf, kn int, a, b, sum unsafe.Pointer, add int, next uintptr, partial unsafe.Pointer) {
	col := to.panel * kernel.TileCols
	lda := form.Stride(t.X.Form, t.X.Cols)
	y, ldy := t.result(to, kernel.TileCols)
	var residual, x unsafe.Pointer
	if t.LowY == nil {
		residual = kernel.At(t.Residual, to.row*t.W.Rows+col)
	}
	if t.W.form == form.Int8 {
		x = unsafe.Pointer(&t.X.Data[(to.row+1)*lda-form.TailBytes])
	}
	f(kn/stepWords, a, lda, b, sum, add, c.Blocks, c.Low, c.Shapes, next,
		partial, c.Last, y, ldy, kernel.At(t.Bias, col), kernel.At(t.Scale, col), residual, x, lda, kernel.At(t.W.scales, col), kernel.At(t.W.totals, col))
}
