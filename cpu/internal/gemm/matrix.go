package gemm

import (
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// Matrix is the weight of a Linear, with Rows outputs and Cols inputs: row-major
// (out, in) as in PyTorch, or packed for the kernels of a level. It is never written, so
// any number of operations may share it.
type Matrix[T kernel.Float] struct {
	Rows, Cols int
	dense      []T       // (Rows, Cols), the caller's memory, or nil:
	panels     []float32 // its own copy, for the tiles of table
	split      bool      // panels are split: see split.go
	table      *kernel.Table
}

// Pack packs a weight for the pool's kernels. It refers to w if they have no tiles for it.
// w must have rows·cols elements, or nothing is packed.
func Pack[T kernel.Float](p *pool.Pool, w []T, rows, cols int) *Matrix[T] {
	m := Wrap(w, rows, cols)
	if size, ok := pool.Size(rows, cols); ok && size == len(w) && size > 0 {
		if w, ok := any(w).([]float32); ok && p.Table().Float32.Multiply() {
			m.dense, m.table = nil, p.Table()
			m.panels, m.split = pack(p, w, rows, cols)
		}
	}
	return &m
}

// Wrap returns a Matrix that refers to w.
func Wrap[T kernel.Float](w []T, rows, cols int) Matrix[T] {
	return Matrix[T]{Rows: rows, Cols: cols, dense: w}
}

// pack copies w into panels of the pool's tiles, on all threads.
func pack(p *pool.Pool, w []float32, rows, cols int) (panels []float32, split bool) {
	k := p.Table()
	t := packing{table: k, pool: p, b: w, byRows: true, cols: rows, depth: cols, split: k.AMX != nil, least: leastWeight}
	n := pool.Blocks(rows, k.Float32.Cols)
	t.panels = pool.Aligned(n * t.panelSize())
	split = t.run(n)
	return t.panels[:n*t.panelSize()], split
}

// Bytes returns the memory of the matrix, without the caller's w.
func (m *Matrix[T]) Bytes() int { return 4 * len(m.panels) }

// PackedBytes returns the Bytes of a packed matrix of this size, for a table's kernels.
func PackedBytes[T kernel.Float](k *kernel.Table, rows, cols int) int {
	if _, single := any(T(0)).(float32); !single || !k.Float32.Multiply() {
		return 0
	}
	if k.AMX != nil {
		return 4 * pool.Blocks(rows, kernel.TileCols) * splitPanelSize(cols)
	}
	return 4 * pool.Blocks(rows, k.Float32.Cols) * k.Float32.Cols * cols
}

// Elements is how many weights a matrix has: those it was given, or has packed.
func Elements[T kernel.Float](m *Matrix[T]) int {
	if m.panels != nil {
		return m.Rows * m.Cols
	}
	return len(m.dense)
}

// Dense is the caller's weight, nil if it has been packed.
func Dense[T kernel.Float](m *Matrix[T]) []T { return m.dense }

// TableOf is the table that m is packed for, or else that of the pool.
func TableOf[T kernel.Float](m *Matrix[T], p *pool.Pool) *kernel.Table {
	if m.table != nil {
		return m.table
	}
	return p.Table()
}
