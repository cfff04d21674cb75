package gemm

import (
	"unsafe"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// Do computes a block of rows for a group of panels.
func (g *joined) Do(worker, i int) {
	t := joinedTask{joined: g}
	t.row, t.count = pool.Portion(g.M, g.blocks, i/g.groups)
	t.panel, t.panels = pool.Portion(g.Product.count, g.groups, i%g.groups)
	memory, cols, lanes := pool.Scratch[float32](g.pool.Memory(worker)), g.tiles.Cols, g.Table.Lanes
	t.partial, t.packed = memory.Cut(g.tiles.MostRows()*cols), memory.Cut(g.slice*cols)
	t.a = memory.Cut((g.rows*min(g.slice, g.Depth) + 2*lanes) &^ (lanes - 1))
	t.beside = (*kernel.Beside)(kernel.At(memory.Cut(besideRoom), 0))
	t.sums = memory
	for k0 := 0; k0 == 0 || k0 < g.Depth; k0 += g.slice {
		t.copyBlock(k0)
		for j := range t.panels {
			t.multiply(j, k0)
		}
	}
	t.writeLate()
}

// joinedTask is a task of joined.
type joinedTask struct {
	*joined
	row, count    int // rows: the first, and how many
	panel, panels int // the same of panels

	a       []float32 // a slice of the block
	packed  []float32 // a slice of a panel
	partial []float32 // a tile, for sums of chains
	sums    []float32 // (panels, rows, cols), or two tiles if there is one slice
	turn    int       // which of the two

	late   tileOf         // is yet to be written past the caches, if it has rows
	from   unsafe.Pointer // the sums of late
	beside *kernel.Beside
}

// copyBlock copies a slice of the block: rows of a tile without gaps, then those of the next one.
func (t *joinedTask) copyBlock(k0 int) {
	kn := min(t.slice, t.Depth-k0)
	tiles, lanes := pool.Blocks(t.count, t.tiles.MostRows()), t.Table.Lanes
	if !t.ByCols { // a tile has fewer rows than a register has lanes: what is too much is written over
		for i, r := 0, 0; i < tiles; i++ {
			m := pool.Share(t.count, tiles, i)
			for k := 0; k < kn; k += lanes {
				t.Table.Transpose(kernel.At(t.a, r*kn+k*m), 4*m, kernel.At(t.A, (t.row+r)*t.Depth+k0+k), 4*t.Depth, m, min(lanes, kn-k), lanes, nil)
			}
			r += m
		}
		return
	}
	for k := 0; k < kn; k += rowsAtATime {
		n := min(rowsAtATime, kn-k)
		if after := k + rowsAtATime; after < kn {
			t.Table.Prefetch(kernel.At(t.A, (k0+after)*t.M+t.row), 4*t.M, min(rowsAtATime, kn-after), 4*t.count)
		}
		for i, r := 0, 0; i < tiles; i++ {
			m := pool.Share(t.count, tiles, i)
			t.Table.CopyRows(kernel.At(t.a, r*kn+k*m), 4*m, kernel.At(t.A, (k0+k)*t.M+t.row+r), 4*t.M, n, m)
			r += m
		}
	}
}

// multiply adds a slice to the sums of a panel, and finishes them if it is the last.
func (t *joinedTask) multiply(j, k0 int) {
	k, kn := t.tiles, min(t.slice, t.Depth-k0)
	b, rows := t.panelOf(j, k0)
	next := t.after(j, k0)
	last := k0+kn == t.Depth
	tiles := pool.Blocks(t.count, k.MostRows())
	for i, r := 0, 0; i < tiles; i++ {
		m := pool.Share(t.count, tiles, i)
		if last && !t.stream {
			t.fetchResult(t.panel+j, t.row+r, m)
		}
		fetch, apart := uintptr(b), pool.CacheLine
		if next.runs > 0 {
			fetch, apart = next.take(kn / joinedFetch)
		}
		a, sum := kernel.At(t.a, r*kn), t.sumsOf(j, r)
		if i == 0 && rows != nil {
			t.writeLate()
			*t.beside = kernel.Beside{To: uintptr(b), Apart: 4 * t.N}
			k.GemmPacking[m](kn, a, apart, rows, sum, min(k0, 1), kernel.At(t.partial, 0), unsafe.Pointer(t.beside), fetch)
		} else {
			k.GemmJoined[m](kn, a, apart, b, sum, min(k0, 1), kernel.At(t.partial, 0), t.besides(kn), fetch)
		}
		switch to := (tileOf{panel: t.panel + j, row: t.row + r, rows: m}); {
		case !last:
		case t.stream:
			t.late, t.from = to, sum
		default:
			t.finish(to.panel, to.row, m, sum)
		}
		r += m
	}
}

// sumsOf is where the sums of a tile of panel j go, row r being its first.
func (t *joinedTask) sumsOf(j, r int) unsafe.Pointer {
	if t.slice < t.Depth {
		return kernel.At(t.sums, (j*t.count+r)*t.tiles.Cols)
	}
	t.turn ^= 1 // the other one may be yet to be written
	return kernel.At(t.sums, t.turn*t.tiles.MostRows()*t.tiles.Cols)
}

// besides has the next tile write the late one, if it has that many steps.
func (t *joinedTask) besides(kn int) unsafe.Pointer {
	late := t.late
	if late.rows == 0 {
		return nil
	}
	if late.rows > kn/joinedFetch {
		t.writeLate()
		return nil
	}
	t.late.rows = 0
	to := t.C[late.row*t.N+(t.first+late.panel)*t.tiles.Cols:]
	*t.beside = kernel.Beside{To: uintptr(kernel.At(to, 0)), Apart: 4 * t.N, From: uintptr(t.from), Rows: late.rows}
	return unsafe.Pointer(t.beside)
}

// writeLate writes the late tile, if there is one.
func (t *joinedTask) writeLate() {
	if t.late.rows > 0 {
		t.streamTile(t.late.panel, t.late.row, t.late.rows, t.from)
		t.late.rows = 0
	}
}

// panelOf is a slice of a panel, packed; or where it is to be, if the first tile is to pack rows.
func (t *joinedTask) panelOf(j, k0 int) (packed, rows unsafe.Pointer) {
	if t.Product.panels != nil {
		return t.sliceOf(t.panel+j, k0), nil
	}
	packed = kernel.At(t.packed, 0)
	cols, kn := t.tiles.Cols, min(t.slice, t.Depth-k0)
	col := (t.panel + j) * cols
	if first := pool.Share(t.count, pool.Blocks(t.count, t.tiles.MostRows()), 0); kn > 0 && col+cols <= t.N && first < len(t.tiles.GemmPacking) && t.tiles.GemmPacking[first] != nil {
		return packed, kernel.At(t.B, k0*t.N+col)
	}
	t.packing.slice(t.packed, cols, t.panel+j, k0, kn)
	return packed, nil
}

// after is what is to be fetched of the slice of B that comes after another.
func (t *joinedTask) after(j, k0 int) lines {
	if j++; j == t.panels {
		j, k0 = 0, k0+t.slice
	}
	n, cols := min(t.slice, t.Depth-k0), t.tiles.Cols
	switch {
	case n <= 0:
		return lines{}
	case t.Product.panels != nil:
		return lines{at: uintptr(t.sliceOf(t.panel+j, k0)), apart: pool.CacheLine, each: 4 * n * cols / pool.CacheLine, runs: 1}
	}
	return lines{at: uintptr(kernel.At(t.B, k0*t.N+(t.panel+j)*cols)), apart: 4 * t.N, each: n, runs: pool.Blocks(4*cols, pool.CacheLine)}
}

// lines are cache lines to be fetched: runs of so many lines, apart bytes from one to the next, and the runs side by side.
type lines struct {
	at         uintptr // where the run begins
	apart      int
	each, runs int
	done       int // of the run
}

// take is where the next n lines begin, and how far apart they are.
func (l *lines) take(n int) (at uintptr, apart int) {
	at = l.at + uintptr(l.done*l.apart)
	if l.done += n; l.done >= l.each {
		l.done, l.at = 0, l.at+pool.CacheLine
		l.runs--
	}
	return at, l.apart
}
