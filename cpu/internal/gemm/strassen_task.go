package gemm

import (
	"unsafe"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// strassenTask is a block of upper rows for a group of double panels.
type strassenTask struct {
	*strassen
	first, count int  // upper rows
	j0, j1       int  // double panels
	ready        bool // the left operands are there: the worker made them for another group

	left     []float32 // (lefts, count, stride)
	products []float32 // (group, lefts, count, cols), or of a tile where there is one slice
	zeros    []float32 // (depth)
	quarter  []float32 // (4, slice, cols), quarters of B that have been widened
	rights   []float32 // (joinedRights, slice, cols), right operands that the first tile of rows has kept
	two      *kernel.TwoPanels
	partial  unsafe.Pointer
}

// start claims a task for a worker.
func (t *strassenTask) start(worker int) {
	block, group := t.pool.Claim(worker, t.blocks, t.groups)
	t.first, t.count = pool.Portion(t.upperRows(), t.blocks, block)
	first, count := pool.Portion(t.doublePanels(), t.groups, group)
	t.j0, t.j1 = first, first+count

	t.ready = t.pool.Holds(worker, block) && t.slice >= t.half
	memory := pool.Scratch[float32](t.pool.Memory(worker))
	t.left, t.zeros = memory.Cut(lefts*t.most*t.stride), memory.Cut(t.Depth)
	t.partial = kernel.At(memory.Cut(t.tiles.MostRows()*t.tiles.Cols), 0)
	t.quarter = memory.Cut(t.widened)
	if t.tiles.KeepsPanel {
		t.two = (*kernel.TwoPanels)(kernel.At(memory.Cut(twoPanelsRoom), 0))
		t.rights = memory.Cut(t.kept - twoPanelsRoom)
	}
	t.products = memory
}

// after is the slice of B that comes after another.
func (t *strassenTask) after(j, k0 int) [4]unsafe.Pointer {
	switch {
	case j+1 < t.j1:
		return t.quarters(j+1, k0)
	case k0+t.slice < t.half:
		return t.quarters(t.j0, k0+t.slice)
	}
	return t.quarters(t.j1%t.doublePanels(), 0) // of the next group
}

// leftOperands makes the left operands of a slice.
func (t *strassenTask) leftOperands(k0 int) {
	if t.ready {
		return
	}
	n := min(t.slice, t.half-k0)
	for r := range t.count {
		x, second, size := t.operands(r)
		if r+1 < t.count {
			nextX, nextSecond, _ := t.operands(r + 1)
			t.Table.Prefetch(unsafe.Add(nextX, size*k0), size*t.half, 2, size*n)
			t.Table.Prefetch(unsafe.Add(nextSecond, size*k0), size*t.half, 2, size*n)
		}
		t.tiles.LeftOperands(kernel.At(t.left, r*t.stride), 4*t.count*t.stride, unsafe.Add(x, size*k0), unsafe.Add(second, size*k0), size*t.half, n)
	}
}

// operands are the rows of A of the block's upper row r and of the lower row that goes
// with it, in words of so many bytes.
func (t *strassenTask) operands(r int) (x, second unsafe.Pointer, size int) {
	i, j, both := t.rows(t.first + r)
	x, size = t.rowOf(i)
	if !both {
		clear(t.zeros)
		return x, kernel.At(t.zeros, 0), size
	}
	second, _ = t.rowOf(j)
	return x, second, size
}

// multiply adds a slice to the products of a double panel, and finishes them if it is the
// last. Its first calls fetch the slice of B that begins at next.
func (t *strassenTask) multiply(j, k0 int, next [4]unsafe.Pointer) {
	k, cols, kn := t.tiles, t.tiles.Cols, min(t.slice, t.half-k0)
	b := t.quarters(j, k0)
	tiles, calls, each := pool.Blocks(t.count, k.MostRows()), 0, 4*cols/fetchStep // calls that fetch a quarter
	if t.short != nil {
		each = max(1, each/2)
		for i := range b {
			to := kernel.At(t.quarter, i*t.slice*cols)
			t.widen(to, b[i], kn*cols)
			b[i] = to
		}
	}
	for i, r := 0, 0; i < tiles; i++ {
		m := pool.Share(t.count, tiles, i)
		sums, apart := kernel.At(t.products, 0), 4*m*cols
		if t.slice < t.half {
			sums, apart = kernel.At(t.products, ((j-t.j0)*lefts*t.count+r)*cols), 4*t.count*cols
		}
		if k0+kn == t.half && t.low == nil {
			t.fetchResults(j, t.first+r, m)
		}
		for o, right := range rightOperands {
			fetch := uintptr(b[0])
			if calls < len(next)*each {
				fetch = uintptr(next[calls/each]) + uintptr(calls%each*kn*fetchStep)
			}
			calls++
			gemm, panel, other := k.GemmRows[m], b[right.b], unsafe.Pointer(nil)
			switch {
			case right.join == 0:
			case k.KeepsPanel && i > 0:
				panel = t.keptPanel(right.i)
			default:
				if gemm, other = k.GemmRowsPlus[m], b[right.of]; right.join == '-' {
					gemm = k.GemmRowsMinus[m]
				}
				if k.KeepsPanel {
					*t.two = kernel.TwoPanels{Other: uintptr(other), Kept: uintptr(t.keptPanel(right.i))}
					other = unsafe.Pointer(t.two)
				}
			}
			gemm(kn, kernel.At(t.left, (o*t.count+r)*t.stride), 4*t.stride, panel, unsafe.Add(sums, o*apart), min(k0, 1), t.partial, other, fetch)
		}
		if k0+kn == t.half {
			k.JoinProducts(sums, apart, m*cols)
			t.finishRows(j, t.first+r, m, sums, apart)
		}
		r += m
	}
}

// keptPanel is where the first tile of rows keeps a right operand of two.
func (t *strassenTask) keptPanel(i int) unsafe.Pointer {
	return kernel.At(t.rights, i*t.slice*t.tiles.Cols)
}

// finishRows makes elements of C, for a double panel, of n upper rows from one on and of
// the lower rows that go with them: of four tiles, apart bytes apart.
func (t *strassenTask) finishRows(j, upper, n int, tiles unsafe.Pointer, apart int) {
	for n > 0 {
		in := upper % t.upper
		x, y, _ := t.rows(upper)
		here := min(n, t.upper-in) // in this image
		both := min(here, t.Tokens-t.upper-in)
		for i := range 2 {
			t.finish(2*j+i, x, here, unsafe.Add(tiles, i*apart))
			if both > 0 {
				t.finish(2*j+i, y, both, unsafe.Add(tiles, (2+i)*apart))
			}
		}
		upper, n, tiles = upper+here, n-here, unsafe.Add(tiles, 4*here*t.tiles.Cols)
	}
}

// fetchResults brings closer what finishRows writes.
func (t *strassenTask) fetchResults(j, upper, n int) {
	x, y, both := t.rows(upper)
	for i := range 2 {
		t.fetchResult(2*j+i, x, n)
		if both {
			t.fetchResult(2*j+i, y, min(n, t.M-y))
		}
	}
}
