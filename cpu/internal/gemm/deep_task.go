package gemm

import (
	"unsafe"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// Do multiplies a block of rows by a group of columns, and finishes them after the last chunk.
func (s *deep) Do(worker, i int) {
	n := min(s.section, s.groups()-s.group)
	t := deepTask{deep: s, block: s.block + i/n, group: s.group + i%n}
	memory := pool.Scratch[float64](doubles(s.pool.Memory(worker)))
	c := memory.Cut(s.sizeC())
	t.values = floats32(memory.Cut(max(s.side*s.panels, 2*deepSteps*s.leafDepth) * s.tiles.Cols / 2))
	t.multiplyWeight(c, quarter{}, s.steps, 0, memory)
	if s.chunks > 1 {
		sums := s.sums[(i/n*s.section+i%n)*s.sizeC():][:s.sizeC()]
		if s.chunk == 0 {
			copy(sums, c)
			return
		}
		add(sums, sums, c)
		c = sums
	}
	if s.chunk == s.chunks-1 {
		t.finishLeaves(c)
	}
}

// deepTask is a block of rows and a group of columns.
type deepTask struct {
	*deep
	block, group int
	values       []float32 // a row of C, or slices of panels

	beside kernel.Differences // right operands that leaves make on the way, of the last step first
	pieces [deepSteps]pieces  // and what comes after them, of weights
}

// panelOf is a panel of the leaves in a column of B or C.
func (t *deepTask) panelOf(col, panel int) int { return (t.group*t.side+col)*t.panels + panel }

// multiply computes c, of which leaf says which product of which it is, in steps.
func (t *deepTask) multiply(c, b []float64, steps, leaf int, room pool.Scratch[float64]) {
	if steps == 0 {
		t.leaf(c, b, leaf)
		return
	}
	c11, c12, c21, c22 := quartersOf(c)
	b11, b12, b21, b22 := quartersOf(b)
	right, other := room.Cut(len(b11)), room.Cut(len(b11))
	p2, p3, p7 := room.Cut(len(c11)), room.Cut(len(c11)), room.Cut(len(c11))
	each := func(product int, c, b []float64) { t.multiply(c, b, steps-1, lefts*leaf+product, room) }
	next := &t.beside[steps-1] // of the right operands
	*next = kernel.NewDifference(right, b22, b12)
	each(0, c11, b11)
	next.Finish()
	*next = kernel.NewDifference(other, b12, b11)
	each(1, p2, b21)
	each(2, p3, b22)
	each(6, p7, right)
	next.Finish()
	*next = kernel.NewDifference(right, b22, other)
	each(4, c12, other)
	next.Finish()
	*next = kernel.NewDifference(other, right, b21)
	each(5, c22, right)
	next.Finish()
	each(3, c21, other)
	joinDeep(c11, c12, c21, c22, p2, p3, p7)
}

// leaf computes c = a·b of a leaf.
func (t *deepTask) leaf(c, b []float64, leaf int) {
	a := kernel.At(t.leftOf(t.block, leaf), 0)
	for panel := range t.panels {
		t.refill()
		t.beside = t.tiles.Leaf(t.leafRows, t.leafDepth, a, kernel.At(b, panel*len(b)/t.panels), kernel.At(c, panel*len(c)/t.panels), t.beside)
	}
}

// joinDeep makes the quarters of C: in their places are P1, P5, P4 and P6.
func joinDeep(c11, c12, c21, c22, p2, p3, p7 []float64) {
	n := len(c11)
	c12, c21, c22, p2, p3, p7 = c12[:n], c21[:n], c22[:n], p2[:n], p3[:n], p7[:n]
	for i, p1 := range c11 {
		p5 := c12[i]
		u := p1 + c22[i]
		v := u + p7[i]
		c11[i] = p1 + p2[i]
		c12[i] = u + p5 + p3[i]
		c21[i] = v - c21[i]
		c22[i] = v + p5
	}
}

// finishLeaves makes elements of C of their sums: row by row, as they lie there.
func (t *deepTask) finishLeaves(c []float64) {
	first, count := t.rows(t.block)
	cols := t.tiles.Cols
	values := t.values[:t.side*t.panels*cols]
	var leaves [1 << deepSteps][]float64
	for row := range t.side {
		for col := range t.side {
			leaves[col] = c[t.place(row, col)*t.leafC():][:t.leafC()]
		}
		r := row * t.leafRows
		for i := range min(t.leafRows, count-r) {
			at := 0
			for _, leaf := range leaves[:t.side] {
				for from := i * cols; from < len(leaf); from += t.leafRows * cols {
					toFloats(values[at:at+cols], leaf[from:from+cols])
					at += cols
				}
			}
			t.finishGroup(t.group, first+r+i, values)
		}
	}
}

// quartersOf are a matrix's quarters 11, 12, 21 and 22.
func quartersOf(x []float64) (x11, x12, x21, x22 []float64) {
	n := len(x) / 4
	return x[:n], x[n : 2*n], x[2*n : 3*n], x[3*n : 4*n]
}

// fours are the elements of x, a multiple of four, four at a time: so they are added with few
// checks of bounds.
func fours[T float32 | float64](x []T) [][4]T {
	return unsafe.Slice((*[4]T)(unsafe.Pointer(unsafe.SliceData(x))), len(x)/4)
}

// add is y = a + b, of a multiple of four elements.
func add(y, a, b []float64) {
	to, x := fours(y), fours(a)
	x, z := x[:len(to)], fours(b)[:len(to)]
	for i := range to {
		u, v, w := &x[i], &z[i], &to[i]
		w[0], w[1], w[2], w[3] = u[0]+v[0], u[1]+v[1], u[2]+v[2], u[3]+v[3]
	}
}

// subtract is y = a - b, of a multiple of four elements.
func subtract(y, a, b []float64) {
	to, x := fours(y), fours(a)
	x, z := x[:len(to)], fours(b)[:len(to)]
	for i := range to {
		u, v, w := &x[i], &z[i], &to[i]
		w[0], w[1], w[2], w[3] = u[0]-v[0], u[1]-v[1], u[2]-v[2], u[3]-v[3]
	}
}

// toFloats is y = x, of a multiple of four elements.
func toFloats(y []float32, x []float64) {
	to, from := fours(y), fours(x)
	from = from[:len(to)]
	for i := range to {
		v, w := &from[i], &to[i]
		w[0], w[1], w[2], w[3] = float32(v[0]), float32(v[1]), float32(v[2]), float32(v[3])
	}
}
