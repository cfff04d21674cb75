package probe

import (
	"sync/atomic"

	"cradio/cpu/internal/kernel"
)

// A fused step reads rows from memory once: two threads take a slice of rows at a time, each half of the
// columns. First they add up the scores, then they add the slice's products to the gradient, while
// the rows are still in their second-level caches, as are a half of the weights and of the gradient. More
// threads would wait for one another too often, and one cannot keep all weights and the whole gradient near.

const (
	halves     = 2
	fusedRows  = 128     // rows of a slice
	fusedGroup = 4       // panels of columns that are split at a time
	fusedSize  = 3 << 17 // the most weights, with padding
)

// halfMemory is what the threads of a fused step share.
type halfMemory struct {
	slice  int                 // of the rows
	taken  [halves]atomic.Bool // halves that a worker has taken
	scores [halves][]float32   // of a slice: (blocks, scored, cols)
	sums   []float32           // of the gradient: (panels, scored, cols)
}

// canHalve reports whether scores are added up in two halves, of four slices or more that they are about as
// large. It does not depend on the number of threads, as sums do not.
func (s *Step) canHalve() bool {
	return s.form == splitTiles && len(s.segments) == 1 && s.columns > 3*s.slices(s.columns) && s.scored*s.columns <= fusedSize
}

// middle is where the second half begins: at a slice.
func (s *Step) middle() int {
	slice := s.slices(s.columns)
	return (s.columns + slice - 1) / slice / halves * slice
}

// half returns the columns of a half.
func (s *Step) half(h int) (lo, hi int) {
	if h == 0 {
		return 0, s.middle()
	}
	return s.middle(), s.columns
}

// makeFused makes room for a fused step.
func (s *Step) makeFused() {
	f := &s.halves
	for h := range f.scores {
		f.scores[h] = growAligned(f.scores[h], fusedRows/kernel.TileCols*s.blockScores())
	}
	f.sums = growAligned(f.sums, s.columns/kernel.TileCols*s.blockScores())
}

// runFused is the step after weights are folded.
func (s *Step) runFused() {
	f := &s.halves
	slices := s.rowSlices()
	for f.slice = 0; f.slice <= slices; f.slice++ {
		if f.slice == slices {
			s.addLosses()
			s.addSums()
		}
		for h := range f.taken {
			f.taken[h].Store(false)
		}
		s.pool.Run(halves, (*halfTask)(s))
		if f.slice < slices {
			_, n := s.rowSlice(f.slice)
			s.pool.Run(n/kernel.TileCols, (*errorTask)(s))
		}
	}
}

// halfTask adds a slice of rows to a half of the gradient, and computes the scores of the next one.
type halfTask Step

func (t *halfTask) Do(worker, _ int) {
	s, m := (*Step)(t), &t.memory[worker]
	f, h := &s.halves, worker
	if !f.taken[h].CompareAndSwap(false, true) {
		h = halves - 1 - h
		f.taken[h].Store(true)
	}
	if f.slice > 0 {
		s.backwardHalf(m, h, f.slice-1)
	}
	if f.slice < s.rowSlices() {
		s.forwardHalf(m, h, f.slice)
	}
}

// forwardHalf computes scores of slice j of the rows.
func (s *Step) forwardHalf(m *workerMemory, h, j int) {
	const cols = kernel.TileCols
	k0, n := s.rowSlice(j)
	lo, hi := s.half(h)
	scores, blocks := s.halves.scores[h], n/cols
	if h == 0 {
		s.beginSums(scores, blocks)
	} else {
		clear(scores[:blocks*s.blockScores()])
	}
	s.addScores(m, scores, k0/cols, k0/cols+blocks, s.segments[0], lo, hi)
}

// backwardHalf adds slice j of the rows to the gradient. After the last one it is finished. Half of what the next slice
// reads first is brought closer; the other half is while its scores are added up. So memory is asked at one rate.
func (s *Step) backwardHalf(m *workerMemory, h, j int) {
	const cols = kernel.TileCols
	lo, hi := s.half(h)
	s.cutPieces(m, lo/cols, hi/cols)
	now, next := m.packed[:len(m.packed)/2], m.packed[len(m.packed)/2:]
	last, sums := j+1 == s.rowSlices(), s.halves.sums
	begin := func(c *piece, packed []float32) {
		f := s.own(c, j)
		if !last {
			f = s.own(c, j+1)
			f.second = 0
		}
		s.listPanels(m, packed, c, j, f)
	}
	begin(&m.pieces[0], now)
	for i := range m.pieces {
		c := &m.pieces[i]
		s.endPanels(m, now, c, j)
		if i+1 < len(m.pieces) {
			begin(&m.pieces[i+1], next)
		}
		s.multiplyPanels(m, now, c, j, sums[c.lo*s.blockScores():])
		now, next = next, now
		for q := c.lo; last && q < c.hi; q++ {
			s.finishPanel(sums[q*s.blockScores():], c.segment, q)
		}
	}
}

// errorTask makes losses and errors of the scores of a block of a slice.
type errorTask Step

func (t *errorTask) Do(worker, i int) {
	s := (*Step)(t)
	k0, _ := s.rowSlice(s.halves.slice)
	at := i * s.blockScores()
	s.finishScores(&s.memory[worker], s.halves.scores[0][at:], s.halves.scores[1][at:], k0/kernel.TileCols+i)
}
