package gemm

import (
	"math"
	"sync/atomic"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// packing is the task of packing an operand B of N columns in panels, a panel a piece: a
// weight once, or what changes for one product.
type packing struct {
	table  *kernel.Table
	pool   *pool.Pool
	b      []float32 // (cols, depth) if byRows, else (depth, cols)
	byRows bool
	cols   int
	depth  int
	first  int // the panel that panels begins with

	panels  []float32
	rounded bool    // to bfloat16, see rounded.go
	split   bool    // for AMX tiles, see split.go
	least   float32 // magnitude of a column that is split, if it is not zero
	beyond  uint32  // 1 if a column is beyond the limits: nothing may be split
	count   int     // panels to pack
}

// panelSize is the size in float32 of a panel.
func (t *packing) panelSize() int {
	if t.rounded {
		return roundedWords(t.depth) * kernel.TileCols
	}
	if t.split {
		return splitPanelSize(t.depth)
	}
	return t.table.Float32.Cols * t.depth
}

// run packs so many panels, split if their columns are within the limits, and reports
// whether they are split.
func (t *packing) run(panels int) (split bool) {
	t.count = panels
	t.pack()
	if atomic.SwapUint32(&t.beyond, 0) != 0 {
		t.split = false
		t.pack()
	}
	return t.split
}

func (t *packing) pack() {
	if t.byRows || t.rounded || t.split {
		t.pool.Run(t.count, t)
		return
	}
	t.pool.Run(pool.Blocks(t.count, panelsOfRows)*pool.Blocks(t.depth, rowsOfTask), (*packRows)(t))
}

// packRows packs some rows of B in neighbouring panels: a few rows at a time, so that what lies side by side in
// memory is read soon after.
type packRows packing

const (
	panelsOfRows = 8 // panels of a task
	rowsOfTask   = 256
	rowsAtATime  = 16
)

func (t *packRows) Do(_, i int) {
	p := (*packing)(t)
	groups, cols := pool.Blocks(t.count, panelsOfRows), t.table.Float32.Cols
	j0, j1 := pool.Span(i%groups, panelsOfRows, t.count)
	k0, k1 := pool.Span(i/groups, rowsOfTask, t.depth)
	from, to := (t.first+j0)*cols, min((t.first+j1)*cols, t.cols)
	for k := k0; k < k1; k += rowsAtATime {
		if after := k + rowsAtATime; after < k1 {
			t.table.Prefetch(kernel.At(t.b, after*t.cols+from), 4*t.cols, min(rowsAtATime, k1-after), 4*(to-from))
		}
		for j := j0; j < j1; j++ {
			p.slice(t.panels[j*p.panelSize()+k*cols:], cols, j, k, min(rowsAtATime, k1-k))
		}
	}
}

// Do packs a panel.
func (t *packing) Do(worker, j int) {
	if t.rounded {
		t.roundPanel(worker, j)
		return
	}
	if t.split {
		t.splitPanel(worker, j)
		return
	}
	t.slice(t.panels[j*t.panelSize():], t.table.Float32.Cols, j, 0, t.depth)
}

// slice writes products [k0, k0+n) of panel j, which is so many columns wide.
func (t *packing) slice(dst []float32, width, j, k0, n int) {
	col := (t.first + j) * width
	have := min(width, t.cols-col)
	if t.byRows {
		t.table.PackPanel(width, dst, t.b[col*t.depth+k0:], t.depth, have, n)
		return
	}
	if have < width {
		clear(dst[:n*width])
	}
	if n > 0 {
		t.table.CopyRows(kernel.At(dst, 0), 4*width, kernel.At(t.b, k0*t.cols+col), 4*t.cols, n, have)
	}
}

// splitSteps is how much of a panel is split at a time.
const splitSteps = 8

// splitPanel packs and splits a panel.
func (t *packing) splitPanel(worker, j int) {
	const cols = kernel.TileCols
	dst := t.panels[j*t.panelSize():]
	memory := pool.Scratch[float32](t.pool.Memory(worker))
	tops, panel := memory.Cut(cols), memory.Cut(splitSteps*kernel.SplitDepth*cols)
	clear(tops)
	for k0 := 0; k0 < t.depth; k0 += splitSteps * kernel.SplitDepth {
		n := min(splitSteps*kernel.SplitDepth, t.depth-k0)
		t.slice(panel, cols, j, k0, n)
		steps := pool.Blocks(n, kernel.SplitDepth)
		clear(panel[n*cols : steps*kernel.SplitDepth*cols])
		t.table.AMX.SplitPanel(kernel.At(dst, k0/kernel.SplitDepth*kernel.SplitStep), kernel.At(panel, 0), steps, kernel.At(tops, 0))
	}
	for _, v := range tops {
		if !kernel.Within(math.Float32bits(v), t.least, largestWeight) {
			atomic.StoreUint32(&t.beyond, 1)
		}
	}
}
