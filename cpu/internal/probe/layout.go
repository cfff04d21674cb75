package probe

import (
	"slices"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// While they are multiplied, rows are words of 32 bits: a float32, or two bfloat16 where the
// level multiplies those as they are. Inputs cut the columns of a row into segments, so
// that an input is some whole segments. A segment begins a panel, and is padded with
// zeros to whole ones.
type layout struct {
	arranged *kernel.Table
	perWord  int  // elements in a word
	amx      bool // products are by AMX tiles
	segments []segment
	columns  int // of a row with its padding
	outputs  int // Σ rows of the inputs

	inputs      []place
	panelStride int // words of a panel of columns of the batch
	errorStride int // words from row to row of errors
	panels      int // of rows, in a task forward
	group       int // of columns, in a task backward
}

// segment is columns [from, to) of a row, which lie from column at on.
type segment struct{ from, to, at int }

// place is where an input's weights lie.
type place struct {
	segments []segment
	at, size int // columns, with padding
	row      int // the first of its rows among those of all inputs
	weights  int // where its words begin
	stride   int // words from row to row
}

const (
	padding   = 16  // words between rows, so that they do not compete for the same cache lines
	segments  = 32  // columns that a segment is padded to
	steps     = 32  // rows that the batch is padded to
	maxSlice  = 768 // words at a time
	most      = 4   // panels in a task
	perThread = 4   // tasks
)

// arrange finds segments and places.
func (s *Step) arrange() {
	var cuts []int
	for _, in := range s.Inputs {
		cuts = append(cuts, in.From, in.To)
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	s.segments, s.columns = nil, 0
	for i := range len(cuts) - 1 {
		g := segment{cuts[i], cuts[i+1], s.columns}
		if slices.ContainsFunc(s.Inputs, func(in Input) bool { return in.From <= g.from && g.to <= in.To }) {
			s.segments = append(s.segments, g)
			s.columns += pool.Blocks(g.to-g.from, segments) * segments
		}
	}
	s.inputs, s.outputs = nil, 0
	words := 0
	for _, in := range s.Inputs {
		var p place
		for i, g := range s.segments {
			if in.From <= g.from && g.to <= in.To {
				p.segments = append(p.segments, s.segments[i])
				p.size += pool.Blocks(g.to-g.from, segments) * segments
			}
		}
		p.at, p.row, p.weights, p.stride = p.segments[0].at, s.outputs, words, p.size/s.perWord+padding
		s.inputs = append(s.inputs, p)
		words += in.Heads * s.Classes * p.stride
		s.outputs += in.Heads * s.Classes
	}
	s.folded, s.shifted = pool.Aligned(words), make([]float32, s.outputs)
}

// prepare makes room for a batch.
func (s *Step) prepare() {
	if s.inputs == nil || s.table != s.arranged {
		s.arranged = s.table
		s.tiles, s.perWord, s.amx = &s.table.Float32, 1, false
		if s.BFloat16 != nil && s.table.BFloat16.Multiply() && s.table.Interleave != nil {
			s.tiles, s.perWord, s.amx = &s.table.BFloat16, 2, s.table.AMX != nil
		}
		s.arrange()
	}
	for len(s.memory) < s.pool.Threads() {
		s.memory = append(s.memory, workerMemory{})
	}
	cols := s.tiles.Cols
	rows := pool.Blocks(len(s.Rows), steps) * steps / s.perWord
	s.panels = max(1, min(most, s.blocks()/(perThread*s.pool.Threads())))
	s.group = max(1, min(most, s.columns/cols/(perThread*s.pool.Threads())))
	s.panelStride, s.errorStride = rows*cols+padding, rows+padding
	s.losses = grow(s.losses, s.heads()*len(s.Rows))
	if s.Inputs[0].DWeight != nil {
		s.batch = growAligned(s.batch, s.columns/cols*s.panelStride)
		s.errors = growAligned(s.errors, s.outputs*s.errorStride)
		s.sums = grow(s.sums, s.blocks()*s.outputs)
	}
	for i := range s.memory {
		m := &s.memory[i]
		m.rows = growAligned(m.rows, cols*(s.columns/s.perWord+padding))
		m.pair = growAligned(m.pair, s.columns)
		m.packed = growAligned(m.packed, s.panels*s.columns/s.perWord*cols)
		m.scores = growAligned(m.scores, max(s.panels*s.outputs, s.tallest())*cols)
		m.state = growAligned(m.state, 5*cols)
		m.partial = growAligned(m.partial, s.tiles.MostRows()*cols)
		m.labels = growAligned(m.labels, cols)
		m.scaled = growAligned(m.scaled, s.columns)
	}
}

// blocks is how many panels the rows of the batch fill, with those that pad it.
func (s *Step) blocks() int { return pool.Blocks(len(s.Rows), steps) * steps / s.tiles.Cols }

func (s *Step) heads() (n int) {
	for _, in := range s.Inputs {
		n += in.Heads
	}
	return n
}

// tallest is how many rows of weights are multiplied at a time.
func (s *Step) tallest() int {
	if s.amx {
		return 4 * kernel.TileBlock
	}
	return s.tiles.MostRows()
}

func grow(x []float64, n int) []float64 {
	if cap(x) < n {
		return make([]float64, n)
	}
	return x[:n]
}

func growAligned(x []float32, n int) []float32 {
	if cap(x) < n {
		return pool.Aligned(n)
	}
	return x[:n]
}
