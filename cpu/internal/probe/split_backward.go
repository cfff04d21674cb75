package probe

import (
	"unsafe"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// piece is panels [lo, hi) of a segment, columns [from, to) of the rows.
type piece struct {
	segment
	lo, hi, from, to int
}

// cutPieces cuts panels [q0, q1) into pieces whose sums are made at a time.
func (s *Step) cutPieces(m *workerMemory, q0, q1 int) {
	const cols = kernel.TileCols
	m.pieces = m.pieces[:0]
	for _, g := range s.segments {
		end := min(q1, g.end()/cols)
		for lo := max(q0, g.at/cols); lo < end; lo += s.together {
			hi := min(lo+s.together, end)
			from := g.from + lo*cols - g.at
			m.pieces = append(m.pieces, piece{g, lo, hi, from, min(g.to, from+(hi-lo)*cols)})
		}
	}
}

// rowSlices are the slices of the rows of the batch.
func (s *Step) rowSlices() int { return pool.Blocks(s.blocks()*kernel.TileCols, s.depth) }

// rowSlice is slice j of the rows of the batch: n from k0 on.
func (s *Step) rowSlice(j int) (k0, n int) {
	k0 = j * s.depth
	return k0, min(s.depth, s.blocks()*kernel.TileCols-k0)
}

// backwardSplit computes the panels of columns [q0, q1) of the gradient.
func (s *Step) backwardSplit(m *workerMemory, q0, q1 int) {
	s.cutPieces(m, q0, q1)
	now, next := m.packed[:len(m.packed)/2], m.packed[len(m.packed)/2:]
	slices := s.rowSlices()
	s.beginPanels(m, now, 0)
	for i := range len(m.pieces) * slices {
		s.endPanels(m, now, i)
		if i+1 < len(m.pieces)*slices {
			s.beginPanels(m, next, i+1)
		}
		s.multiplyPanels(m, now, i)
		now, next = next, now
		if i%slices == slices-1 {
			s.finishPiece(m, &m.pieces[i/slices])
		}
	}
}

// finishPiece makes elements of the gradient of the sums of a piece.
func (s *Step) finishPiece(m *workerMemory, c *piece) {
	for k := range s.Inputs {
		in, p := &s.Inputs[k], &s.inputs[k]
		if p.has(c.segment) {
			for q := c.lo; q < c.hi; q++ {
				s.finishBackward(in, m.scores[((q-c.lo)*s.scored+p.score)*kernel.TileCols:], 0, in.Heads*s.Classes, q)
			}
		}
	}
}

// panelSize is how many float32 a panel of a slice of rows takes.
func (s *Step) panelSize() int { return s.form.right(s.depth, kernel.TileCols) }

// multiplyPanels adds up slice i of the products, counted from the first slice of the first piece.
func (s *Step) multiplyPanels(m *workerMemory, packed []float32, i int) {
	const cols = kernel.TileCols
	c := &m.pieces[i/s.rowSlices()]
	k0, n := s.rowSlice(i % s.rowSlices())
	for k, in := range s.Inputs {
		p := &s.inputs[k]
		if !p.has(c.segment) {
			continue
		}
		s.heights(in.Heads*s.Classes, func(r, height int) {
			for q := range c.hi - c.lo {
				blocks := splitBlocks{
					multiply: s.table.AMX.SplitAhead, n: n, a: kernel.At(s.errors, s.errorsAt(i%s.rowSlices(), p.row+r)), lda: s.leftStride, add: min(k0, 1), aStep: 4 * kernel.TileBlock * s.leftStride,
					b: kernel.At(packed, q*s.panelSize()), c: kernel.At(m.scores, (q*s.scored+p.score+r)*cols),
				}
				blocks.count(height)
				s.splitProduct(m, blocks)
			}
		})
	}
}

// beginPanels puts what are whole panels of slice i ahead. What the slice after it reads is brought closer.
func (s *Step) beginPanels(m *workerMemory, packed []float32, i int) {
	const cols, half = kernel.TileCols, kernel.TileRows
	slices := s.rowSlices()
	c := &m.pieces[i/slices]
	m.ahead = m.ahead[:0]
	if s.Float32 == nil || c.from+cols > c.to {
		return
	}
	k0, n := s.rowSlice(i % slices)
	after, fetched, from := k0, n, c.from
	if i+1 < len(m.pieces)*slices {
		after, fetched = s.rowSlice((i + 1) % slices)
		from = m.pieces[(i+1)/slices].from
	}
	items := m.items[0][:0]
	for b := 0; b < n; b += cols {
		for r := range half {
			fetch := after + min(b, fetched-cols) + r
			items = append(items, kernel.SplitItem{A: s.rows[k0+b+r], B: s.rows[k0+b+r+half], To: 4 * (b/cols*kernel.SplitStep + r*cols), Fetch: [2]unsafe.Pointer{s.rows[fetch], s.rows[fetch+half]}})
		}
	}
	m.items[0] = endItems(items)
	for q := 0; c.from+(q+1)*cols <= c.to; q++ {
		m.ahead = append(m.ahead, ahead{
			items: m.items[0], off: 4 * (c.from + q*cols), fetch: 4 * (from + q*cols), stride: 4 * half, dst: kernel.At(packed, q*s.panelSize()),
			term: 4 * kernel.SplitTerm, next: kernel.TileStep - 2*4*kernel.SplitTerm,
		})
	}
}

// endPanels makes the panels of slice i, with what was ahead.
func (s *Step) endPanels(m *workerMemory, packed []float32, i int) {
	const cols, half = kernel.TileCols, kernel.TileRows
	s.splitAll(m)
	c := &m.pieces[i/s.rowSlices()]
	left := c.from
	if s.Float32 != nil {
		left += (c.to - c.from) / cols * cols
	}
	if left == c.to {
		return
	}
	packed = packed[(left-c.from)/cols*s.panelSize():]
	k0, n := s.rowSlice(i % s.rowSlices())
	for b := range n / cols {
		for r := range half {
			at := k0 + b*cols + r
			first, second := s.single(m, at, 0), s.single(m, at+half, 1)
			s.table.AMX.SplitWords(kernel.At(packed, b*kernel.SplitStep+r*cols), 4*s.panelSize(), kernel.At(first, left), kernel.At(second, left), c.to-left)
		}
	}
}

// errorsAt is where row r of slice j of the errors lies: the left operand has the rows of a slice together.
func (s *Step) errorsAt(j, r int) int { return (j*(s.outputs+kernel.TileBlock) + r) * s.leftStride }

// splitErrors makes the left operand of errors z (classes, cols) of block b: those of a head whose first output is given.
func (s *Step) splitErrors(m *workerMemory, z []float32, b, first int) {
	const cols = kernel.TileCols
	at := b * cols
	for r, most := 0, len(m.state); r < s.Classes; r += most {
		to := s.errors[s.errorsAt(at/s.depth, first+r)+s.form.left(at%s.depth):]
		s.splitRows(to, s.leftStride, z[r*cols:], cols, min(most, s.Classes-r), cols, m.state)
	}
}
