package cpu

import (
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// LayerNormGrad is the derivative of LayerNorm with respect to x. With x̂ = (x-mean)·inv and
// g = dy·weight it is inv · (g - mean(g) - x̂·mean(g·x̂)), row by row.
type LayerNormGrad[T Float] struct {
	DX, X, DY []T // (Rows, Dim)
	Weight    []T // (Dim)
	Rows, Dim int
	Tokens    int // rows of one image; 0: all belong to one image
	Small     int // the limit of small operations, see SmallDefault; 0: none
	Eps       float64

	table *kernel.Table
}

// Check reports fields that contradict one another.
func (op *LayerNormGrad[T]) Check() error {
	c := checking("LayerNormGrad")
	c.length("DX", len(op.DX), op.Rows, op.Dim)
	c.length("X", len(op.X), op.Rows, op.Dim)
	c.length("DY", len(op.DY), op.Rows, op.Dim)
	c.length("Weight", len(op.Weight), op.Dim)
	return c.err
}

// Run computes DX.
func (op *LayerNormGrad[T]) Run(p *Pool) {
	op.table = tableFor[T](p)
	p.Run(pool.Blocks(op.Rows, pool.PerTask(op.Dim)), op)
}

// Do computes some rows.
func (op *LayerNormGrad[T]) Do(_, i int) {
	lo, hi := pool.Span(i, pool.PerTask(op.Dim), op.Rows)
	k := op.table
	if op.Dim == 0 || small(op.Small, ofImage(op.Rows, op.Tokens), op.Dim, normCost) {
		k = nil
	}
	for r := lo; r < hi; r++ {
		at := r * op.Dim
		if k != nil {
			k.LayerNormGrad(kernel.At(op.DX, at), kernel.At(op.X, at), kernel.At(op.Weight, 0), kernel.At(op.DY, at), op.Dim, op.Eps)
			continue
		}
		kernel.LayerNormGrad(op.DX[at:at+op.Dim], op.X[at:at+op.Dim], op.Weight, op.DY[at:at+op.Dim], op.Eps)
	}
}

// LayerNormGradWeight is the derivative of LayerNorm with respect to its weight: the
// sum over rows of dy·x̂. (With respect to its bias it is SumRows of dy.)
type LayerNormGradWeight[T Float] struct {
	DW        []T // (Dim)
	X, DY     []T // (Rows, Dim)
	Rows, Dim int
	Small     int // the limit of small operations, see SmallDefault; 0: none
	Eps       float64

	sums  columnSums
	exact [][2]float64 // mean and inv of each row; kept from run to run, as is the next
	stats []float32    // the three numbers of LayerNormMoments of each row
}

// Check reports fields that contradict one another.
func (op *LayerNormGradWeight[T]) Check() error {
	c := checking("LayerNormGradWeight")
	c.length("DW", len(op.DW), op.Dim)
	c.length("X", len(op.X), op.Rows, op.Dim)
	c.length("DY", len(op.DY), op.Rows, op.Dim)
	return c.err
}

// Run computes DW.
func (op *LayerNormGradWeight[T]) Run(p *Pool) {
	op.sums = sumsOf[T](p, op.Small, op.Rows, op.Dim)
	switch n := op.Rows; {
	case op.sums.table == nil && cap(op.exact) < n:
		op.exact = make([][2]float64, n)
	case op.sums.table != nil && cap(op.stats) < momentsSize*n:
		op.stats = make([]float32, momentsSize*n)
	}
	op.exact, op.stats = op.exact[:cap(op.exact)], op.stats[:cap(op.stats)]
	p.Run(pool.Blocks(op.Rows, pool.PerTask(op.Dim)), (*layerNormStats[T])(op))
	p.Run(pool.Blocks(op.Dim, strip), op)
}

// momentsSize is how many numbers LayerNormMoments makes.
const momentsSize = 3

type layerNormStats[T Float] LayerNormGradWeight[T]

// Do computes the statistics of some rows.
func (op *layerNormStats[T]) Do(_, i int) {
	lo, hi := pool.Span(i, pool.PerTask(op.Dim), op.Rows)
	for r := lo; r < hi && op.Dim > 0; r++ {
		if k := op.sums.table; k != nil {
			k.LayerNormMoments(kernel.At(op.stats, momentsSize*r), kernel.At(op.X, r*op.Dim), op.Dim, op.Eps)
			continue
		}
		mean, inv := kernel.Moments(op.X[r*op.Dim:(r+1)*op.Dim], op.Eps)
		op.exact[r] = [2]float64{mean, inv}
	}
}

// Do computes a strip of DW.
func (op *LayerNormGradWeight[T]) Do(worker, i int) {
	lo, hi := pool.Span(i, strip, op.Dim)
	var acc [strip]float64
	if s := &op.sums; s.table != nil {
		for r := 0; r < op.Rows; r += sumChain {
			part := s.part(worker)
			at := r*op.Dim + lo
			s.table.SumRowsNormed(kernel.At(part, 0), kernel.At(op.X, at), kernel.At(op.DY, at), 4*op.Dim, min(sumChain, op.Rows-r), hi-lo, kernel.At(op.stats, momentsSize*r))
			addTo(&acc, part[:hi-lo])
		}
	} else {
		for r, st := range op.exact[:op.Rows] {
			x, dy := op.X[r*op.Dim+lo:r*op.Dim+hi], op.DY[r*op.Dim+lo:r*op.Dim+hi]
			for j, v := range x {
				acc[j] += float64(dy[j]) * (float64(v) - st[0]) * st[1]
			}
		}
	}
	for j := range op.DW[lo:hi] {
		op.DW[lo+j] = T(acc[j])
	}
}
