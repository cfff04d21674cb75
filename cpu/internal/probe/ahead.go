package probe

import (
	"slices"
	"unsafe"

	"cradio/cpu/internal/kernel"
)

// While AMX tiles multiply, the vector units split rows for the products to come, item by item: see
// kernel.SplitItem. What lies at whole vectors is split so, the rest between the products.

// ahead is what there is to split. After the items there are as many more as a block of tiles may split.
type ahead struct {
	items              []kernel.SplitItem
	off, fetch, stride int // bytes
	dst                unsafe.Pointer
}

// split splits what is left.
func (w *ahead) split(t *kernel.Table) {
	if len(w.items) > 0 {
		t.AMX.SplitItems(kernel.At(w.items, 0), len(w.items), w.off, w.fetch, w.stride, w.dst)
		w.items = nil
	}
}

// splitAll splits what is left to split.
func (s *Step) splitAll(m *workerMemory) {
	for i := range m.ahead {
		m.ahead[i].split(s.table)
	}
	m.ahead = m.ahead[:0]
}

// forgetRows lets go of rows: their memory may be unmapped.
func (s *Step) forgetRows() {
	clear(s.rows)
	for i := range s.memory {
		for _, items := range s.memory[i].items {
			clear(items[:cap(items)])
		}
	}
}

// mostItems is how many items a slice has, and spareItems how many follow them.
var (
	mostItems  = kernel.TileRows * splitTiles.slice() / step
	spareItems = kernel.SplitAhead * splitTiles.slice() / step
)

// makeAhead makes room for the items of so many blocks of rows, and of panels.
func (m *workerMemory) makeAhead(blocks, panels int) {
	m.ahead = slices.Grow(m.ahead[:0], panels)
	for len(m.items) < blocks {
		m.items = append(m.items, make([]kernel.SplitItem, 0, mostItems+spareItems))
	}
}

// endItems repeats the last item, so that a block can go on to the end.
func endItems(items []kernel.SplitItem) []kernel.SplitItem {
	n := len(items)
	for range spareItems {
		items = append(items, items[n-1])
	}
	return items[:n]
}

// splitProduct is product for split operands. Meanwhile what is ahead is split.
func (s *Step) splitProduct(m *workerMemory, n int, a unsafe.Pointer, lda, rows int, b, c unsafe.Pointer, add int) {
	calls, k := kernel.TileCalls(rows)
	partial := kernel.At(m.partial, 0)
	for _, t := range calls[:k] {
		a, c := unsafe.Add(a, 4*t.Row*lda), unsafe.Add(c, 4*t.Row*kernel.TileCols)
		for t.Blocks > 0 && t.Last == kernel.TileBlock && len(m.ahead) > 0 {
			w := &m.ahead[0]
			each := n / step * kernel.SplitAhead
			blocks := min(t.Blocks, (len(w.items)+each-1)/each)
			s.table.AMX.SplitAhead(n/step, a, 4*lda, b, c, add, blocks, kernel.At(w.items, 0), t.Shapes, w.off, partial, w.fetch, w.stride, w.dst)
			if w.items = w.items[min(blocks*each, len(w.items)):]; len(w.items) == 0 {
				m.ahead = slices.Delete(m.ahead, 0, 1)
			}
			t.Blocks -= blocks
			a, c = unsafe.Add(a, 4*blocks*kernel.TileBlock*lda), unsafe.Add(c, 4*blocks*kernel.TileBlock*kernel.TileCols)
		}
		if t.Blocks > 0 {
			s.table.AMX.Split(n/step, a, 4*lda, b, c, add, t.Blocks, t.Low, t.Shapes, uintptr(b), partial)
		}
	}
}
