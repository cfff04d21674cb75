package gemm

import (
	"unsafe"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// Weights are float32, in panels. They become float64 between the multiplications of leaves, as
// do their differences, so that a worker's memory need not have all of B.

// quarter is a part of B, as weights: its first leaf.
type quarter struct{ row, col int }

// multiplyWeight is multiply for a part of B that is still in panels. Three quarters of it are in
// the worker's memory at a time.
func (t *deepTask) multiplyWeight(c []float64, b quarter, steps, leaf int, room pool.Scratch[float64]) {
	if steps == 0 {
		p := t.widened(room.Cut(t.leafB()), 1, b)
		for p.next < p.count {
			d := t.piece(&p, 0)
			d.Finish()
		}
		t.leaf(c, p.to, leaf)
		return
	}
	half := 1 << (steps - 1)
	b11, b12, b21, b22 := b, quarter{b.row, b.col + half}, quarter{b.row + half, b.col}, quarter{b.row + half, b.col + half}
	c11, c12, c21, c22 := quartersOf(c)
	size := half * half * t.leafB()
	x, y, z := room.Cut(size), room.Cut(size), room.Cut(size)
	p2, p3, p7 := room.Cut(len(c11)), room.Cut(len(c11)), room.Cut(len(c11))
	each := func(product int, c, b []float64) {
		t.multiply(c, b, steps-1, lefts*leaf+product, room)
		t.finishPieces(steps)
	}
	next, weights := &t.beside[steps-1], &t.pieces[steps-1]
	*weights = t.widened(x, half, b22)
	t.multiplyWeight(c11, b11, steps-1, lefts*leaf, room)
	t.finishPieces(steps)
	*weights = t.difference(y, half, b22, b12)
	each(2, p3, x)
	*weights = t.difference(z, half, b12, b11)
	each(6, p7, y)
	*next = kernel.NewDifference(x, x, z)
	each(4, c12, z)
	*weights = t.widened(y, half, b21)
	each(5, c22, x)
	*next = kernel.NewDifference(z, x, y)
	each(1, p2, y)
	each(3, c21, z)
	joinDeep(c11, c12, c21, c22, p2, p3, p7)
}

// pieces are x or x - y, of quarters of B that many leaves wide, that are still to be made: a panel
// of a leaf, a piece, in the order of the weights.
type pieces struct {
	to          []float64
	side        int
	x, y        quarter
	differ      bool
	next, count int
}

// widened is to = x.
func (t *deepTask) widened(to []float64, side int, x quarter) pieces {
	return pieces{to: to, side: side, x: x, count: side * side * t.panels}
}

// difference is to = x - y.
func (t *deepTask) difference(to []float64, side int, x, y quarter) pieces {
	return pieces{to: to, side: side, x: x, y: y, differ: true, count: side * side * t.panels}
}

// piece is the next one. Slices that have to be widened first are so in the room of a step.
func (t *deepTask) piece(p *pieces, step int) kernel.Difference {
	row, panel, col := p.next%p.side, p.next/p.side%t.panels, p.next/p.side/t.panels
	each := t.leafDepth * t.tiles.Cols
	to := p.to[t.place(row, col)*t.leafB()+panel*each:][:each]
	p.next++
	room := t.values[2*step*each:]
	x, y := t.weights(room, quarter{p.x.row + row, p.x.col + col}, panel), unsafe.Pointer(nil)
	if p.differ {
		y = t.weights(room[each:], quarter{p.y.row + row, p.y.col + col}, panel)
	}
	return kernel.Widened(to, x, y)
}

// weights is a panel of a leaf of B, in room where it is not float32.
func (t *deepTask) weights(room []float32, b quarter, panel int) unsafe.Pointer {
	from := t.sliceOf(t.panelOf(b.col, panel), (t.chunk*t.side+b.row)*t.leafDepth)
	if t.short == nil {
		return from
	}
	t.widen(kernel.At(room, 0), from, t.leafDepth*t.tiles.Cols)
	return kernel.At(room, 0)
}

// refill has leaves make the next pieces.
func (t *deepTask) refill() {
	for i := range t.steps {
		if p := &t.pieces[i]; p.next < p.count && t.beside[i].Left() == 0 {
			t.beside[i] = t.piece(p, i)
		}
	}
}

// finishPieces makes what leaves have not, of right operands.
func (t *deepTask) finishPieces(steps int) {
	d, p := &t.beside[steps-1], &t.pieces[steps-1]
	for d.Finish(); p.next < p.count; d.Finish() {
		*d = t.piece(p, steps-1)
	}
}
