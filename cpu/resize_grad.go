package cpu

// ResizeTableGrad is the derivative of ResizeTable with respect to the table: its
// transpose.
type ResizeTableGrad[T Float] struct {
	DX                      []T // (Grid·Grid, Dim)
	DY                      []T // (H·W, Dim)
	Grid, Square, H, W, Dim int
	AlignCorners            bool
}

// Check reports fields that contradict one another.
func (op *ResizeTableGrad[T]) Check() error {
	c := checking("ResizeTableGrad")
	c.resize(op.Grid, op.Square, op.H, op.W)
	c.length("DX", len(op.DX), op.Grid, op.Grid, op.Dim)
	c.length("DY", len(op.DY), op.H, op.W, op.Dim)
	return c.err
}

// Run computes DX.
func (op *ResizeTableGrad[T]) Run(p *Pool) { p.Run(op.Grid, op) }

// Do computes one row of the table. Source positions do not decrease, so the
// resized positions that read a table entry are one run, found by walking.
func (op *ResizeTableGrad[T]) Do(_, gy int) {
	a := axis{op.Grid, op.Square, op.AlignCorners}
	y0, y1 := a.readers(gy, 0, op.H)
	x0, x1 := 0, 0
	for gx := range op.Grid {
		x0, x1 = a.readers(gx, x0, op.W)
		dx := op.DX[(gy*op.Grid+gx)*op.Dim:][:op.Dim]
		for lo := 0; lo < op.Dim; lo += strip {
			var acc [strip]float64
			hi := min(lo+strip, op.Dim)
			for y := y0; y < y1; y++ {
				wy := a.weight(y, gy)
				for x := x0; x < x1; x++ {
					w := wy * a.weight(x, gx)
					for k, v := range op.DY[(y*op.W+x)*op.Dim+lo : (y*op.W+x)*op.Dim+hi] {
						acc[k] += w * float64(v)
					}
				}
			}
			for k := range dx[lo:hi] {
				dx[lo+k] = T(acc[k])
			}
		}
	}
}

// readers is the run of positions in [from, n) that read entry g, given that
// none before from does.
func (a axis) readers(g, from, n int) (lo, hi int) {
	for ; from < n; from++ {
		if _, i1, _ := a.source(from); i1 >= g {
			break
		}
	}
	for hi = from; hi < n; hi++ {
		if i0, _, _ := a.source(hi); i0 > g {
			break
		}
	}
	return from, hi
}

// weight is entry g's share in position dst.
func (a axis) weight(dst, g int) float64 {
	i0, i1, f := a.source(dst)
	switch g {
	case i0:
		return 1 - f
	case i1:
		return f
	}
	return 0
}
