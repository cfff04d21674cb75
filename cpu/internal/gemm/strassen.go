package gemm

import (
	"unsafe"

	"cradio/cpu/internal/pool"
)

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
// Depth is cut in the middle. Columns are cut by panels: the left half has every first of
// two neighbouring panels, a double panel. Rows are cut in the middle of each image, so
// that its result does not depend on the other images. Row r of the upper half goes with
// row r of the lower one, or with zeros if the image has an odd number of rows.
//
// A task is a block of rows of the upper half, whose left operands, a slice of depth at a
// time, stay in the second-level cache, and a group of double panels. Right operands are
// added up in the inner loop, where that takes no time; or by the first tile of rows alone,
// which keeps them for the others, where it does.
//
// Sums in short chains have digits to spare, and sums of operands spend some: the error
// is 1.6 times that of Product, and two thirds to four fifths of PyTorch's. It is relative
// to the larger of two rows, and to the larger half of depth.
type strassen struct {
	*Product
	half    int // of depth
	upper   int // rows of the upper half of an image
	slice   int // products at a time
	stride  int // from row to row of left operands
	widened int // room for quarters of B that are to be widened
	kept    int // and for right operands that the first tile of rows keeps
	blocks  int // of upper rows
	most    int // upper rows in a block
	groups  int // of double panels
}

const (
	strassenTokens  = 64      // rows of an image, at least: fewer are not worth the sums
	strassenDepth   = 512     // elements
	strassenDeepest = 1 << 15 // words, as far as a row has room in the worker's memory
	strassenSlice   = 640     // at most
	strassenSlow    = 4       // times as long may a slow worker take for a task
	strassenLefts   = 2       // columns, by instructions

	twoPanelsRoom = 16 // float32 for a kernel.TwoPanels

	lefts = 7 // left operands, and products
)

// rightOperands are the quarters of B, in the order 11, 12, 21, 22, that each product
// multiplies: one, or two and how they are joined, and which of those it is.
var rightOperands = [lefts]struct {
	join     byte
	b, of, i int
}{{'+', 0, 3, 0}, {b: 0}, {'-', 1, 3, 1}, {'-', 2, 0, 2}, {b: 3}, {'+', 0, 1, 3}, {'+', 2, 3, 4}}

const joinedRights = 5 // of them

// halves reports whether t can be halved each way, and is worth it.
func (t *Product) halves() bool {
	return t.Tokens >= strassenTokens && t.M%t.Tokens == 0 && t.Depth*t.tiles.PerWord >= strassenDepth && t.Depth <= strassenDeepest &&
		t.Depth%(2*t.Table.Lanes) == 0 && t.N%(2*t.tiles.Cols) == 0 && t.count%2 == 0 && !t.ByCols &&
		(t.panels != nil && !t.split || t.short != nil) && t.Exact == nil && t.tiles.Halve()
}

func (s *strassen) run(p *pool.Pool) {
	s.plan(p.Threads())
	p.Run(s.blocks*s.groups, s)
}

// plan decides on blocks, slices and groups, so that a task fits the worker's memory.
// Results do not depend on the number of threads.
func (s *strassen) plan(threads int) {
	rows, cols := s.tiles.MostRows(), s.tiles.Cols
	s.half, s.upper = s.Depth/2, pool.Blocks(s.Tokens, 2)
	s.slice = pool.Blocks(pool.Blocks(s.half, pool.Blocks(s.half, strassenSlice)), chain) * chain
	s.stride = s.slice + rowPad
	room := blockSize
	s.widened, s.kept = 0, 0
	if s.tiles.KeepsPanel {
		s.kept = twoPanelsRoom + joinedRights*s.slice*cols
	}
	if s.short != nil {
		s.widened = 4 * s.slice * cols
		room = min(room, pool.ArenaSize-pool.ArenaSize/8-s.Depth-s.widened-s.kept)
	}
	s.blocks = pool.Blocks(s.upperRows(), max(1, room/(lefts*s.stride*rows))*rows)
	s.most = pool.Blocks(s.upperRows(), s.blocks)
	s.groups = s.doublePanels()
	if s.slice < s.half { // left operands are made anew in each task, and products wait for the last slice
		room = pool.ArenaSize - s.most*lefts*s.stride - rows*cols - s.Depth - s.widened - s.kept
		s.groups = s.balanced(threads, pool.Blocks(s.groups, room/(lefts*s.most*cols)))
	}
}

// balanced is the number of groups, least or more, with which workers of one speed are done first. There are tasks enough
// for all others while a slow worker (on an efficiency core) does one. More tasks make left operands more often, which
// takes as long as multiplying strassenLefts columns.
func (s *strassen) balanced(threads, least int) (groups int) {
	panels, best := s.doublePanels(), 0
	for g := max(least, min(panels, pool.Blocks(strassenSlow*(threads-1), s.blocks))); g <= panels; g++ {
		time := pool.Blocks(s.blocks*g, threads) * (pool.Blocks(panels, g)*s.tiles.Cols + strassenLefts)
		if best == 0 || time < best {
			groups, best = g, time
		}
	}
	return groups
}

func (s *strassen) upperRows() int    { return s.M / s.Tokens * s.upper }
func (s *strassen) doublePanels() int { return s.count / 2 }

// rows are an upper row and the lower one that goes with it, and whether that is there.
func (s *strassen) rows(upper int) (x, y int, both bool) {
	in := upper % s.upper
	x = upper/s.upper*s.Tokens + in
	return x, x + s.upper, in+s.upper < s.Tokens
}

// quarters are where products k0 and on of B11, B12, B21 and B22 begin, for a double
// panel.
func (s *strassen) quarters(j, k0 int) (b [4]unsafe.Pointer) {
	for i := range b {
		b[i] = s.sliceOf(2*j+i%2, i/2*s.half+k0)
	}
	return b
}

// Do computes one task: Claim says which.
func (s *strassen) Do(worker, _ int) {
	t := strassenTask{strassen: s}
	t.start(worker)
	for k0 := 0; k0 < s.half; k0 += s.slice {
		t.leftOperands(k0)
		for j := t.j0; j < t.j1; j++ {
			t.multiply(j, k0, t.after(j, k0))
		}
	}
}
