package gemm

import (
	"cradio/cpu/internal/form"
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// roundedProduct is Product's task where both operands are rounded to bfloat16 for the
// product, at levels with tiles for it, and sums stay float32: what training in bfloat16
// needs. B is packed for the product, as words of two; rows of A are rounded in the worker's
// memory, once for all panels.
type roundedProduct struct {
	*Product
	words  int // of two elements, in a row: whole steps of an AMX tile
	stride int // words from row to row of A
	slice  int // words at a time
	block  int // rows of A in a task
	group  int // panels in a task
}

const (
	columnSlice  = 512                    // elements of rows of A that are transposed at a time, where it has columns
	columnStride = columnSlice + rowPad   // and the distance of these rows
	roundedBlock = pool.ArenaSize*3/4 - 1 // words of A in a task
)

// roundedWords is how many words a row of so many elements has.
func roundedWords(depth int) int { return pool.Blocks(depth, 2*stepWords) * stepWords }

// rounds reports whether t may be computed with rounded operands.
func (t *Product) rounds() bool {
	return t.Rounded && t.Exact == nil && t.Table.Interleave != nil && t.Table.BFloat16.Multiply() &&
		kernel.TileBlock*(roundedWords(t.Depth)+2*stepWords) <= roundedBlock
}

func (t *roundedProduct) run(p *pool.Pool) {
	t.words = roundedWords(t.Depth)
	t.stride = (t.words/stepWords | 1) * stepWords // an odd number of cache lines
	most := maxWords
	if t.Table.AMX != nil {
		most = maxTileSlice * stepWords
	}
	t.slice = pool.Blocks(t.words/stepWords, pool.Blocks(t.words, most)) * stepWords
	room := pool.ArenaSize - t.Table.Lanes*columnStride - 2*kernel.TileBlock*kernel.TileCols
	t.block = min(roundedBlock/t.stride, room/(t.stride+kernel.TileCols))
	t.block = pool.Blocks(t.M, pool.Blocks(t.M, t.block))
	t.group = pool.Blocks(t.count, pool.Blocks(tileTasks*p.Threads(), pool.Blocks(t.M, t.block)))
	p.Run(pool.Blocks(t.M, t.block)*pool.Blocks(t.count, t.group), t)
}

// Do computes a block of rows for a group of panels.
func (t *roundedProduct) Do(worker, i int) {
	groups := pool.Blocks(t.count, t.group)
	r0, r1 := pool.Span(i/groups, t.block, t.M)
	j0, j1 := pool.Span(i%groups, t.group, t.count)
	memory := pool.Scratch[float32](t.pool.Memory(worker))
	a, columns := memory.Cut(t.block*t.stride), memory.Cut(t.Table.Lanes*columnStride)
	if !t.pool.Holds(worker, r0) {
		t.roundRows(a, columns, r0, r1)
	}
	for j := j0; j < j1; j++ {
		if t.Table.AMX != nil {
			t.multiplyAMX(a, memory, j, r1-r0)
		} else {
			t.multiply(a, memory, j, r1-r0)
		}
		t.finish(j, r0, r1-r0, kernel.At(memory, 0))
	}
}

// roundRows writes rows [r0, r1) of A as words.
func (t *roundedProduct) roundRows(a, columns []float32, r0, r1 int) {
	if t.Depth < 2*t.words {
		clear(a[:(r1-r0)*t.stride])
	}
	if !t.ByCols {
		for r := r0; r < r1; r++ {
			form.Round(t.Table, pool.BytesOf(a[(r-r0)*t.stride:]), t.A[r*t.Depth:(r+1)*t.Depth])
		}
		return
	}
	for r := r0; r < r1; r += t.Table.Lanes {
		rows := min(t.Table.Lanes, r1-r)
		for k0 := 0; k0 < t.Depth; k0 += columnSlice {
			n := min(columnSlice, t.Depth-k0)
			t.transpose(kernel.At(columns, 0), 4*columnStride, r, rows, k0, n)
			for i := range rows {
				form.Round(t.Table, pool.BytesOf(a[(r-r0+i)*t.stride+k0/2:]), columns[i*columnStride:][:n])
			}
		}
	}
}

// multiplyAMX computes the sums of so many rows for panel j by AMX tiles.
func (t *roundedProduct) multiplyAMX(a, sums []float32, j, rows int) {
	calls, n := kernel.TileCalls(rows)
	for k0 := 0; k0 < t.words; k0 += t.slice {
		kn := min(t.slice, t.words-k0)
		b := kernel.At(t.panels, (j*t.words+k0)*kernel.TileCols)
		next := uintptr(b) + uintptr(4*kn*kernel.TileCols)
		for _, c := range calls[:n] {
			t.Table.AMX.BFloat16(kn/stepWords, kernel.At(a, c.Row*t.stride+k0), 4*t.stride, b, kernel.At(sums, c.Row*kernel.TileCols), min(k0, 1), c.Blocks, c.Low, c.Shapes, next)
			next = uintptr(b)
		}
	}
}

// multiply is multiplyAMX by register tiles.
func (t *roundedProduct) multiply(a, sums []float32, j, rows int) {
	k := &t.Table.BFloat16
	tiles := pool.Blocks(rows, k.MostRows())
	for k0 := 0; k0 < t.words; k0 += t.slice {
		kn := min(t.slice, t.words-k0)
		b := kernel.At(t.panels, (j*t.words+k0)*k.Cols)
		next := uintptr(b) + uintptr(4*kn*k.Cols)
		for i, r := 0, 0; i < tiles; i++ {
			m := pool.Share(rows, tiles, i)
			k.GemmRows[m](kn, kernel.At(a, r*t.stride+k0), 4*t.stride, b, kernel.At(sums, r*k.Cols), min(k0, 1), nil, nil, next)
			if next += uintptr(kn * 64); i == 1 { // a line a product
				next = uintptr(b)
			}
			r += m
		}
	}
}

// roundPanel packs a panel of B as words of two bfloat16: rows 2i and 2i+1 in row i.
func (t *packing) roundPanel(worker, j int) {
	const cols, rows = kernel.TileCols, splitSteps * kernel.SplitDepth
	dst := t.panels[j*t.panelSize():]
	memory := pool.Scratch[float32](t.pool.Memory(worker))
	panel, rounded := memory.Cut(rows*cols), memory.Cut(rows*cols/2)
	for k0 := 0; k0 < t.depth; k0 += rows {
		n := min(rows, t.depth-k0)
		t.slice(panel, cols, j, k0, n)
		whole := pool.Blocks(n, 2*stepWords) * 2 * stepWords
		clear(panel[n*cols : whole*cols])
		t.table.Round(kernel.At(rounded, 0), kernel.At(panel, 0), whole*cols)
		t.table.Interleave(kernel.At(dst, k0/2*cols), kernel.At(rounded, 0), 2*cols, whole, cols)
	}
}
