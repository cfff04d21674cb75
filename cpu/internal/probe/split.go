package probe

import (
	"unsafe"

	"cradio/cpu/internal/kernel"
)

// Rows of float32 that are split for AMX tiles take half as much memory again as they are. So they are
// not kept: both products read the rows where they lie, slice by slice, and split what stays in a
// near cache, while the slice before it is multiplied. Forward, a slice is of columns, and rows are the left
// operand: the scores of all blocks of a task are added up slice by slice, and transposed in the end.
// Backward, a slice is of rows, which are the right operand, and so are the sums of a group of panels.

// Sizes for splitTiles.
const (
	mostFew  = 16 // blocks of rows in a task of few classes
	mostMany = 8  // and of many

	fetchedAhead = 4 // blocks, of few classes

	mostGroup = 9       // panels of columns whose sums are made at a time
	groupSums = 1 << 18 // float32 of sums of a group

	// Rows of scores up to which the errors of a slice of rows stay in the first-level cache while one panel after another
	// meets them, if the slice is short. Those of more classes are read in another order: see many.go.
	fewScores = 128

	shallow, deepest = 64, 128 // slices of rows, for few classes and for many
)

// termRow is how many float32 a slice of a split row takes.
var termRow = splitTiles.leftStride(splitTiles.slice())

// has reports whether a segment is one of an input's.
func (p *place) has(g segment) bool { return p.at <= g.at && g.at < p.at+p.size }

// findRows finds where the rows of the batch lie, zeros beyond its end.
func (s *Step) findRows() {
	for at := range s.rows {
		s.rows[at] = kernel.At(s.zeros, 0)
		if at < len(s.Rows) && s.Float32 != nil {
			s.rows[at] = kernel.At(s.Float32(s.Rows[at]), 0)
		}
	}
}

// beginSums sets the scores of blocks to biases: of each block, panels of classes.
func (s *Step) beginSums(sums []float32, blocks int) {
	const cols = kernel.TileCols
	clear(sums[:s.scored*cols])
	for k, in := range s.Inputs {
		p := &s.inputs[k]
		for r := 0; r < in.Heads*s.Classes; r += cols {
			s.beginPanel(sums[(p.score+r)*cols:][:cols*cols], p.row+r, in.Heads*s.Classes-r)
		}
	}
	for i := 1; i < blocks; i++ {
		copy(sums[i*s.scored*cols:], sums[:s.scored*cols])
	}
}

// beginPanel sets the scores of a panel of n outputs, from row on, to their biases. Outputs beyond have zeros.
func (s *Step) beginPanel(panel []float32, row, n int) {
	copy(panel, s.shifted[row:][:min(kernel.TileCols, n)])
	for n := kernel.TileCols; n < len(panel); n *= 2 {
		copy(panel[n:], panel[:n])
	}
}

// forwardSplit computes scores, losses and errors of blocks [b0, b1).
func (s *Step) forwardSplit(m *workerMemory, b0, b1 int) {
	const cols = kernel.TileCols
	s.beginSums(m.scores, b1-b0)
	for _, g := range s.segments {
		size := g.end() - g.at
		slice := s.slices(size)
		for b := b0; b < b1; b++ {
			s.listColumns(m, b, b-b0, b0+(b-b0+fetchedAhead)%(b1-b0), g, slice)
		}
		s.fetchPiece((b0+1)*cols, min(b1-b0, fetchedAhead)*cols-cols, g.from, min(g.to, g.from+slice))
		now, next := m.split[:cols*termRow], m.split[cols*termRow:]
		whole := s.beginColumns(m, 0, g, 0, fetchedFor(b0, b1, 0, slice), slice, now)
		for k0 := 0; k0 < size; k0 += slice {
			n := min(slice, size-k0)
			for b := b0; b < b1; b++ {
				s.endColumns(m, b, g, k0, n, whole, now)
				if b+1 < b1 {
					whole = s.beginColumns(m, b+1-b0, g, k0, fetchedFor(b+1, b1, k0, slice), slice, next)
				} else if k0+n < size {
					whole = s.beginColumns(m, 0, g, k0+n, fetchedFor(b0, b1, k0+n, slice), slice, next)
				}
				if b+2 < b1 && !whole {
					s.fetchPiece((b+2)*cols, cols, g.from+k0, min(g.to, g.from+k0+n))
				}
				for k, in := range s.Inputs {
					p := &s.inputs[k]
					if !p.has(g) {
						continue
					}
					blocks := splitBlocks{
						multiply: s.table.AMX.SplitAcross, n: n, a: kernel.At(now, 0), lda: termRow, add: 1, bStep: 4 * p.stride,
						b: kernel.At(s.folded, p.weights+s.form.right(g.at-p.at+k0, cols)), c: kernel.At(m.scores, ((b-b0)*s.scored+p.score)*cols),
					}
					blocks.count(in.Heads * s.Classes)
					s.splitProduct(m, blocks)
				}
				now, next = next, now
			}
		}
	}
	for b := b0; b < b1; b++ {
		for r := 0; r < s.scored; r += cols {
			s.table.PackPanel(cols, m.transposed[r*cols:], m.scores[((b-b0)*s.scored+r)*cols:], cols, cols, cols)
		}
		s.finishForward(m, m.transposed, b)
	}
}

// fetchedFor is the column from which rows are fetched while the slice of block b from column k0 on is split: of a block that
// comes later with the same slice, or else with the next one.
func fetchedFor(b, b1, k0, slice int) int {
	if b+fetchedAhead < b1 {
		return k0
	}
	return k0 + slice
}

// listColumns lists the items of slices of n columns of a segment, if it has as many, of block b, the
// i-th of its task. They fetch rows of another block.
func (s *Step) listColumns(m *workerMemory, b, i, fetched int, g segment, n int) {
	if s.Float32 == nil || g.from+n > g.to {
		return
	}
	items := m.items[i][:0]
	for r := range kernel.TileCols {
		row, later := s.rows[b*kernel.TileCols+r], s.rows[fetched*kernel.TileCols+r]
		for c := 0; c < n; c += 2 * step {
			at := unsafe.Add(row, 4*c)
			items = append(items, kernel.SplitItem{A: at, B: unsafe.Add(at, 4*kernel.TileRows), To: 4 * (r*termRow + s.form.left(c)), Fetch: [2]unsafe.Pointer{unsafe.Add(later, 4*c), unsafe.Add(later, 4*(c+step))}})
		}
	}
	m.items[i] = endItems(items)
}

// beginColumns puts a slice of n columns of the i-th block ahead, those from k0 on, and reports whether it could. As many are fetched,
// from column fetched on.
func (s *Step) beginColumns(m *workerMemory, i int, g segment, k0, fetched, n int, to []float32) bool {
	from := g.from + k0
	if s.Float32 == nil || from+n > g.to {
		return false
	}
	w := ahead{items: m.items[i], off: 4 * from, fetch: 4 * (g.from + fetched), stride: 4 * step, dst: kernel.At(to, 0), term: kernel.TileStep, next: kernel.TileStep}
	if g.from+fetched+n > g.to {
		w.fetch = w.off
	}
	m.ahead = append(m.ahead[:0], w)
	return true
}

// endColumns makes the left operand of n columns, from k0 of a segment, of block b.
func (s *Step) endColumns(m *workerMemory, b int, g segment, k0, n int, whole bool, to []float32) {
	if whole {
		s.splitAll(m)
		return
	}
	for r := range kernel.TileCols {
		row := s.single(m, b*kernel.TileCols+r, 0)
		s.splitRows(to[r*termRow:], termRow, row[g.from+k0:], 0, 1, min(n, g.to-g.from-k0), m.state)
	}
}

// fetchPiece brings columns [from, to) of n rows, from a position of the batch on, closer.
func (s *Step) fetchPiece(position, n, from, to int) {
	if s.BFloat16 != nil || from >= to {
		return
	}
	for at := position; at < min(position+n, len(s.Rows)); at++ {
		s.table.Prefetch(kernel.At(s.Float32(s.Rows[at]), from), 0, 1, 4*(to-from))
	}
}
