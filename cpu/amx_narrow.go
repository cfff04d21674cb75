package cpu

import "unsafe"

// amxNarrow is NarrowLinear by AMX tiles: rows of A are read where they lie, by
// steps of 64 bytes, and so are panels of units. Sums of products stay in tiles
// for a whole slice of a panel.
type amxNarrow struct{ narrowTiled }

const (
	maxTileSlice   = 24      // steps: 48 KiB of B, which stay in the first-level cache
	tileBlockBytes = 3 << 18 // of A in a task
	finishedRows   = 128     // whose sums are finished at a time, while they are near
	stepUnits      = tileStep / 4
)

func (t *amxNarrow) run(p *Pool) {
	if t.Rows == 0 || t.W.Rows == 0 {
		return
	}
	t.pool = p
	steps := t.depth / stepUnits
	t.slice = blocks(steps, blocks(steps, maxTileSlice)) * stepUnits
	t.block = min(max(tileBlockBytes/NarrowStride(t.X.Precision, t.X.Cols)/tileBlock, 1)*tileBlock, arenaSize/tileCols-tileBlock)
	t.block = blocks(blocks(t.Rows, blocks(t.Rows, t.block)), tileBlock) * tileBlock
	nb, panels := blocks(t.Rows, t.block), blocks(t.W.Rows, tileCols)
	t.group = blocks(panels, blocks(tileTasks*p.Threads(), nb))
	p.Run(nb*blocks(panels, t.group), t)
}

// Do computes a block of rows for a group of panels.
func (t *amxNarrow) Do(worker, i int) {
	panels := blocks(t.W.Rows, tileCols)
	groups := blocks(panels, t.group)
	r0, r1 := span(i/groups, t.block, t.Rows)
	j0, j1 := span(i%groups, t.group, panels)
	for j := j0; j < j1; j++ {
		for k0 := 0; k0 < t.depth; k0 += t.slice {
			t.multiply(t.pool.arenas[worker].memory, j, k0, r0, r1)
		}
	}
}

// multiply adds to sums the products of a slice of panel j, from unit k0 on, and
// finishes rows [r0, r1) with the last. The first rows fetch the next slice.
func (t *amxNarrow) multiply(memory []float32, j, k0, r0, r1 int) {
	part, sums := memory[:tileBlock*tileCols], memory[tileBlock*tileCols:]
	kn := min(t.slice, t.depth-k0)
	last := k0+kn == t.depth
	b := t.slicePanel(j, k0)
	next := uintptr(t.slicePanel(j, k0+kn)) // or the next panel
	finish, step := t.finisher(j), t.block
	if last && finish == nil {
		step = finishedRows
	}
	lda := NarrowStride(t.X.Precision, t.X.Cols)
	for r := r0; r < r1; r += step {
		to := tileOf{panel: j, row: r, rows: min(step, r1-r)}
		sum := at(sums, 0)
		if t.slice < t.depth {
			sum = at(sums, (r-r0)*tileCols)
		}
		y, ldy := t.result(to)
		if last && finish == nil {
			t.k.own(y, ldy, to.rows, t.resultBytes(tileCols))
		}
		calls, n := tileCalls(to.rows)
		for _, c := range calls[:n] {
			a, sum := unsafe.Pointer(&t.X.Data[(r+c.row)*lda+4*k0]), unsafe.Add(sum, 4*c.row*tileCols)
			if last && finish != nil {
				t.finishAtOnce(finish, c, tileOf{j, r + c.row, c.last}, kn, a, b, sum, min(k0, 1), next, at(part, 0))
				continue
			}
			t.kernel()(kn/stepUnits, a, lda, b, sum, min(k0, 1), c.blocks, c.low, c.shapes, next)
		}
		if last && finish == nil {
			t.finishTile(to, sum, y, ldy)
		}
		next = uintptr(b)
	}
}

// kernel multiplies, and leaves the sums to be finished.
func (t *amxNarrow) kernel() amxProduct {
	if t.W.Precision == Int8 {
		return t.k.amx.fours
	}
	return t.k.amx.pairs
}

// finisher is the kernel that also finishes the sums of panel j, nil if there is
// none for what it should become.
func (t *amxNarrow) finisher(j int) finishFunc {
	if (j+1)*tileCols > t.W.Rows {
		return nil
	}
	of := &t.k.amx.finish[0]
	if t.W.Precision == Int8 {
		of = &t.k.amx.finish[1]
	}
	switch {
	case t.NarrowY == nil && t.Residual != nil && !t.GELU:
		return of.residual
	case t.NarrowY == nil || t.Scale != nil:
		return nil
	case t.GELU:
		return of.gelu
	}
	return of.rounded
}

// finishAtOnce calls a finisher.
func (t *amxNarrow) finishAtOnce(f finishFunc, c tileCall, to tileOf, kn int, a, b, sum unsafe.Pointer, add int, next uintptr, part unsafe.Pointer) {
	col := to.panel * tileCols
	lda := NarrowStride(t.X.Precision, t.X.Cols)
	y, ldy := t.result(to)
	var residual, x unsafe.Pointer
	if t.NarrowY == nil {
		residual = at(t.Residual, to.row*t.W.Rows+col)
	}
	if t.W.Precision == Int8 {
		x = unsafe.Pointer(&t.X.Data[(to.row+1)*lda-narrowTail])
	}
	f(kn/stepUnits, a, lda, b, sum, add, c.blocks, c.low, c.shapes, next,
		part, c.last, y, ldy, at(t.Bias, col), at(t.Scale, col), residual, x, lda, at(t.W.scales, col), at(t.W.totals, col))
}
