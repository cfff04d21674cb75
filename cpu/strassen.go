package cpu

import "unsafe"

// strassen is a large product of float32 by one step of Strassen's algorithm
// (Gaussian elimination is not optimal, 1969): seven products of half the size each
// way, where there would be eight.
//
//	A = [A11 A12]   B = [B11 B12]   C = [M1+M4-M5+M7     M3+M5   ]
//	    [A21 A22]       [B21 B22]       [   M2+M4     M1-M2+M3+M6]
//
//	M1 = (A11+A22)·(B11+B22)   M4 = A22·(B21-B11)   M6 = (A21-A11)·(B11+B12)
//	M2 = (A21+A22)·B11         M5 = (A11+A12)·B22   M7 = (A12-A22)·(B21+B22)
//	M3 = A11·(B12-B22)
//
// Depth is cut in the middle. Of columns, two neighbouring panels make a pair. Of
// rows, r and r + half make a pair within each picture, so that its result does not
// depend on those beside it; an odd row is paired with zeros.
//
// A task is a block of pairs of rows, whose left operands, a slice of depth at a time,
// stay in the second-level cache, and a group of pairs of panels. Right operands are
// added up in the inner loop, where that takes no time.
//
// Sums in short chains have digits to spare, and sums of operands spend some: the error
// is 1.6 times that of tiled, and two thirds to four fifths of PyTorch's. It is relative
// to the larger of two rows, and to the larger half of depth.
type strassen struct {
	*tiled
	half   int // of depth
	pairs  int // of rows of a picture
	slice  int // products at a time
	stride int // from row to row of left operands
	wide   int // room for quarters of B that are to be widened
	blocks int // of pairs of rows
	most   int // pairs in a block
	groups int // of pairs of panels
}

const (
	strassenTokens  = 64      // rows of a picture, at least: fewer are not worth the sums
	strassenDepth   = 512     // elements
	strassenDeepest = 1 << 15 // units, as far as a row has room in the arena
	strassenSlice   = 640     // at most

	lefts = 7 // left operands, and products
)

// rightOperands are the quarters of B, in the order 11, 12, 21, 22, that each product
// multiplies: one, or two and how they are joined.
var rightOperands = [lefts]struct {
	join  byte
	b, of int
}{{'+', 0, 3}, {b: 0}, {'-', 1, 3}, {'-', 2, 0}, {b: 3}, {'+', 0, 1}, {'+', 2, 3}}

// halves reports whether t can be halved each way, and is worth it.
func (t *tiled) halves() bool {
	return t.tokens >= strassenTokens && t.m%t.tokens == 0 && t.depth*t.by.per >= strassenDepth && t.depth <= strassenDeepest &&
		t.depth%(2*t.k.lanes) == 0 && t.n%(2*t.by.cols) == 0 &&
		(t.panels != nil && !t.cut || t.short != nil) && t.exact == nil
}

func (s *strassen) run(p *Pool) {
	s.plan(p.Threads())
	p.Run(s.blocks*s.groups, s)
}

// plan decides on blocks, slices and groups, so that a task fits the arena. Results do
// not depend on the number of threads.
func (s *strassen) plan(threads int) {
	rows, cols := s.by.rows(), s.by.cols
	s.half, s.pairs = s.depth/2, blocks(s.tokens, 2)
	s.slice = blocks(blocks(s.half, blocks(s.half, strassenSlice)), chain) * chain
	s.stride = s.slice + rowPad
	room := blockSize
	if s.short != nil {
		s.wide = 4 * s.slice * cols
		room = min(room, arenaSize-arenaSize/8-s.depth-s.wide)
	}
	s.blocks = blocks(s.rowPairs(), max(1, room/(lefts*s.stride*rows))*rows)
	s.most = blocks(s.rowPairs(), s.blocks)
	s.groups = s.panelPairs()
	if s.slice < s.half { // left operands are made anew in each task, and products wait for the last slice
		room = arenaSize - s.most*lefts*s.stride - rows*cols - s.depth - s.wide
		s.groups = max(blocks(s.groups, room/(lefts*s.most*cols)), min(s.groups, blocks(2*threads, s.blocks)))
	}
}

func (s *strassen) rowPairs() int   { return s.m / s.tokens * s.pairs }
func (s *strassen) panelPairs() int { return s.n / (2 * s.by.cols) }

// rows are those of a pair, and whether the second is there.
func (s *strassen) rows(pair int) (x, y int, both bool) {
	in := pair % s.pairs
	x = pair/s.pairs*s.tokens + in
	return x, x + s.pairs, in+s.pairs < s.tokens
}

// quarters are where products k0 and on of B11, B12, B21 and B22 begin, for a pair of
// panels.
func (s *strassen) quarters(j, k0 int) (b [4]unsafe.Pointer) {
	for i := range b {
		b[i] = s.sliceOf(2*j+i%2, i/2*s.half+k0)
	}
	return b
}

// Do computes some task: which, is for claim to say.
func (s *strassen) Do(worker, _ int) {
	t := strassenTask{strassen: s}
	t.start(worker)
	for k0 := 0; k0 < s.half; k0 += s.slice {
		t.cutRows(k0)
		for j := t.j0; j < t.j1; j++ {
			t.multiply(j, k0, t.after(j, k0))
		}
	}
}
