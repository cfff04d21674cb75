package probe

import (
	"slices"
	"unsafe"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// Inputs cut the columns of a row into segments, so that an input is some whole segments. A segment
// begins a panel, and is padded with zeros to whole ones.
type layout struct {
	arranged *kernel.Table
	form     operands
	segments []segment
	columns  int // of a row with its padding
	outputs  int // Σ rows of the inputs
	scored   int // rows of scores: each input's begin a block of tiles, which may write to its end
	inputs   []place

	panelStride int  // from a panel of columns of the batch to the next
	leftStride  int  // from row to row of errors
	panels      int  // of rows, in a task forward
	group       int  // of columns, in a task backward
	together    int  // whose sums are made at a time, of rows that are split
	depth       int  // of a slice of such rows
	many        bool // classes: see many.go
}

// segment is columns [from, to) of a row, which lie from column at on.
type segment struct{ from, to, at int }

// end is the column after a segment and its padding.
func (g segment) end() int { return g.at + pool.Blocks(g.to-g.from, step)*step }

// place is where an input's weights lie.
type place struct {
	segments []segment
	at, size int // columns, with padding
	row      int // the first of its rows among those of all inputs
	score    int // and among rows of scores
	weights  int // where its operands begin
	stride   int // from row to row, or from panel to panel
}

// operands is how the operands of products lie in memory.
type operands int

const (
	singles    operands = iota // float32
	pairs                      // words of two bfloat16
	tilePairs                  // the same for AMX tiles
	splitTiles                 // float32 split into three bfloat16, for AMX tiles: see gemm/split.go
)

const (
	step      = 32  // what products are in multiples of: columns of a segment, rows of the batch
	padding   = 16  // float32 between rows, so that they do not compete for the same cache lines
	most      = 4   // panels in a task
	perThread = 4   // tasks
	tileRows  = 128 // rows that are multiplied at a time by AMX tiles
)

// slice is how many products are made at a time: those of a panel stay in a near cache.
func (f operands) slice() int {
	return [...]int{singles: 768, pairs: 1024, tilePairs: 768, splitTiles: 128}[f]
}

// left is the size of n columns of a row of the left operand, in float32.
func (f operands) left(n int) int {
	switch f {
	case singles:
		return n
	case splitTiles:
		return n / step * kernel.SplitTerms * step / 2
	}
	return n / 2
}

// leftStride is the distance of rows of n columns.
func (f operands) leftStride(n int) int {
	if f == splitTiles { // an odd number of cache lines
		return (f.left(n)*4/pool.CacheLine | 1) * pool.CacheLine / 4
	}
	return f.left(n) + padding
}

// right is the size of n rows of a panel of the right operand.
func (f operands) right(n, cols int) int { return f.left(n) * cols }

// choose returns what the level multiplies fast.
func (s *Step) choose() (operands, *kernel.Tiles) {
	k := s.table
	switch {
	case s.BFloat16 != nil && k.BFloat16.Multiply() && k.Interleave != nil:
		if k.AMX != nil {
			return tilePairs, &k.BFloat16
		}
		return pairs, &k.BFloat16
	case k.AMX != nil:
		return splitTiles, &k.Float32
	}
	return singles, &k.Float32
}

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
			s.columns = g.end()
		}
	}
	s.inputs, s.outputs, s.scored = nil, 0, 0
	size := 0
	for _, in := range s.Inputs {
		var p place
		for _, g := range s.segments {
			if in.From <= g.from && g.to <= in.To {
				p.segments = append(p.segments, g)
				p.size += g.end() - g.at
			}
		}
		p.at, p.row, p.score, p.weights, p.stride = p.segments[0].at, s.outputs, s.scored, size, s.form.leftStride(p.size)
		rows := in.Heads * s.Classes
		if s.form == splitTiles { // see split_fold.go
			rows, p.stride = pool.Blocks(rows, kernel.TileCols), s.form.right(p.size, kernel.TileCols)
		}
		s.inputs = append(s.inputs, p)
		size += rows * p.stride
		s.outputs += in.Heads * s.Classes
		s.scored += pool.Blocks(in.Heads*s.Classes, kernel.TileBlock) * kernel.TileBlock
	}
	s.folded, s.shifted = pool.Aligned(size), make([]float32, s.outputs)
}

// prepare makes room for a batch.
func (s *Step) prepare() {
	if s.inputs == nil || s.table != s.arranged {
		s.arranged = s.table
		s.form, s.tiles = s.choose()
		s.arrange()
	}
	for len(s.memory) < s.pool.Threads() {
		s.memory = append(s.memory, workerMemory{})
	}
	cols := s.tiles.Cols
	rows := pool.Blocks(len(s.Rows), step) * step
	s.panels = max(1, min(most, s.blocks()/(perThread*s.pool.Threads())))
	s.group = max(1, min(most, s.columns/cols/(perThread*s.pool.Threads())))
	s.panelStride, s.leftStride = s.form.right(rows, cols)+padding, s.form.leftStride(rows)
	packed := s.panels * s.form.right(s.columns, cols)
	if s.form == splitTiles {
		s.group = max(1, s.columns/cols/(2*s.pool.Threads()))
		s.together = max(1, min(mostGroup, s.group, groupSums/(s.scored*cols)))
		s.many, s.depth = s.scored > fewScores, shallow
		s.panels = min(mostFew, pool.Blocks(s.blocks(), s.pool.Threads()))
		if s.many {
			s.depth = deepest
			s.panels = max(1, min(mostMany, s.blocks()/(2*s.pool.Threads())))
		}
		s.leftStride = s.form.leftStride(s.depth)
		packed = 2 * s.together * s.panelSize()
		if len(s.rows) != rows {
			s.rows = make([]unsafe.Pointer, rows)
		}
	} else {
		s.batch = growAligned(s.batch, s.columns/cols*s.panelStride)
	}
	s.losses = grow(s.losses, s.heads()*len(s.Rows))
	if len(s.zeros) < s.Width {
		s.zeros = make([]float32, s.Width)
	}
	if s.form == splitTiles {
		s.findRows()
	}
	if s.Inputs[0].DWeight != nil {
		size := s.outputs * s.leftStride
		if s.form == splitTiles {
			size = s.errorsAt(s.rowSlices(), 0)
		}
		s.errors = growAligned(s.errors, size)
		s.sums = grow(s.sums, s.blocks()*s.outputs)
	}
	sums := s.group
	if s.form == splitTiles {
		sums = s.together
	}
	for i := range s.memory {
		m := &s.memory[i]
		m.rows = growAligned(m.rows, cols*(max(s.columns, s.form.left(s.form.slice()))+padding))
		m.row = growAligned(m.row, s.columns)
		if s.form == splitTiles {
			m.split = growAligned(m.split, max(2, s.panels)*cols*termRow)
			m.transposed = growAligned(m.transposed, s.scored*cols)
			m.makeAhead(s.panels, s.together)
		}
		m.packed = growAligned(m.packed, packed)
		m.scores = growAligned(m.scores, max(s.panels*s.scored, sums*s.scored, s.tallest())*cols)
		m.state = growAligned(m.state, 5*cols)
		m.partial = growAligned(m.partial, max(s.tiles.MostRows(), kernel.TileBlock)*cols)
		m.labels = growAligned(m.labels, cols)
	}
}

// blocks is how many panels the rows of the batch fill, with those that pad it.
func (s *Step) blocks() int { return pool.Blocks(len(s.Rows), step) * step / s.tiles.Cols }

func (s *Step) heads() (n int) {
	for _, in := range s.Inputs {
		n += in.Heads
	}
	return n
}

// tallest is how many rows of weights are multiplied at a time.
func (s *Step) tallest() int {
	if s.form == tilePairs || s.form == splitTiles {
		return tileRows
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
