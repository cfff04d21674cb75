package gemm

import (
	"unsafe"

	"cradio/cpu/internal/form"
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// deep is a large product by up to three steps of Strassen's algorithm, one within another, in
// float64: where a level multiplies one element at a time, those of float64 cost no more, and
// their sums lose nothing that a float32 has. It is Winograd's form, with 15 sums a step (On
// multiplication of 2 × 2 matrices, 1971):
//
//	S1 = A21+A22   S3 = A11-A21   T1 = B12-B11   T3 = B22-B12
//	S2 = S1-A11    S4 = A12-S2    T2 = B22-T1    T4 = T2-B21
//
//	P1 = A11·B11   P3 = S4·B22   P5 = S1·T1   P7 = S3·T3
//	P2 = A12·B21   P4 = A22·T4   P6 = S2·T2
//
//	C11 = P1+P2   C12 = P1+P6+P5+P3   C21 = P1+P6+P7-P4   C22 = P1+P6+P7+P5
//
// A leaf is what no step cuts further. A matrix lies in memory as its quarters 11, 12, 21, 22,
// each of which lies so, down to leaves: sums of quarters are sums of vectors.
//
// Rows are cut in blocks within an image, so that its result does not depend on the other
// images, depth in chunks. All workers make the left operands of the leaves for some blocks and
// a chunk; then each task multiplies a block by a group of columns.
type deep struct {
	*Product
	steps     int
	leaves    int // 7 to the power of steps
	side      int // leaves in a row or column of a matrix: 2 to the power of steps
	leafRows  int
	leafDepth int
	panels    int // of a leaf
	chunks    int // of depth
	perImage  int // blocks
	atOnce    int // blocks whose left operands there is room for
	section   int // groups of columns that there is room for sums of

	left  []float64 // (atOnce, leaves, leafRows, leafDepth), rows as Leaf takes them
	sums  []float64 // (atOnce, section, C of a block and group), where there are several chunks
	block int       // the first one
	count int       // of blocks
	group int
	chunk int
}

const (
	deepSteps    = len(kernel.Differences{})
	deepLeafRows = 20  // at least: fewer are not worth the sums
	deepDepth    = 32  // of a leaf, at least
	deepRows     = 320 // of a block, at most
	deepChunk    = 1024
	deepPanels   = 3                   // of a leaf, at most
	deepShared   = pool.PanelsSize / 2 // float64
	deepArena    = pool.DeepArenaSize / 2
)

// plan decides on steps, blocks and chunks, which do not depend on the number of threads, and
// reports whether t is computed so.
func (s *deep) plan(t *Product, threads int) bool {
	if t.tiles.Leaf == nil || t.Tokens <= 0 || t.M%t.Tokens != 0 || t.ByCols || t.Exact != nil || t.split || t.packing.panels != nil || t.panels == nil && t.short == nil {
		return false
	}
	*s = deep{Product: t, perImage: pool.Blocks(t.Tokens, deepRows), chunks: pool.Blocks(t.Depth, deepChunk)}
	rows, depth, panels := pool.Blocks(t.Tokens, s.perImage), t.Depth/s.chunks, t.N/t.tiles.Cols
	for s.steps = deepSteps; s.steps > 0; s.steps-- {
		s.side = 1 << s.steps
		s.leafRows, s.leafDepth = pool.Blocks(rows, s.side), depth/s.side
		for over := t.tiles.LeafRows; s.leafRows%over != 0 && s.leafRows%over != 2; {
			s.leafRows++
		}
		if s.leafRows >= deepLeafRows && s.leafDepth >= deepDepth && t.Depth%(4*s.chunks*s.side) == 0 && t.N%(t.tiles.Cols*s.side) == 0 {
			break
		}
	}
	if s.steps == 0 {
		return false
	}
	s.leaves = 1
	for range s.steps {
		s.leaves *= lefts
	}
	for s.panels = deepPanels; s.panels > 1; s.panels-- {
		if n := panels / s.side; n%s.panels == 0 && n/s.panels >= 3*threads && s.room() <= deepArena {
			break
		}
	}
	left := s.leaves * s.leafRows * s.leafDepth
	s.section = s.groups()
	each := left
	if s.chunks > 1 {
		s.section = min(s.section, (deepShared-left)/s.sizeC())
		each += s.section * s.sizeC()
	}
	if s.section <= 0 || each > deepShared || s.room() > deepArena {
		return false
	}
	s.atOnce = min(s.blocks(), deepShared/each)
	return true
}

func (s *deep) blocks() int { return s.M / s.Tokens * s.perImage }
func (s *deep) groups() int { return s.N / (s.tiles.Cols * s.side * s.panels) }

// leafC and leafB are the sizes of leaves, sizeC and sizeB of a task's matrices.
func (s *deep) leafC() int { return s.leafRows * s.panels * s.tiles.Cols }
func (s *deep) leafB() int { return s.leafDepth * s.panels * s.tiles.Cols }
func (s *deep) sizeC() int { return s.side * s.side * s.leafC() }
func (s *deep) sizeB() int { return s.side * s.side * s.leafB() }

// room is the size in float64 of what a worker needs: C and three temporary quarters of it for
// each step, quarters of B for each step, and a row or slices of panels in float32.
func (s *deep) room() int {
	return 2*s.sizeC() + s.sizeB() + max(s.side*s.panels, 2*deepSteps*s.leafDepth)*s.tiles.Cols/2
}

func (s *deep) run(p *pool.Pool) {
	memory := pool.Scratch[float64](doubles(p.TakePanels()))
	defer p.ReturnPanels()
	s.left = memory.Cut(s.atOnce * s.leaves * s.leafRows * s.leafDepth)
	s.sums = memory
	for s.block = 0; s.block < s.blocks(); s.block += s.atOnce {
		s.count = min(s.atOnce, s.blocks()-s.block)
		for s.group = 0; s.group < s.groups(); s.group += s.section {
			n := min(s.section, s.groups()-s.group)
			for s.chunk = 0; s.chunk < s.chunks; s.chunk++ {
				p.Run((*deepLefts)(s).pieces(), (*deepLefts)(s))
				p.Run(s.count*n, s)
			}
		}
	}
}

// doubles is the memory of x as float64.
func doubles(x []float32) []float64 {
	return unsafe.Slice((*float64)(unsafe.Pointer(unsafe.SliceData(x))), len(x)/2)
}

// rows are those of A that a block has.
func (s *deep) rows(block int) (first, count int) {
	first, count = pool.Portion(s.Tokens, s.perImage, block%s.perImage)
	return block/s.perImage*s.Tokens + first, count
}

// place is where the leaf in a row and column of a matrix lies: their bits in turn.
func (s *deep) place(row, col int) (at int) {
	for i := s.steps - 1; i >= 0; i-- {
		at = 4*at + 2*(row>>i&1) + col>>i&1
	}
	return at
}

// leftOf is a left operand.
func (s *deep) leftOf(block, leaf int) []float64 {
	n := s.leafRows * s.leafDepth
	return s.left[((block-s.block)*s.leaves+leaf)*n:][:n]
}

// deepLefts is the task of making left operands: of rows that lie side by side in each leaf, and a
// part of its depth, a piece. Side by side they are one vector.
type deepLefts deep

// parts are those that the depth of a leaf is cut in.
func (t *deepLefts) parts() int {
	if t.leafDepth%16 == 0 {
		return 4
	}
	return 1
}

func (t *deepLefts) pieces() int {
	return t.count * pool.Blocks(t.leafRows, t.tiles.LeafRows) * t.parts()
}

// room is the size in float64 of what a worker needs: A, two temporary quarters of it for each step,
// and a row of a leaf in float32.
func (t *deepLefts) room() int {
	n := t.leafDepth / t.parts()
	return t.side*t.side*n*t.tiles.LeafRows*4/3 + n
}

func (t *deepLefts) Do(worker, i int) {
	s := (*deep)(t)
	i, part := i/t.parts(), i%t.parts()
	groups := pool.Blocks(s.leafRows, s.tiles.LeafRows)
	block, row := s.block+i/groups, i%groups*s.tiles.LeafRows
	beside := min(s.tiles.LeafRows, s.leafRows-row)
	first, count := s.rows(block)
	memory := pool.Scratch[float64](doubles(s.pool.Memory(worker)))
	n := s.leafDepth / t.parts()
	x, values := memory.Cut(s.side*s.side*n*beside), floats32(memory.Cut(n))
	values, zeros := values[:n], values[n:]
	clear(zeros)
	for r := range s.side {
		for c := range s.side {
			to := x[s.place(r, c)*n*beside:][:n*beside]
			for q := range beside {
				from := zeros
				if in := r*s.leafRows + row + q; in < count {
					from = s.row(values, first+in, (s.chunk*s.side+c)*s.leafDepth+part*n)
				}
				for j, v := range from {
					to[j*beside+q] = float64(v)
				}
			}
		}
	}
	s.lefts(x, s.steps, 0, memory, func(leaf int) []float64 {
		return s.leftOf(block, leaf)[row*s.leafDepth+part*n*beside:][:n*beside]
	})
}

// floats32 is the memory of x as float32.
func floats32(x []float64) []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(x))), 2*len(x))
}

// row is columns k0 and on of a row of A, as many as room has: there if A has to be converted.
func (s *deep) row(room []float32, r, k0 int) []float32 {
	if s.low != nil {
		form.GetRow(s.Table, s.low.X, r, k0, room)
		return room
	}
	return s.A[r*s.Depth+k0:][:len(room)]
}

// lefts makes the left operands of x, which steps cut, in the order of the products.
func (s *deep) lefts(x []float64, steps, leaf int, room pool.Scratch[float64], to func(leaf int) []float64) {
	a11, a12, a21, a22 := quartersOf(x)
	leaf *= lefts
	if steps == 1 {
		copy(to(leaf), a11)
		copy(to(leaf+1), a12)
		copy(to(leaf+3), a22)
		s1, s2 := to(leaf+4), to(leaf+5)
		add(s1, a21, a22)
		subtract(s2, s1, a11)
		subtract(to(leaf+2), a12, s2)
		subtract(to(leaf+6), a11, a21)
		return
	}
	sum := room.Cut(len(a11))
	each := func(product int, v []float64) { s.lefts(v, steps-1, leaf+product, room, to) }
	each(0, a11)
	each(1, a12)
	each(3, a22)
	add(sum, a21, a22)
	each(4, sum)
	subtract(sum, sum, a11)
	each(5, sum)
	subtract(sum, a12, sum)
	each(2, sum)
	subtract(sum, a11, a21)
	each(6, sum)
}
