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
func (s *Step) rowSlices() int { return pool.Blocks(s.blocks()*kernel.TileCols, s.rowDepth()) }

// rowDepth is how many rows of the batch a slice has at most.
func (s *Step) rowDepth() int {
	if s.halved {
		return fusedRows
	}
	return s.form.slice()
}

// rowSlice is slice j of the rows of the batch: n from k0 on.
func (s *Step) rowSlice(j int) (k0, n int) {
	k0, n = pool.Portion(s.blocks(), s.rowSlices(), j)
	return k0 * kernel.TileCols, n * kernel.TileCols
}

// backwardSplit computes the panels of columns [q0, q1) of the gradient.
func (s *Step) backwardSplit(m *workerMemory, q0, q1 int) {
	s.cutPieces(m, q0, q1)
	now, next := m.packed[:len(m.packed)/2], m.packed[len(m.packed)/2:]
	slices := s.rowSlices()
	s.beginPanels(m, now, 0)
	for i := range len(m.pieces) * slices {
		c := &m.pieces[i/slices]
		s.endPanels(m, now, c, i%slices)
		if i+1 < len(m.pieces)*slices {
			s.beginPanels(m, next, i+1)
		}
		s.multiplyPanels(m, now, c, i%slices, m.scores)
		now, next = next, now
		if i%slices+1 < slices {
			continue
		}
		for q := c.lo; q < c.hi; q++ {
			s.finishPanel(m.scores[(q-c.lo)*s.blockScores():], c.segment, q)
		}
	}
}

// finishPanel makes a panel of columns of the gradient of the sums for it.
func (s *Step) finishPanel(sums []float32, g segment, q int) {
	for k := range s.Inputs {
		if in, p := &s.Inputs[k], &s.inputs[k]; p.has(g) {
			s.finishBackward(in, sums[p.score*kernel.TileCols:], 0, in.Heads*s.Classes, q)
		}
	}
}

// panelSize is how many float32 a panel of a slice of rows takes.
func (s *Step) panelSize() int { return s.form.right(s.form.slice(), kernel.TileCols) }

// multiplyPanels adds up slice j of the products of a piece.
func (s *Step) multiplyPanels(m *workerMemory, packed []float32, c *piece, j int, sums []float32) {
	const cols = kernel.TileCols
	k0, n := s.rowSlice(j)
	for k, in := range s.Inputs {
		p := &s.inputs[k]
		if !p.has(c.segment) {
			continue
		}
		s.heights(in.Heads*s.Classes, func(r, height int) {
			for q := range c.hi - c.lo {
				blocks := splitBlocks{
					multiply: s.table.AMX.SplitAhead, n: n, a: kernel.At(s.left, s.leftOf(j)+(p.row+r)*s.leftStride), lda: s.leftStride, add: min(k0, 1), aStep: 4 * kernel.TileBlock * s.leftStride,
					b: kernel.At(packed, q*s.panelSize()), c: kernel.At(sums, (q*s.scored+p.score+r)*cols),
				}
				blocks.count(height)
				s.splitProduct(m, blocks)
			}
		})
	}
}

// beginPanels puts what are whole panels of slice i ahead. What the slice after it reads is brought closer.
func (s *Step) beginPanels(m *workerMemory, packed []float32, i int) {
	slices := s.rowSlices()
	c, j := &m.pieces[i/slices], i%slices
	f := s.own(c, j)
	if i++; i < len(m.pieces)*slices {
		f = s.own(&m.pieces[i/slices], i%slices)
	}
	s.listPanels(m, packed, c, j, f)
}

// fetched is what is brought closer while a slice is split: n rows from k0 on, at a column and what follows it. After each
// row comes the one that is second rows further.
type fetched struct{ k0, n, from, second int }

// own is what slice j of a piece reads itself.
func (s *Step) own(c *piece, j int) fetched {
	k0, n := s.rowSlice(j)
	return fetched{k0, n, c.from, kernel.TileRows}
}

// listPanels puts what are whole panels of slice j of a piece ahead.
func (s *Step) listPanels(m *workerMemory, packed []float32, c *piece, j int, f fetched) {
	const cols, half = kernel.TileCols, kernel.TileRows
	m.ahead = m.ahead[:0]
	if s.Float32 == nil || c.from+cols > c.to {
		return
	}
	k0, n := s.rowSlice(j)
	items := m.items[0][:0]
	for b := 0; b < n; b += cols {
		for r := range half {
			fetch := f.k0 + min(b, f.n-cols) + r
			items = append(items, kernel.SplitItem{A: s.rows[k0+b+r], B: s.rows[k0+b+r+half], To: 4 * (b/cols*kernel.SplitStep + r*cols), Fetch: [2]unsafe.Pointer{s.rows[fetch], s.rows[fetch+f.second]}})
		}
	}
	m.items[0] = endItems(items)
	for q := 0; c.from+(q+1)*cols <= c.to; q++ {
		m.ahead = append(m.ahead, ahead{
			items: m.items[0], off: 4 * (c.from + q*cols), fetch: 4 * (f.from + q*cols), stride: 4 * half, dst: kernel.At(packed, q*s.panelSize()),
			term: 4 * kernel.SplitTerm, next: kernel.TileStep - 2*4*kernel.SplitTerm,
		})
	}
}

// endPanels makes the panels of slice j of a piece, with what was ahead.
func (s *Step) endPanels(m *workerMemory, packed []float32, c *piece, j int) {
	const cols, half = kernel.TileCols, kernel.TileRows
	s.splitAll(m)
	left := c.from
	if s.Float32 != nil {
		left += (c.to - c.from) / cols * cols
	}
	if left == c.to {
		return
	}
	packed = packed[(left-c.from)/cols*s.panelSize():]
	k0, n := s.rowSlice(j)
	for b := range n / cols {
		for r := range half {
			at := k0 + b*cols + r
			first, second := s.single(m, at, 0), s.single(m, at+half, 1)
			s.table.AMX.SplitWords(kernel.At(packed, b*kernel.SplitStep+r*cols), 4*s.panelSize(), kernel.At(first, left), kernel.At(second, left), c.to-left)
		}
	}
}

// leftOf is where the left operand of slice j of the rows begins. Fused steps have one slice at a time.
func (s *Step) leftOf(j int) int {
	if s.fused {
		return 0
	}
	return j * s.leftSize()
}

// leftSize is how many float32 the left operand of a slice takes, with what the last block of tiles reads.
func (s *Step) leftSize() int { return (s.outputs + kernel.TileBlock) * s.leftStride }

// splitPiece is how many rows of errors are split at a time.
const splitPiece = 64

// splitErrors makes the left operand of the errors of block b, which lie as its scores.
func (s *Step) splitErrors(m *workerMemory, errors []float32, b int) {
	const cols = kernel.TileCols
	j := 0
	k0, n := s.rowSlice(j)
	for ; b*cols >= k0+n; k0, n = s.rowSlice(j) {
		j++
	}
	for k, in := range s.Inputs {
		p, rows := &s.inputs[k], in.Heads*s.Classes
		for r := 0; r < rows; r += splitPiece {
			to := s.leftOf(j) + (p.row+r)*s.leftStride + s.form.left(b*cols-k0)
			s.splitRows(s.left[to:], s.leftStride, errors[(p.score+r)*cols:], cols, min(splitPiece, rows-r), cols, m.state)
		}
	}
}
