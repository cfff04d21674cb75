package cpu

import "unsafe"

// strassenTask is a block of pairs of rows for a group of pairs of panels.
type strassenTask struct {
	*strassen
	first, count int  // pairs of rows
	j0, j1       int  // pairs of panels
	ready        bool // the left operands are there: the worker made them for another group

	left     []float32 // (lefts, count, stride)
	products []float32 // (group, lefts, count, cols), or of a tile where there is one slice
	zeros    []float32 // (depth)
	wide     []float32 // (4, slice, cols), quarters of B that have been widened
	part     unsafe.Pointer
}

// start claims a task for a worker.
func (t *strassenTask) start(worker int) {
	block, group := t.pool.claim(worker, t.blocks, t.groups)
	t.first, t.count = portion(t.rowPairs(), t.blocks, block)
	first, count := portion(t.panelPairs(), t.groups, group)
	t.j0, t.j1 = first, first+count

	own := &t.pool.arenas[worker]
	t.ready = own.run == t.pool.runs && own.row == block && t.slice >= t.half
	own.run, own.row = t.pool.runs, block
	arena := carver[float32](own.memory)
	t.left, t.zeros = arena.cut(lefts*t.most*t.stride), arena.cut(t.depth)
	t.part = at(arena.cut(t.by.rows()*t.by.cols), 0)
	t.wide = arena.cut(t.strassen.wide)
	t.products = arena
}

// after is the slice of B that comes after another.
func (t *strassenTask) after(j, k0 int) [4]unsafe.Pointer {
	switch {
	case j+1 < t.j1:
		return t.quarters(j+1, k0)
	case k0+t.slice < t.half:
		return t.quarters(t.j0, k0+t.slice)
	}
	return t.quarters(t.j1%t.panelPairs(), 0) // of the next group
}

// cutRows makes the left operands of a slice.
func (t *strassenTask) cutRows(k0 int) {
	if t.ready {
		return
	}
	n := min(t.slice, t.half-k0)
	for r := range t.count {
		x, second, unit := t.operands(r)
		if r+1 < t.count {
			nextX, nextSecond, _ := t.operands(r + 1)
			t.k.fetch(unsafe.Add(nextX, unit*k0), unit*t.half, 2, unit*n)
			t.k.fetch(unsafe.Add(nextSecond, unit*k0), unit*t.half, 2, unit*n)
		}
		t.by.leftOperands(at(t.left, r*t.stride), 4*t.count*t.stride, unsafe.Add(x, unit*k0), unsafe.Add(second, unit*k0), unit*t.half, n)
	}
}

// operands are the rows of A of the block's pair r, in units of so many bytes.
func (t *strassenTask) operands(r int) (x, second unsafe.Pointer, unit int) {
	i, j, both := t.rows(t.first + r)
	x, unit = t.rowOf(i)
	if !both {
		clear(t.zeros)
		return x, at(t.zeros, 0), unit
	}
	second, _ = t.rowOf(j)
	return x, second, unit
}

// multiply adds a slice to the products of a pair of panels, and finishes them if it is
// the last. Its first calls fetch the slice of B that begins at next.
func (t *strassenTask) multiply(j, k0 int, next [4]unsafe.Pointer) {
	k, cols, kn := t.by, t.by.cols, min(t.slice, t.half-k0)
	b := t.quarters(j, k0)
	tiles, calls, turns := blocks(t.count, k.rows()), 0, 4*cols/cacheLine // calls that fetch a quarter
	if t.short != nil {
		turns = max(1, turns/2)
		for i := range b {
			to := at(t.wide, i*t.slice*cols)
			t.widen(to, b[i], kn*cols)
			b[i] = to
		}
	}
	for i, r := 0, 0; i < tiles; i++ {
		m := share(t.count, tiles, i)
		sums, apart := at(t.products, 0), 4*m*cols
		if t.slice < t.half {
			sums, apart = at(t.products, ((j-t.j0)*lefts*t.count+r)*cols), 4*t.count*cols
		}
		for o, right := range rightOperands {
			fetch := uintptr(b[0])
			if calls < len(next)*turns {
				fetch = uintptr(next[calls/turns]) + uintptr(calls%turns*kn*cacheLine)
			}
			calls++
			gemm, other := k.gemmRows[m], unsafe.Pointer(nil)
			switch right.join {
			case '+':
				gemm, other = k.gemmRowsPlus[m], b[right.of]
			case '-':
				gemm, other = k.gemmRowsMinus[m], b[right.of]
			}
			gemm(kn, at(t.left, (o*t.count+r)*t.stride), 4*t.stride, b[right.b], unsafe.Add(sums, o*apart), min(k0, 1), t.part, other, fetch)
		}
		if k0+kn == t.half {
			k.joinProducts(sums, apart, m*cols)
			t.finishPairs(j, t.first+r, m, sums, apart)
		}
		r += m
	}
}

// finishPairs makes elements of C, for a pair of panels, of n pairs of rows from pair
// on: of four tiles, apart bytes apart.
func (t *strassenTask) finishPairs(j, pair, n int, tiles unsafe.Pointer, apart int) {
	for n > 0 {
		in := pair % t.pairs
		x, y, _ := t.rows(pair)
		here := min(n, t.pairs-in) // in this picture
		both := min(here, t.tokens-t.pairs-in)
		for i := range 2 {
			t.finish(2*j+i, x, here, unsafe.Add(tiles, i*apart))
			if both > 0 {
				t.finish(2*j+i, y, both, unsafe.Add(tiles, (2+i)*apart))
			}
		}
		pair, n, tiles = pair+here, n-here, unsafe.Add(tiles, 4*here*t.by.cols)
	}
}
