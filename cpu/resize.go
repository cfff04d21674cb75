package cpu

import (
	"math"

	"cradio/cpu/internal/kernel"
)

// ResizeTable resizes a learned table of Grid×Grid vectors to Square×Square, bilinearly
// and without antialiasing. The result is its top-left H×W. Sample positions are those of
// PyTorch. It computes in float64, and rounds once. If Square is Grid the vectors are
// copied.
type ResizeTable[T Float] struct {
	Y                       []T // (H·W, Dim)
	X                       []T // (Grid·Grid, Dim)
	Grid, Square, H, W, Dim int
	AlignCorners            bool

	table *kernel.Table
}

// Check reports fields that contradict one another.
func (op *ResizeTable[T]) Check() error {
	c := checking("ResizeTable")
	c.resize(op.Grid, op.Square, op.H, op.W)
	c.length("X", len(op.X), op.Grid, op.Grid, op.Dim)
	c.length("Y", len(op.Y), op.H, op.W, op.Dim)
	return c.err
}

func (c *checker) resize(grid, square, h, w int) {
	c.least("Grid", grid, 1)
	c.least("Square", square, 1)
	if h > square || w > square {
		c.fail("H×W is %d×%d, want at most Square = %d", h, w, square)
	}
}

// Run computes Y.
func (op *ResizeTable[T]) Run(p *Pool) {
	op.table = tableFor[T](p)
	p.Run(op.H, op)
}

// Do computes one row of vectors.
func (op *ResizeTable[T]) Do(_, i int) {
	a := axis{op.Grid, op.Square, op.AlignCorners}
	y0, y1, fy := a.source(i)
	for j := range op.W {
		x0, x1, fx := a.source(j)
		y := op.Y[(i*op.W+j)*op.Dim:][:op.Dim]
		if fx == 0 && fy == 0 {
			copy(y, op.vector(y0, x0))
			continue
		}
		v00, v01 := op.vector(y0, x0), op.vector(y0, x1)
		v10, v11 := op.vector(y1, x0), op.vector(y1, x1)
		if k := op.table; k != nil && op.Dim > 0 {
			k.Blend(kernel.At(y, 0), kernel.At(v00, 0), kernel.At(v01, 0), kernel.At(v10, 0), kernel.At(v11, 0), op.Dim, 1-fx, fx, 1-fy, fy)
			continue
		}
		kernel.Blend(y, v00, v01, v10, v11, [4]float64{1 - fx, fx, 1 - fy, fy})
	}
}

func (op *ResizeTable[T]) vector(y, x int) []T {
	return op.X[(y*op.Grid+x)*op.Dim:][:op.Dim]
}

// axis maps positions of a resized axis to the axis that it was made from.
type axis struct {
	in, out      int
	alignCorners bool
}

// source is the two neighbours of position dst, and the weight of the second:
// torch.nn.functional.interpolate, mode bilinear. The second is the first where
// its weight is 0 or it would lie outside.
func (a axis) source(dst int) (i0, i1 int, f float64) {
	var src float64
	switch {
	case !a.alignCorners:
		src = max(0, (float64(dst)+0.5)*float64(a.in)/float64(a.out)-0.5)
	case a.out > 1:
		src = float64(dst) * float64(a.in-1) / float64(a.out-1)
	}
	i0 = min(int(math.Floor(src)), a.in-1)
	f = src - float64(i0)
	if f == 0 || i0+1 == a.in {
		return i0, i0, 0
	}
	return i0, i0 + 1, f
}
