package probe

import (
	"unsafe"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// product adds, or where add is 0 stores, in c (rows, cols) the n products of rows of a, lda
// float32 apart, and of a panel b.
func (s *Step) product(n int, a unsafe.Pointer, lda, rows int, b, c unsafe.Pointer, add int, partial, next unsafe.Pointer) {
	switch s.form {
	case singles, pairs:
		s.tiles.GemmRows[rows](s.form.left(n), a, 4*lda, b, c, add, partial, nil, uintptr(next))
		return
	}
	calls, k := kernel.TileCalls(rows)
	for _, t := range calls[:k] {
		a, c := unsafe.Add(a, 4*t.Row*lda), unsafe.Add(c, 4*t.Row*kernel.TileCols)
		s.table.AMX.BFloat16(n/step, a, 4*lda, b, c, add, t.Blocks, t.Low, t.Shapes, uintptr(next))
	}
}

// slices returns how many products are made at a time, of n: of rows that are split, whole items.
func (s *Step) slices(n int) int {
	unit := step
	if s.form == splitTiles {
		unit = 2 * step
	}
	return pool.Blocks(pool.Blocks(n, pool.Blocks(n, s.form.slice())), unit) * unit
}

// heights calls do for the rows [r, r+n) that are multiplied at a time, of so many.
func (s *Step) heights(rows int, do func(r, n int)) {
	if s.form == tilePairs || s.form == splitTiles {
		for r := 0; r < rows; r += tileRows {
			do(r, min(tileRows, rows-r))
		}
		return
	}
	tiles := pool.Blocks(rows, s.tiles.MostRows())
	for i, r := 0, 0; i < tiles; i++ {
		n := pool.Share(rows, tiles, i)
		do(r, n)
		r += n
	}
}

// splitRows splits n columns of some rows of src, lds float32 apart, into rows of a left operand.
func (s *Step) splitRows(dst []float32, ldd int, src []float32, lds, rows, n int, tops []float32) {
	s.table.AMX.SplitRows(kernel.At(dst, 0), 4*ldd, kernel.At(src, 0), 4*lds, rows, n, kernel.At(tops, 0))
}
