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
	depth := s.errorStride - padding
	slices := pool.Blocks(depth, maxSlice)
	slice := pool.Blocks(pool.Blocks(depth, slices), steps/s.perWord) * steps / s.perWord
	sums := kernel.At(m.scores, 0)
	s.heights(in.Heads*s.Classes, func(r, height int) {
		for q := q0; q < q1; q++ {
			for w0 := 0; w0 < depth; w0 += slice {
				n := min(slice, depth-w0)
				panel := kernel.At(s.batch, q*s.panelStride+w0*cols)
				next := panel
				if r == 0 {
					next = unsafe.Add(panel, 4*n*cols)
				}
				s.product(n, kernel.At(s.errors, (p.row+r)*s.errorStride+w0), s.errorStride, height, panel, sums, min(w0, 1), kernel.At(m.partial, 0), next)
			}
			for i := range height {
				s.finishBackward(in, m.scores[i*cols:][:cols], r+i, q)
			}
		}
	})
}

// finishBackward makes elements of the gradient of row r of an input of the sums for panel q
// of columns: their mean over the batch, for standardised features.
func (s *Step) finishBackward(in *Input, sums []float32, r, q int) {
	from, n := s.columnsOf(q)
	if n == 0 {
		return
	}
	to := in.DWeight[r*(in.To-in.From)+from-in.From:][:n]
	sums = sums[:n]
	each := 1 / float32(len(s.Rows))
	if s.Mean == nil {
		for c, v := range sums {
			to[c] = v * each
		}
		return
	}
	mean, factor, bias := s.Mean[from:][:n], s.Factor[from:][:n], in.DBias[r]
	for c, v := range sums {
		to[c] = (v*each - bias*mean[c]) * factor[c]
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
