package probe

import (
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// Rows of float32 that are split for AMX tiles take half as much memory again as they are. So they are
// not kept: both products read the rows where they lie, slice by slice, and split what stays in a
// near cache. Forward, a slice is of columns, and the scores of all blocks of a task are added up
// slice by slice. Backward, it is of rows, and so are the sums of a group of panels.

// Sizes for splitTiles.
const (
	mostSplit = 8       // panels of rows in a task
	mostGroup = 6       // panels of columns in a task
	groupSums = 1 << 17 // float32 of sums of a group
)

// has reports whether a segment is one of an input's.
func (p *place) has(g segment) bool { return p.at <= g.at && g.at < p.at+p.size }

// forwardSplit computes scores, losses and errors of blocks [b0, b1).
func (s *Step) forwardSplit(m *workerMemory, b0, b1 int) {
	const cols = kernel.TileCols
	for b := b0; b < b1; b++ {
		s.beginScores(m.scores[(b-b0)*s.scored*cols:])
	}
	for _, g := range s.segments {
		size := g.end() - g.at
		slice := s.slices(size)
		for k0 := 0; k0 < size; k0 += slice {
			n := min(slice, size-k0)
			for b := b0; b < b1; b++ {
				s.splitColumns(m, b, g, k0, n)
				if b+1 < b1 {
					s.fetchPiece((b+1)*cols, cols, g.from+k0, min(g.to, g.from+k0+n))
				} else {
					s.fetchPiece(b0*cols, cols, g.from+k0+n, min(g.to, g.from+k0+2*n))
				}
				for k, in := range s.Inputs {
					p := &s.inputs[k]
					if !p.has(g) {
						continue
					}
					right := kernel.At(m.packed, 0)
					s.heights(in.Heads*s.Classes, func(r, height int) {
						s.product(n, kernel.At(s.folded, p.weights+r*p.stride+s.form.left(g.at-p.at+k0)), p.stride, height, right, kernel.At(m.scores, ((b-b0)*s.scored+p.score+r)*cols), 1, kernel.At(m.partial, 0), right)
					})
				}
			}
		}
	}
	for b := b0; b < b1; b++ {
		s.finishForward(m, m.scores[(b-b0)*s.scored*cols:], b)
	}
}

// splitColumns makes the panel of n columns, from k0 of a segment, of block b: of each row the words
// of its terms, transposed.
func (s *Step) splitColumns(m *workerMemory, b int, g segment, k0, n int) {
	const cols = kernel.TileCols
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
	for _, g := range s.segments {
		lo, hi := max(q0, g.at/cols), min(q1, g.end()/cols)
		if lo >= hi {
			continue
		}
		from := g.from + lo*cols - g.at
		to := min(g.to, from+(hi-lo)*cols)
		for k0 := 0; k0 < depth; k0 += slice {
			n := min(slice, depth-k0)
			panel := s.form.right(n, cols)
			s.splitPanels(m, k0, n, from, to)
			for k, in := range s.Inputs {
				p := &s.inputs[k]
				if !p.has(g) {
					continue
				}
				s.heights(in.Heads*s.Classes, func(r, height int) {
					left := kernel.At(s.left, (p.row+r)*s.leftStride+s.form.left(k0))
					for q := range hi - lo {
						right := kernel.At(m.packed, q*panel)
						if r == 0 && k == 0 {
							a, b := n*q/(hi-lo), n*(q+1)/(hi-lo)
							s.fetchPiece(k0+n+a, b-a, from, to)
						}
						s.product(n, left, s.leftStride, height, right, kernel.At(m.scores, (q*s.scored+p.score+r)*cols), min(k0, 1), kernel.At(m.partial, 0), right)
					}
				})
			}
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

// splitPanels makes the panels of columns [from, to) of n rows, from position k0 of the batch.
func (s *Step) splitPanels(m *workerMemory, k0, n, from, to int) {
	const cols, half = kernel.TileCols, kernel.TileRows
	for b := range n / cols {
		for r := range half {
			at := k0 + b*cols + r
			first, second := s.single(m, at, 0), s.single(m, at+half, 1)
			s.table.AMX.SplitWords(kernel.At(m.packed, b*kernel.SplitStep+r*cols), 4*s.form.right(n, cols), kernel.At(first, from), kernel.At(second, from), to-from)
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
