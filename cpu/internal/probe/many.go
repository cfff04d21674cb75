package probe

import (
	"unsafe"

	"cradio/cpu/internal/kernel"
)

// Where classes are many, their weights and errors do not stay in a near cache while one block of rows, or
// one panel of columns, after another meets them: they come from far away each time. So they are read once for as
// many rows or columns as have room. All of these are split first, between the products, of which they are a small part; and the
// tiles fetch the weights or errors that come next, which nobody would if they split rows meanwhile.

// forwardMany computes scores, losses and errors of blocks [b0, b1). Scores of a panel of classes lie together: of all rows.
func (s *Step) forwardMany(m *workerMemory, b0, b1 int) {
	const cols = kernel.TileCols
	rows := (b1 - b0) * cols
	s.beginPanelSums(m.scores, rows)
	for _, g := range s.segments {
		size := g.end() - g.at
		slice := s.slices(size)
		for b := b0; b < b1; b++ {
			s.listColumns(m, b, b-b0, b, g, slice)
		}
		for k0 := 0; k0 < size; k0 += slice {
			n := min(slice, size-k0)
			for b := b0; b < b1; b++ {
				to := m.split[(b-b0)*cols*termRow:]
				s.endColumns(m, b, g, k0, n, s.beginColumns(m, b-b0, g, k0, k0+n, slice, to), to)
			}
			s.multiplyColumns(m, g, k0, n, b1-b0)
		}
	}
	for b := b0; b < b1; b++ {
		for r := 0; r < s.scored; r += cols {
			s.table.PackPanel(cols, m.transposed[r*cols:], m.scores[r*rows+(b-b0)*cols*cols:], cols, cols, cols)
		}
		s.finishForward(m, m.transposed, b)
	}
}

// beginPanelSums sets the scores of so many rows to biases.
func (s *Step) beginPanelSums(sums []float32, rows int) {
	clear(sums[:s.scored*rows])
	for k, in := range s.Inputs {
		p := &s.inputs[k]
		for r := 0; r < in.Heads*s.Classes; r += kernel.TileCols {
			s.beginPanel(sums[(p.score+r)*rows:][:kernel.TileCols*rows], p.row+r, in.Heads*s.Classes-r)
		}
	}
}

// multiplyColumns adds to scores the products of n columns, from k0 of a segment, of all rows of so many blocks.
func (s *Step) multiplyColumns(m *workerMemory, g segment, k0, n, blocks int) {
	const cols = kernel.TileCols
	for k, in := range s.Inputs {
		p := &s.inputs[k]
		if !p.has(g) {
			continue
		}
		first := p.weights + s.form.right(g.at-p.at+k0, cols)
		for r := 0; r < in.Heads*s.Classes; r += cols {
			at, next := first+r/cols*p.stride, first+(r/cols+1)*p.stride
			if r+cols >= in.Heads*s.Classes { // the first panel of the next slice
				next = first + s.form.right(n, cols)
			}
			s.table.AMX.Split(n/step, kernel.At(m.split, 0), 4*termRow, kernel.At(s.folded, at), kernel.At(m.scores, (p.score+r)*blocks*cols), 1,
				blocks, 0, kernel.WholeBlocks, s.fetched(next), kernel.At(m.partial, 0))
		}
	}
}

// fetched is the address of weights that are only fetched: it may be beyond the last.
func (s *Step) fetched(at int) uintptr { return uintptr(kernel.At(s.folded, 0)) + uintptr(4*at) }

// backwardMany computes the panels of columns [q0, q1) of the gradient.
func (s *Step) backwardMany(m *workerMemory, q0, q1 int) {
	s.cutPieces(m, q0, q1)
	slices := s.rowSlices()
	for i := range len(m.pieces) * slices {
		c := &m.pieces[i/slices]
		s.beginPanels(m, m.packed, i)
		s.endPanels(m, m.packed, i)
		for k := range s.Inputs {
			if s.inputs[k].has(c.segment) {
				s.multiplyRows(m, k, c, i%slices)
			}
		}
		if i%slices == slices-1 {
			s.finishPiece(m, c)
		}
	}
}

// multiplyRows adds up slice j of the products of an input's errors and of a piece. While its panels meet some of the errors,
// those that come next are fetched, a share with each panel.
func (s *Step) multiplyRows(m *workerMemory, k int, c *piece, j int) {
	const cols = kernel.TileCols
	in, p := &s.Inputs[k], &s.inputs[k]
	k0, n := s.rowSlice(j)
	s.heights(in.Heads*s.Classes, func(r, height int) {
		left := kernel.At(s.errors, s.errorsAt(j, p.row+r))
		calls, count := kernel.TileCalls(height)
		for q := range c.hi - c.lo {
			next := uintptr(left) + uintptr(4*s.leftStride*(tileRows+tileRows*q/(c.hi-c.lo)))
			for _, t := range calls[:count] {
				s.table.AMX.Split(n/step, unsafe.Add(left, 4*t.Row*s.leftStride), 4*s.leftStride, kernel.At(m.packed, q*s.panelSize()),
					kernel.At(m.scores, (q*s.scored+p.score+r+t.Row)*cols), min(k0, 1), t.Blocks, t.Low, t.Shapes, next, kernel.At(m.partial, 0))
			}
		}
	})
}
