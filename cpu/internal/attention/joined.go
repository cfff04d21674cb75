package attention

import (
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// Where instructions multiply two rows by two columns, words that they read lie side by side:
// two of a query and of two keys, four keys' values and four keys' weights of a column. Otherwise attention is
// that of float32: scores are stored, and the softmax makes weights of them in their place.

// joined is how many keys' values or weights lie side by side.
const joined = 4

// joins says that words are joined.
func (t *Tiled) joins() bool { return t.perWord == 2 && t.full.ByPairs }

// keys copies those of tokens [from, to), two joined where products take two.
func (h head) keys(dst []float32, from, to int) {
	if !h.joins() {
		h.copy(dst, keysOf, from, to)
		return
	}
	words := h.rowWords()
	h.full.JoinLeft(kernel.At(dst, 0), 8*words, kernel.At(h.from(keysOf, from), 0), 4*h.ld, to-from, words)
}

// joinQueries makes a panel of n queries, each one's words two by two.
func (h head) joinQueries(dst []float32, cols, first, n int) {
	words := h.rowWords()
	clear(dst[:words*cols])
	for c := range n {
		row := h.from(queriesOf, first+c)[:words]
		for k := 0; k < words; k += 2 {
			copy(dst[k*cols+2*c:][:2], row[k:k+2])
		}
	}
}

// addJoined is addValues for joined values and weights of n keys.
func (t *Tiled) addJoined(g *queries, values []float32, ldv int, weights []float32, n int, first bool) {
	d := t.width() / 2 // tiles have an even number of rows
	alpha := kernel.At(g.state, 3*g.Cols)
	if first {
		alpha = nil
	}
	tiles := pool.Blocks(d, g.MostRows()/2)
	for i, r := 0, 0; i < tiles; i++ {
		m := 2 * pool.Share(d, tiles, i)
		g.GemmCols[m](pool.Blocks(n, joined), kernel.At(values, joined/2*r), 4*ldv, kernel.At(weights, 0), kernel.At(g.o, r*g.Cols), alpha)
		r += m
	}
}
