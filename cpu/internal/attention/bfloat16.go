package attention

import (
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// attendBFloat16 is attend on words of two bfloat16. Weights are made tile by tile; where
// a tile is refused (see gen/x86/weights.go), the values of those before it are added
// first.
func (t *Tiled) attendBFloat16(g *queries, keys, values []float32, ldv int, weights []float32, nk int, first bool) {
	depth := t.width() / 2
	n := pool.Blocks(nk, 2)
	tiles := pool.Blocks(n, g.MostRows()/2)
	refused := (*uint32)(kernel.At(g.state, 4*g.Cols))
	from, fresh := 0, 1
	for i, p := 0, 0; i < tiles; i++ {
		m := pool.Share(n, tiles, i)
		kernelOf := g.WeightRows[min(2*m, nk-2*p)]
		kernelOf(depth, kernel.At(keys, 2*p*depth), 4*depth, kernel.At(g.q, 0), kernel.At(weights, p*g.Cols), kernel.At(g.state, 0), fresh, t.factor())
		if *refused != 0 {
			t.addValues(g, values[from*ldv:], ldv, weights[from*g.Cols:], p-from, first)
			from, first = p, false
			kernelOf(depth, kernel.At(keys, 2*p*depth), 4*depth, kernel.At(g.q, 0), kernel.At(weights, p*g.Cols), kernel.At(g.state, 0), 1, t.factor())
		}
		fresh = 0
		p += m
	}
	t.addValues(g, values[from*ldv:], ldv, weights[from*g.Cols:], n-from, first)
}
