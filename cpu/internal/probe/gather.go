package probe

import (
	"unsafe"

	"cradio/cpu/internal/form"
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// Rows are read once a step, but for those that are split (split.go): they are gathered into the panels that the two products read.
// Forward, a panel is some rows of the batch, transposed; backward, it is some columns of
// all rows, of which words of two bfloat16 have those of two rows.

// gather packs the rows of block b, those of positions [b·cols, (b+1)·cols), into packed,
// and into their place in the batch.
func (s *Step) gather(m *workerMemory, b int, packed []float32) {
	if s.form == singles {
		s.gatherSingles(m, b, packed)
		return
	}
	s.gatherPairs(m, b, packed)
}

// gatherSingles copies rows into the panels of columns, and transposes them from there.
func (s *Step) gatherSingles(m *workerMemory, b int, packed []float32) {
	cols := s.tiles.Cols
	for r := range cols {
		at := b*cols + r
		row := s.single(m, at, 0)
		for _, g := range s.segments {
			whole := (g.to - g.from) / cols
			if whole > 0 {
				s.table.CopyRows(kernel.At(s.batch, g.at/cols*s.panelStride+at*cols), 4*s.panelStride, kernel.At(row, g.from), 4*cols, whole, cols)
			}
			for q := whole; q < (g.end()-g.at)/cols; q++ {
				to := s.batch[(g.at/cols+q)*s.panelStride+at*cols:][:cols]
				clear(to)
				if g.from+q*cols < g.to {
					copy(to, row[g.from+q*cols:g.to])
				}
			}
		}
	}
	for q := range s.columns / cols {
		s.table.PackPanel(cols, packed[q*cols*cols:], s.batch[q*s.panelStride+b*cols*cols:], cols, cols, cols)
	}
}

// single is the row at a position of the batch as float32, zeros beyond its end. There are two
// places for such rows.
func (s *Step) single(m *workerMemory, at, place int) []float32 {
	if at >= len(s.Rows) {
		return s.zeros
	}
	if s.BFloat16 == nil {
		return s.Float32(s.Rows[at])
	}
	row := s.BFloat16(s.Rows[at])
	if len(m.wide[place]) < len(row) {
		m.wide[place] = make([]float32, len(row))
	}
	wide := m.wide[place][:len(row)]
	form.Widen(s.table, wide, pool.BytesOf(row))
	return wide
}

// gatherPairs copies rows of bfloat16 together, interleaves them two by two, and transposes words.
func (s *Step) gatherPairs(m *workerMemory, b int, packed []float32) {
	cols, words := s.tiles.Cols, s.columns/2
	ld := words + padding
	for r := range cols {
		to := unsafe.Slice((*uint16)(kernel.At(m.rows, r*ld)), s.columns)
		var row []uint16
		if at := b*cols + r; at < len(s.Rows) {
			row = s.BFloat16(s.Rows[at])
		}
		for _, g := range s.segments {
			n := 0
			if row != nil {
				n = copy(to[g.at:], row[g.from:g.to])
			}
			clear(to[g.at+n : g.end()])
		}
	}
	for r := 0; r < cols; r += 2 {
		s.table.Interleave(kernel.At(m.row, 0), kernel.At(m.rows, r*ld), 4*ld, 2, s.columns)
		s.table.CopyRows(kernel.At(s.batch, (b*cols+r)/2*cols), 4*s.panelStride, kernel.At(m.row, 0), 4*cols, s.columns/cols, cols)
	}
	s.table.PackPanel(cols, packed, m.rows, ld, cols, words)
}

// fetch brings share i of n of the rows of a block closer.
func (s *Step) fetch(b, i, n int) {
	cols := s.tiles.Cols
	lo, hi := b*cols+cols*i/n, b*cols+cols*(i+1)/n
	for at := lo; at < min(hi, len(s.Rows)); at++ {
		if s.BFloat16 == nil {
			row := s.Float32(s.Rows[at])
			s.table.Prefetch(kernel.At(row, 0), 0, 1, 4*len(row))
			continue
		}
		row := s.BFloat16(s.Rows[at])
		s.table.Prefetch(kernel.At(row, 0), 0, 1, 2*len(row))
	}
}
