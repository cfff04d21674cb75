package probe

import (
	"slices"
	"unsafe"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// While AMX tiles multiply, the vector units split rows for the products to come, item by item: see
// kernel.SplitItem. What lies at whole vectors is split so, the rest between the products.

// ahead is what there is to split. After the items there are as many more as a block of tiles may split.
// Distances are in bytes.
type ahead struct {
	items              []kernel.SplitItem
	off, fetch, stride int
	dst                unsafe.Pointer
	term, next         int
}

// split splits what is left.
func (w *ahead) split(t *kernel.Table) {
	if len(w.items) > 0 {
		t.AMX.SplitItems(kernel.At(w.items, 0), len(w.items), w.off, w.fetch, w.stride, w.dst, w.term, w.next)
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
	mostItems  = kernel.TileRows * deepest / step
	spareItems = kernel.SplitAhead * deepest / step
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

// splitBlocks are blocks of tiles to multiply: either of rows of a, by one panel, or of panels from b
// on, by one block of rows.
type splitBlocks struct {
	multiply     kernel.SplitAheadFunc
	n            int // products
	a            unsafe.Pointer
	lda          int // float32
	b, c         unsafe.Pointer
	add          int
	blocks, half int // whole ones, and half of one more
	aStep, bStep int // bytes from block to block
}

// count makes blocks of so many rows, or columns of panels.
func (p *splitBlocks) count(rows int) {
	p.blocks, p.half = rows/kernel.TileBlock, 0
	switch left := rows % kernel.TileBlock; {
	case left > kernel.TileRows:
		p.blocks++
	case left > 0:
		p.half = 1
	}
}

// splitProduct multiplies blocks. Meanwhile what is ahead is split.
func (s *Step) splitProduct(m *workerMemory, p splitBlocks) {
	for p.blocks+p.half > 0 {
		var w ahead
		woven, plain, half := 0, p.blocks, p.half
		if len(m.ahead) > 0 && p.blocks > 0 {
			w = m.ahead[0]
			each := p.n / step * kernel.SplitAhead
			woven = min(p.blocks, pool.Blocks(len(w.items), each))
			plain -= woven
			if m.ahead[0].items = w.items[min(woven*each, len(w.items)):]; len(m.ahead[0].items) == 0 {
				m.ahead = slices.Delete(m.ahead, 0, 1)
			}
			if plain > 0 && len(m.ahead) > 0 {
				plain, half = 0, 0
			}
		}
		p.multiply(p.n/step, p.a, 4*p.lda, p.b, p.c, p.add, woven, plain, half, kernel.WholeBlocks, kernel.At(m.partial, 0),
			unsafe.Pointer(unsafe.SliceData(w.items)), w.off, w.fetch, w.stride, w.dst, w.term, w.next, p.aStep, p.bStep)
		done := woven + plain
		if p.blocks, p.half = p.blocks-done, p.half-half; p.blocks+p.half == 0 {
			return // no pointer may pass the end of what it points into
		}
		p.a, p.b = unsafe.Add(p.a, done*p.aStep), unsafe.Add(p.b, done*p.bStep)
		p.c = unsafe.Add(p.c, 4*done*kernel.TileBlock*kernel.TileCols)
	}
}
