package gemm

import (
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// An operand B that is no packed weight, such as a weight in training, is packed for one
// product: into memory of the pool, as many panels at a time as it has room for. All threads
// pack them, and then multiply. That takes a few percent of the time of a large product, and
// then everything is as with a packed weight: Strassen's algorithm, AMX tiles.

// worthPacking reports whether B is to be packed first: not for a few rows, which are faster
// with panels that each task packs for itself.
func (t *Product) worthPacking() bool {
	rows := leastPacking * t.tiles.MostRows()
	if t.Table.AMX != nil {
		rows = kernel.TileBlock
	}
	return t.Exact == nil && t.Depth > 0 && t.M > rows && t.packing.panelSize() <= pool.PanelsSize
}

const leastPacking = 4 // tiles of rows

// runPacking computes C, some panels of B at a time.
func (t *Product) runPacking() {
	room := t.pool.TakePanels()
	defer t.pool.ReturnPanels()
	c, all := &t.packing, t.count
	each := min(all, pool.PanelsSize/c.panelSize())
	each = pool.Blocks(all, pool.Blocks(all, each))
	if t.N%(2*t.tiles.Cols) == 0 && each > 1 {
		each &^= 1 // for Strassen's algorithm, which takes two at a time
	}
	for t.first = 0; t.first < all; t.first += t.count {
		t.count = min(each, all-t.first)
		c.first, c.panels, c.split = t.first, room, t.Table.AMX != nil && !c.rounded
		t.split = c.run(t.count)
		t.panels = room
		t.run(t.pool)
		t.panels = nil
	}
}
