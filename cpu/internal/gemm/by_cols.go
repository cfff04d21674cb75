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
