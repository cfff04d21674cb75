package probe

import (
	"unsafe"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// backwardTask computes the gradient of the weights of some panels of columns.
type backwardTask Step

func (t *backwardTask) Do(worker, i int) {
	s, cols := (*Step)(t), t.tiles.Cols
	m := &s.memory[worker]
	q0, q1 := pool.Span(i, s.group, s.columns/cols)
	switch {
	case s.many:
		s.backwardMany(m, q0, q1)
		return
	case s.form == splitTiles:
		s.backwardSplit(m, q0, q1)
		return
	}
	for k := range s.Inputs {
		p := &s.inputs[k]
		lo, hi := max(q0, p.at/cols), min(q1, (p.at+p.size)/cols)
		if lo < hi {
			s.multiplyBackward(m, k, lo, hi)
		}
	}
}

// multiplyBackward computes columns [q0, q1), in panels, of the gradient of an input.
func (s *Step) multiplyBackward(m *workerMemory, k, q0, q1 int) {
	in, p, cols := &s.Inputs[k], &s.inputs[k], s.tiles.Cols
	depth := s.blocks() * cols
	slice := s.slices(depth)
	sums := kernel.At(m.scores, 0)
	s.heights(in.Heads*s.Classes, func(r, height int) {
		for q := q0; q < q1; q++ {
			for k0 := 0; k0 < depth; k0 += slice {
				n := min(slice, depth-k0)
				panel := kernel.At(s.batch, q*s.panelStride+s.form.right(k0, cols))
				next := panel
				if r == 0 {
					next = unsafe.Add(panel, 4*s.form.right(n, cols))
				}
				s.product(n, kernel.At(s.errors, (p.row+r)*s.leftStride+s.form.left(k0)), s.leftStride, height, panel, sums, min(k0, 1), kernel.At(m.partial, 0), next)
			}
			s.finishBackward(in, m.scores, r, height, q)
		}
	})
}

// finishBackward makes elements of the gradient, rows [r, r+height) of an input, of the sums for
// panel q of columns: those of standardised features.
func (s *Step) finishBackward(in *Input, sums []float32, r, height, q int) {
	from, n := s.columnsOf(q)
	if n == 0 {
		return
	}
	cols, width := s.tiles.Cols, in.To-in.From
	if s.Mean == nil {
		s.table.CopyRows(kernel.At(in.DWeight, r*width+from-in.From), 4*width, kernel.At(sums, 0), 4*cols, height, n)
		return
	}
	mean, factor := s.Mean[from:][:n], s.Factor[from:][:n]
	for i := range height {
		to, bias := in.DWeight[(r+i)*width+from-in.From:][:n], in.DBias[r+i]
		for c, v := range sums[i*cols:][:n] {
			to[c] = (v - bias*mean[c]) * factor[c]
		}
	}
}

// columnsOf is the first column of a row that panel q has, and how many it has.
func (s *Step) columnsOf(q int) (from, n int) {
	cols := s.tiles.Cols
	at := q * cols
	for _, g := range s.segments {
		if g.at <= at && at < g.end() {
			from = g.from + at - g.at
			return from, max(0, min(cols, g.to-from))
		}
	}
	return 0, 0
}
