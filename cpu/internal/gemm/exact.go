package gemm

import (
	"unsafe"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// A product in float64 is of operands in float32. Its kernels convert them as they multiply, which takes no time where
// conversions have pipes of their own. Where they have not, and several tiles read an operand, it becomes float64 once: the
// rows of a task for all its panels, and a slice of a panel for all tiles of the task.

// wideSlice is how many products of a panel become float64 at a time: 24 KiB where a panel has eight columns, so
// that they stay in the first-level cache.
const wideSlice = 384

// wideRow is the room in a worker's memory, in float32, for a row of A in float64.
func (t *Product) wideRow() int { return 2*t.Depth + rowPad }

// widenExact decides whether operands become float64 once, and then on slices and on blocks that fit. There must be
// several panels, and several tiles of rows. Of a worker's memory there is so much room, of which a row takes each.
func (t *Product) widenExact(room, each int) {
	if t.wide = t.Exact != nil && t.Table.ExactWide != nil && t.M >= len(t.Table.ExactWide) && t.count > 1 && t.Depth > 0; !t.wide {
		return
	}
	rows := len(t.Table.ExactWide) - 1
	most := min((room-2*wideSlice*t.tiles.Cols)/(each+t.wideRow()), blockSize/t.wideRow()) / rows * rows
	if t.wide = most > rows; t.wide {
		t.slice, t.block = min(t.slice, wideSlice), min(t.block, most)
	}
}

// widenRows makes rows of A, which are n, float64.
func (t *Product) widenRows(w *work, n int) {
	for r := range n {
		t.Table.ToFloat64(kernel.At(w.wide, r*t.wideRow()), kernel.At(w.a, r*w.lda), t.Depth)
	}
}

// exactPanel is panel in float64.
func (t *Product) exactPanel(w *work, j, r0, r1 int) {
	k, rows := t.Table, r1-r0
	cols := t.tiles.Cols
	sums := unsafe.Slice((*float64)(kernel.At(w.sums, 0)), rows*cols)
	tiles := pool.Blocks(rows, len(k.Exact)-1)
	for k0 := 0; k0 == 0 || k0 < t.Depth; k0 += t.slice {
		kn := min(t.slice, t.Depth-k0)
		b := t.panelSlice(w, j, k0, kn)
		if t.wide {
			k.ToFloat64(kernel.At(w.widePanel, 0), b, kn*cols)
			b = kernel.At(w.widePanel, 0)
		}
		for i, r := 0, 0; i < tiles; i++ {
			m := pool.Share(rows, tiles, i)
			sum, add := unsafe.Pointer(&sums[r*cols]), min(k0, 1)
			if t.wide {
				k.ExactWide[m](kn, kernel.At(w.wide, r*t.wideRow()+2*k0), 4*t.wideRow(), b, sum, add)
			} else {
				k.Exact[m](kn, kernel.At(w.a, r*w.lda+k0), 4*w.lda, b, sum, add)
			}
			r += m
		}
	}
	col := (t.first + j) * cols
	for r := range rows {
		t.Exact.Finish(sums[r*cols:][:min(cols, t.N-col)], (r0+r)*t.N, col)
	}
}
