package cpu

// attendPairs is attend on pairs. Weights are made tile by tile; where a tile is
// refused (see internal/gen/weigh.go), the values of those before it come first.
func (t *attentionTiled) attendPairs(g *queries, keys, values []float32, ldv int, weights []float32, nk int, first bool) {
	depth := t.width() / 2
	n := blocks(nk, 2)
	tiles := blocks(n, g.rows()/2)
	refused := (*uint32)(at(g.state, 4*g.cols))
	from, fresh := 0, 1
	for i, p := 0, 0; i < tiles; i++ {
		m := share(n, tiles, i)
		weigh := g.weighRows[min(2*m, nk-2*p)]
		weigh(depth, at(keys, 2*p*depth), 4*depth, at(g.q, 0), at(weights, p*g.cols), at(g.state, 0), fresh, t.factor())
		if *refused != 0 {
			t.addValues(g, values[from*ldv:], ldv, weights[from*g.cols:], p-from, first)
			from, first = p, false
			weigh(depth, at(keys, 2*p*depth), 4*depth, at(g.q, 0), at(weights, p*g.cols), at(g.state, 0), 1, t.factor())
		}
		fresh = 0
		p += m
	}
	t.addValues(g, values[from*ldv:], ldv, weights[from*g.cols:], n-from, first)
}
