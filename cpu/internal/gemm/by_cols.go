package gemm

import (
	"unsafe"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// The gradient of a weight, Aᵀ·B, has few products for each element of C where there are few rows of activations:
// writing C then takes as long as a sixth of them. So a large C is written past the caches, which
// would first have to read what is overwritten.

// leastStreamed is the size of C, in float32, from which it is too large for a second-level cache.
const leastStreamed = 1 << 19

// streams reports whether C may be written past the caches: by whole cache lines, with nothing to do on the way.
func (t *Product) streams() bool {
	return t.ByCols && t.low == nil && t.Exact == nil && t.Table.StreamTile != nil && len(t.C) >= leastStreamed && t.N%t.tiles.Cols == 0 &&
		uintptr(kernel.At(t.C, 0))%pool.CacheLine == 0 && t.Bias == nil && t.Scale == nil && t.Add == nil && t.GELU == 0
}

// streamTile writes elements of C, in rows rows from r on, of their sums for panel j. Other threads see them once this one
// has taken its next piece, or ended the region: both lock the bus, which completes such stores.
func (t *Product) streamTile(j, r, rows int, sums unsafe.Pointer) {
	t.Table.StreamTile(kernel.At(t.C, r*t.N+(t.first+j)*t.tiles.Cols), 4*t.N, sums, rows)
}

// claimed is the piece that a worker computes. Rows that are columns of A take long to make: so a worker keeps to its
// block, and next is the group of panels that it probably takes after this one.
func (t *Product) claimed(worker, i, groups int) (block, group, next int) {
	if !t.ByCols {
		return i / groups, i % groups, (i + t.pool.Threads()) % groups
	}
	block, group = t.pool.Claim(worker, pool.Blocks(t.M, t.block), groups)
	return block, group, (group + 1) % groups
}

// joins reports whether columns of A are copied for tiles as they lie, and not transposed.
func (t *Product) joins() bool { return t.ByCols && t.tiles.GemmJoined != nil && t.Exact == nil }

// joinCols copies columns [r0, r1) of A: those of a tile without gaps, then those of the next one.
func (t *Product) joinCols(dst []float32, r0, r1 int) {
	rows := r1 - r0
	tiles := pool.Blocks(rows, t.tiles.MostRows())
	for k := 0; k < t.Depth; k += rowsAtATime {
		n := min(rowsAtATime, t.Depth-k)
		if after := k + rowsAtATime; after < t.Depth {
			t.Table.Prefetch(kernel.At(t.A, after*t.M+r0), 4*t.M, min(rowsAtATime, t.Depth-after), 4*rows)
		}
		for i, r := 0, 0; i < tiles; i++ {
			m := pool.Share(rows, tiles, i)
			t.Table.CopyRows(kernel.At(dst, r*t.Depth+k*m), 4*m, kernel.At(t.A, k*t.M+r0+r), 4*t.M, n, m)
			r += m
		}
	}
}
