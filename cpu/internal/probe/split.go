package probe

import (
	"unsafe"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// Rows of float32 that are split for AMX tiles take half as much memory again as they are. So they are
// not kept: both products read the rows where they lie, slice by slice, and split what stays in a
// near cache, while the slice before it is multiplied. Forward, a slice is of columns, and the scores of
// all blocks of a task are added up slice by slice. Backward, it is of rows, and so are the sums of a
// group of panels.

// Sizes for splitTiles.
const (
	mostSplit = 8       // panels of rows in a task
	mostGroup = 6       // panels of columns in a task
	groupSums = 1 << 17 // float32 of sums of a group
)

// termRow is how many float32 a row of split columns takes: its terms lie as far apart as in a panel.
const termRow = kernel.SplitTerms*kernel.SplitTerm + padding

// has reports whether a segment is one of an input's.
func (p *place) has(g segment) bool { return p.at <= g.at && g.at < p.at+p.size }

// findRows finds where the rows of block b lie, zeros beyond the batch's end.
func (s *Step) findRows(b int) {
	for at := b * kernel.TileCols; at < (b+1)*kernel.TileCols; at++ {
		s.rows[at] = kernel.At(s.zeros, 0)
		if at < len(s.Rows) && s.Float32 != nil {
			s.rows[at] = kernel.At(s.Float32(s.Rows[at]), 0)
		}
	}
}

// forwardSplit computes scores, losses and errors of blocks [b0, b1).
func (s *Step) forwardSplit(m *workerMemory, b0, b1 int) {
	const cols = kernel.TileCols
	for b := b0; b < b1; b++ {
		s.findRows(b)
		s.beginScores(m.scores[(b-b0)*s.scored*cols:])
	}
	for _, g := range s.segments {
		size := g.end() - g.at
		slice := s.slices(size)
		for b := b0; b < b1; b++ {
			s.listColumns(m, b, b-b0, g, slice)
		}
		s.fetchPiece((b0+1)*cols, min(b1-b0-1, 1)*cols, g.from, min(g.to, g.from+slice))
		whole := s.beginColumns(m, 0, g, 0, slice)
		for k0 := 0; k0 < size; k0 += slice {
			n := min(slice, size-k0)
			for b := b0; b < b1; b++ {
				s.endColumns(m, b, g, k0, n, whole)
				if b+1 < b1 {
					whole = s.beginColumns(m, b+1-b0, g, k0, slice)
				} else if k0+n < size {
					whole = s.beginColumns(m, 0, g, k0+n, slice)
				}
				if b+2 < b1 && (k0 == 0 || !whole) {
					s.fetchPiece((b+2)*cols, cols, g.from+k0, min(g.to, g.from+k0+n))
				}
				for k, in := range s.Inputs {
					p := &s.inputs[k]
					if !p.has(g) {
						continue
					}
					s.heights(in.Heads*s.Classes, func(r, height int) {
						s.splitProduct(m, n, kernel.At(s.folded, p.weights+r*p.stride+s.form.left(g.at-p.at+k0)), p.stride, height, kernel.At(m.packed, 0), kernel.At(m.scores, ((b-b0)*s.scored+p.score+r)*cols), 1)
					})
				}
			}
		}
	}
	for b := b0; b < b1; b++ {
		s.finishForward(m, m.scores[(b-b0)*s.scored*cols:], b)
	}
}

// listColumns lists the items of slices of n columns of a segment, if it has as many, of block b, the
// i-th of its task.
func (s *Step) listColumns(m *workerMemory, b, i int, g segment, n int) {
	if s.Float32 == nil || g.from+n > g.to {
		return
	}
	items := m.items[i][:0]
	for r := range kernel.TileCols {
		row := s.rows[b*kernel.TileCols+r]
		for c := 0; c < n; c += 2 * step {
			at := unsafe.Add(row, 4*c)
			items = append(items, kernel.SplitItem{A: at, B: unsafe.Add(at, 4*kernel.TileRows), To: 4 * (r*termRow + c/2), Fetch: [2]unsafe.Pointer{at, unsafe.Add(at, 4*step)}})
		}
	}
	m.items[i] = endItems(items)
}

// beginColumns puts a slice of n columns of the i-th block ahead, and reports whether it could.
func (s *Step) beginColumns(m *workerMemory, i int, g segment, k0, n int) bool {
	from := g.from + k0
	if s.Float32 == nil || from+n > g.to {
		return false
	}
	w := ahead{items: m.items[i], off: 4 * from, fetch: 4 * (from + n), stride: 4 * step, dst: kernel.At(m.split, 0)}
	if from+2*n > g.to {
		w.fetch = w.off
	}
	m.ahead = append(m.ahead[:0], w)
	return true
}

// endColumns makes the panel of n columns, from k0 of a segment, of block b: of each row the words
// of its terms, transposed.
func (s *Step) endColumns(m *workerMemory, b int, g segment, k0, n int, whole bool) {
	const cols, half = kernel.TileCols, kernel.TileRows
	if whole {
		s.splitAll(m)
		for k := 0; k < n; k += step {
			for p := range kernel.SplitTerms {
				s.table.PackPanel(cols, m.packed[k/step*kernel.SplitStep+p*kernel.SplitTerm:], m.split[p*kernel.SplitTerm+k/2:], termRow, cols, half)
			}
		}
		return
	}
	ld := s.form.left(n) + padding
	for r := range cols {
		row := s.single(m, b*cols+r, 0)
		s.splitRows(m.rows[r*ld:], ld, row[g.from+k0:], 0, 1, min(n, g.to-g.from-k0), m.state)
	}
	s.table.PackPanel(cols, m.packed, m.rows, ld, cols, s.form.left(n))
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

// backwardSplit computes the panels of columns [q0, q1) of the gradient.
func (s *Step) backwardSplit(m *workerMemory, q0, q1 int) {
	const cols = kernel.TileCols
	depth := s.blocks() * cols
	slice := s.slices(depth)
	panel := s.form.right(slice, cols)
	for _, g := range s.segments {
		lo, hi := max(q0, g.at/cols), min(q1, g.end()/cols)
		if lo >= hi {
			continue
		}
		from := g.from + lo*cols - g.at
		to := min(g.to, from+(hi-lo)*cols)
		packed, next := m.packed[:s.group*panel], m.packed[s.group*panel:]
		s.beginPanels(m, packed, panel, 0, min(slice, depth), from, to)
		for k0 := 0; k0 < depth; k0 += slice {
			n := min(slice, depth-k0)
			s.endPanels(m, packed, panel, k0, n, from, to)
			if k0+n < depth {
				s.beginPanels(m, next, panel, k0+n, min(slice, depth-k0-n), from, to)
			}
			for k, in := range s.Inputs {
				p := &s.inputs[k]
				if !p.has(g) {
					continue
				}
				s.heights(in.Heads*s.Classes, func(r, height int) {
					left := kernel.At(s.left, (p.row+r)*s.leftStride+s.form.left(k0))
					for q := range hi - lo {
						s.splitProduct(m, n, left, s.leftStride, height, kernel.At(packed, q*panel), kernel.At(m.scores, (q*s.scored+p.score+r)*cols), min(k0, 1))
					}
				})
			}
			packed, next = next, packed
		}
		for k := range s.Inputs {
			in, p := &s.Inputs[k], &s.inputs[k]
			if p.has(g) {
				for q := lo; q < hi; q++ {
					s.finishBackward(in, m.scores[((q-lo)*s.scored+p.score)*cols:], 0, in.Heads*s.Classes, q)
				}
			}
		}
	}
}

// beginPanels puts what are whole panels of columns [from, to) of n rows, from position k0 of the batch,
// ahead. The panels begin so many float32 apart.
func (s *Step) beginPanels(m *workerMemory, packed []float32, panel, k0, n, from, to int) {
	const cols, half = kernel.TileCols, kernel.TileRows
	m.ahead = m.ahead[:0]
	if s.Float32 == nil || from+cols > to {
		return
	}
	items := m.items[0][:0]
	for b := range n / cols {
		for r := range half {
			at := k0 + b*cols + r
			x, y := s.rows[at], s.rows[at+half]
			fetched := at
			if at+n+half < len(s.rows) {
				fetched = at + n
			}
			items = append(items, kernel.SplitItem{A: x, B: y, To: 4 * (b*kernel.SplitStep + r*cols), Fetch: [2]unsafe.Pointer{s.rows[fetched], s.rows[fetched+half]}})
		}
	}
	m.items[0] = endItems(items)
	for q := 0; from+cols <= to; from, q = from+cols, q+1 {
		m.ahead = append(m.ahead, ahead{items: m.items[0], off: 4 * from, fetch: 4 * from, stride: 4 * half, dst: kernel.At(packed, q*panel)})
	}
}

// endPanels makes the panels of columns [from, to) of n rows, from position k0 of the batch, with what was
// ahead.
func (s *Step) endPanels(m *workerMemory, packed []float32, panel, k0, n, from, to int) {
	const cols, half = kernel.TileCols, kernel.TileRows
	s.splitAll(m)
	left := from
	if s.Float32 != nil {
		left += (to - from) / cols * cols
	}
	if left == to {
		return
	}
	packed = packed[(left-from)/cols*panel:]
	for b := range n / cols {
		for r := range half {
			at := k0 + b*cols + r
			first, second := s.single(m, at, 0), s.single(m, at+half, 1)
			s.table.AMX.SplitWords(kernel.At(packed, b*kernel.SplitStep+r*cols), 4*panel, kernel.At(first, left), kernel.At(second, left), to-left)
		}
	}
}

// splitPiece is how many rows of errors are split at a time.
const splitPiece = 16

// splitTask makes the left operand of rows of errors.
type splitTask Step

func (t *splitTask) Do(worker, i int) {
	s := (*Step)(t)
	lo, hi := pool.Span(i, splitPiece, s.outputs)
	s.splitRows(s.left[lo*s.leftStride:], s.leftStride, s.errors[lo*s.errorStride:], s.errorStride, hi-lo, s.blocks()*s.tiles.Cols, s.memory[worker].state)
}
