package probe

import (
	"unsafe"

	"cradio/cpu/internal/form"
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// Rows are read once a step: they are gathered into the panels that the two products read.
// Forward, a panel is some rows of the batch, transposed; backward, it is some columns of
// all rows, of which words of two bfloat16 have those of two rows.

// gather packs the rows of block b, those of positions [b·cols, (b+1)·cols), into packed,
// and into their place in the batch.
func (s *Step) gather(m *workerMemory, b int, packed []float32) {
	cols, words := s.tiles.Cols, s.columns/s.perWord
	ld := words + padding
	for r := range cols {
		s.row(m.rows[r*ld:][:words], b*cols+r)
	}
	if s.Inputs[0].DWeight != nil {
		if s.perWord == 1 {
			for r := range cols {
				s.spread(b*cols+r, m.rows[r*ld:])
			}
		} else {
			for r := 0; r < cols; r += 2 {
				s.table.Interleave(kernel.At(m.pair, 0), kernel.At(m.rows, r*ld), 4*ld, 2, s.columns)
				s.spread((b*cols+r)/2, m.pair)
			}
		}
	}
	s.table.PackPanel(cols, packed, m.rows, ld, cols, words)
}

// spread copies a row of words to the panels of columns.
func (s *Step) spread(row int, words []float32) {
	cols := s.tiles.Cols
	s.table.CopyRows(kernel.At(s.batch, row*cols), 4*s.panelStride, kernel.At(words, 0), 4*cols, s.columns/cols, cols)
}

// row makes words of the row at a position of the batch, zeros beyond its end.
func (s *Step) row(words []float32, at int) {
	if at >= len(s.Rows) {
		clear(words)
		return
	}
	if s.BFloat16 == nil {
		row := s.Float32(s.Rows[at])
		for _, g := range s.segments {
			copy(words[g.at:], row[g.from:g.to])
			clear(words[g.at+g.to-g.from : min(len(words), g.end())])
		}
		return
	}
	row := s.BFloat16(s.Rows[at])
	for _, g := range s.segments {
		if s.perWord == 1 {
			form.Widen(s.table, words[g.at:][:g.to-g.from], pool.BytesOf(row[g.from:g.to]))
			clear(words[g.at+g.to-g.from : g.end()])
			continue
		}
		to := unsafe.Slice((*uint16)(kernel.At(words, g.at/2)), g.end()-g.at)
		copy(to, row[g.from:g.to])
		clear(to[g.to-g.from:])
	}
}

// end is the column after a segment and its padding.
func (g segment) end() int { return g.at + pool.Blocks(g.to-g.from, segments)*segments }

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
