package cpu

import "cradio/cpu/internal/pool"

// Bilinear are the sizes of resized maps. Samples are those of torch's bilinear interpolation with
// align_corners=False, without antialiasing.
type Bilinear struct{ FromH, FromW, H, W int }

func (b Bilinear) check(c *checker) {
	for _, s := range []struct {
		name string
		size int
	}{{"FromH", b.FromH}, {"FromW", b.FromW}, {"H", b.H}, {"W", b.W}} {
		c.least(s.name, s.size, 1)
	}
}

func (b Bilinear) rows() axis    { return axis{in: b.FromH, out: b.H} }
func (b Bilinear) columns() axis { return axis{in: b.FromW, out: b.W} }

// Resize resizes maps X to Y. It computes in float64, and rounds once.
type Resize[T Float] struct {
	Y          []T // (Batch, H·W, Dim)
	X          []T // (Batch, FromH·FromW, Dim)
	Batch, Dim int
	Bilinear
}

// Check reports fields that contradict one another.
func (op *Resize[T]) Check() error {
	c := checking("Resize")
	op.check(c)
	c.length("X", len(op.X), op.Batch, op.FromH, op.FromW, op.Dim)
	c.length("Y", len(op.Y), op.Batch, op.H, op.W, op.Dim)
	return c.err
}

// Run computes Y.
func (op *Resize[T]) Run(p *Pool) { p.Run(op.Batch*op.H, op) }

// Do computes one row of a map.
func (op *Resize[T]) Do(_, i int) {
	b, y := i/op.H, i%op.H
	y0, y1, fy := op.rows().source(y)
	from := func(y, x int) []T { return op.X[((b*op.FromH+y)*op.FromW+x)*op.Dim:][:op.Dim] }
	for x := range op.W {
		x0, x1, fx := op.columns().source(x)
		to := op.Y[(i*op.W+x)*op.Dim:][:op.Dim]
		v00, v01, v10, v11 := from(y0, x0), from(y0, x1), from(y1, x0), from(y1, x1)
		for k := range to {
			top := float64(v00[k])*(1-fx) + float64(v01[k])*fx
			low := float64(v10[k])*(1-fx) + float64(v11[k])*fx
			to[k] = T(top*(1-fy) + low*fy)
		}
	}
}

// ResizeGrad is the derivative of Resize with respect to X: its transpose.
type ResizeGrad[T Float] struct {
	DX         []T // (Batch, FromH·FromW, Dim)
	DY         []T // (Batch, H·W, Dim)
	Batch, Dim int
	Bilinear
}

// Check reports fields that contradict one another.
func (op *ResizeGrad[T]) Check() error {
	c := checking("ResizeGrad")
	op.check(c)
	c.length("DX", len(op.DX), op.Batch, op.FromH, op.FromW, op.Dim)
	c.length("DY", len(op.DY), op.Batch, op.H, op.W, op.Dim)
	return c.err
}

// Run computes DX.
func (op *ResizeGrad[T]) Run(p *Pool) { p.Run(op.Batch*op.FromH*pool.Blocks(op.Dim, strip), op) }

// Do computes a strip of one row of a map's gradient, from all that read it.
func (op *ResizeGrad[T]) Do(_, i int) {
	strips := pool.Blocks(op.Dim, strip)
	lo, hi := pool.Span(i%strips, strip, op.Dim)
	b, gy := i/strips/op.FromH, i/strips%op.FromH
	rows, columns := op.rows(), op.columns()
	y0, y1 := rows.readers(gy, 0, op.H)
	from, to := 0, 0
	for gx := range op.FromW {
		from, to = columns.readers(gx, from, op.W)
		var acc [strip]float64
		for y := y0; y < y1; y++ {
			wy := rows.weight(y, gy)
			for x := from; x < to; x++ {
				w := wy * columns.weight(x, gx)
				at := ((b*op.H+y)*op.W + x) * op.Dim
				for k, v := range op.DY[at+lo : at+hi] {
					acc[k] += w * float64(v)
				}
			}
		}
		dx := op.DX[((b*op.FromH+gy)*op.FromW+gx)*op.Dim:][lo:hi]
		for k := range dx {
			dx[k] = T(acc[k])
		}
	}
}
