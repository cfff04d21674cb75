package attention

import (
	"unsafe"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// load brings the block's rows of d elements, ld apart, as a panel of queries, and as panels
// of their elements.
func (w *gradWork) load(transposed, rows, src []float32, ld int) {
	cols := w.tiles.Cols
	w.table.PackPanel(cols, transposed, src, ld, w.queries, w.d)
	for p := range w.panels {
		n := min(cols, w.d-p*cols)
		panel := rows[p*cols*cols:][:cols*cols]
		if n < cols {
			clear(panel)
		}
		w.table.CopyRows(kernel.At(panel, 0), 4*cols, kernel.At(src, p*cols), 4*ld, w.queries, n)
	}
}

// scores computes s (keys, queries) = a·b, of rows of keys or values and a panel of queries.
// The largest of each column are kept in top, if there is one.
func (w *gradWork) scores(s, a, b []float32, top unsafe.Pointer) {
	cols := w.tiles.Cols
	tiles := pool.Blocks(w.Tokens, w.tiles.MostRows())
	for i, r := 0, 0; i < tiles; i++ {
		m := pool.Share(w.Tokens, tiles, i)
		w.tiles.GemmRows[m](w.d, kernel.At(a, r*w.d), 4*w.d, kernel.At(b, 0), kernel.At(s, r*cols), 0, kernel.At(w.partial, 0), top, uintptr(kernel.At(b, 0)))
		r += m
	}
}

// queriesGrad computes dq of the block, from a block of keys at a time.
func (w *gradWork) queriesGrad() {
	cols, lanes := w.tiles.Cols, w.table.Lanes
	tiles := pool.Blocks(w.d, w.tiles.MostRows())
	var alpha unsafe.Pointer
	for k0 := 0; k0 < w.Tokens; k0 += keyBlock {
		n := min(keyBlock, w.Tokens-k0)
		for i, r := 0, 0; i < tiles; i++ {
			m := pool.Share(w.d, tiles, i)
			w.tiles.GemmCols[m](n, kernel.At(w.k, k0*w.d+r), 4*w.d, kernel.At(w.dp, k0*cols), kernel.At(w.dqt, r*cols), alpha)
			r += m
		}
		alpha = kernel.At(w.ones, 0)
	}
	to, ld := kernel.At(w.dqkv, w.at(queriesOf, w.first)), 12*w.Dim
	for q := 0; q < w.queries; q += lanes {
		for c := 0; c < w.d; c += lanes {
			m := min(lanes, w.d-c)
			w.table.Transpose(unsafe.Add(to, q*ld+4*c), ld, kernel.At(w.dqt, c*cols+q), 4*cols, m, min(lanes, w.queries-q), m, nil)
		}
	}
}

// addKeys adds to c (keys, d), or begins it with, the products of a (keys, queries) and rows
// of queries.
func (w *gradWork) addKeys(c, a, rows []float32) {
	cols := w.tiles.Cols
	tiles := pool.Blocks(w.Tokens, w.tiles.MostRows())
	for p := range w.panels {
		b := kernel.At(rows, p*cols*cols)
		for i, r := 0, 0; i < tiles; i++ {
			m := pool.Share(w.Tokens, tiles, i)
			w.tiles.GemmRows[m](w.queries, kernel.At(a, r*cols), 4*cols, b, kernel.At(c, (p*w.Tokens+r)*cols), min(w.first, 1), kernel.At(w.partial, 0), nil, uintptr(b))
			r += m
		}
	}
}

// storeKeys writes panels of dk or dv where they belong.
func (w *gradWork) storeKeys(src []float32, what int) {
	cols := w.tiles.Cols
	for p := range w.panels {
		w.table.CopyRows(kernel.At(w.dqkv, w.at(what, 0)+p*cols), 12*w.Dim, kernel.At(src, p*w.Tokens*cols), 4*cols, w.Tokens, min(cols, w.d-p*cols))
	}
}
