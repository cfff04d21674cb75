package cpu

import (
	"math"

	"cradio/cpu/internal/pool"
)

// SoftmaxFocal is the mean of -(1 - p)^Gamma · log p over the rows of logits whose label counts, p the
// softmax of the label's class; or its gradient DX = DY · dY/dX, where DX is given.
type SoftmaxFocal[T Float] struct {
	Y      []T // (1)
	DX, DY []T // (Rows, Classes), (1)
	X      []T // (Rows, Classes)
	Rows   int
	Gamma  float64
	Small  int // the limit of small operations, see SmallDefault; 0: none
	ClassLabels[T]

	softmax softmaxRows
	sums    lossSums
	work    workRows[T]
	scale   float64
	grad    bool // the second pass of a gradient
}

// Check reports fields that contradict one another.
func (op *SoftmaxFocal[T]) Check() error {
	c := checking("SoftmaxFocal")
	c.least("Classes", op.Classes, 1)
	c.length("X", len(op.X), op.Rows, op.Classes)
	c.length("Labels", len(op.Labels), op.Rows)
	lossLengths(c, op.Y, op.DX, op.DY, len(op.X))
	return c.err
}

// Run computes Y or DX.
func (op *SoftmaxFocal[T]) Run(p *Pool) {
	op.softmax.begin(p, tableFor[T](p), op.Small, len(op.X))
	op.work.begin(p, op.Classes)
	op.sums.begin(pool.Blocks(op.Rows, op.perTask()))
	op.grad = false
	p.Run(len(op.sums.pieces), op)
	sum, over := op.sums.total()
	if op.DX == nil {
		op.Y[0] = T(ratio(sum, over))
		return
	}
	op.grad, op.scale = true, ratio(float64(op.DY[0]), over)
	p.Run(len(op.sums.pieces), op)
}

func (op *SoftmaxFocal[T]) perTask() int { return pool.PerTask(8 * op.Classes) }

// Do computes some rows.
func (op *SoftmaxFocal[T]) Do(worker, i int) {
	lo, hi := pool.Span(i, op.perTask(), op.Rows)
	var sum, over float64
	for r := lo; r < hi; r++ {
		if op.grad {
			op.gradient(worker, r, op.DX[r*op.Classes:(r+1)*op.Classes])
			continue
		}
		y := op.label(r)
		if y == ignoredLabel {
			continue
		}
		over++
		if op.DX == nil {
			v, _, _, _ := op.row(worker, r, y, op.work.of(worker))
			sum += v
		}
	}
	if !op.grad {
		op.sums.pieces[i] = [2]float64{sum, over}
	}
}

// row computes the loss of row r, its derivative with respect to log p, and 1 - p; e becomes the exps,
// whose sum is the last result.
func (op *SoftmaxFocal[T]) row(worker, r, y int, e []T) (value, slope, miss, all float64) {
	if y == wrongLabel {
		nan := math.NaN()
		return nan, nan, nan, nan
	}
	z := op.X[r*op.Classes : (r+1)*op.Classes]
	top, sum := exps(&op.softmax, worker, e, z)
	own := float64(e[y])
	logp, p, miss := float64(z[y])-top-math.Log(sum), own/sum, (sum-own)/sum
	miss = max(miss, 0)
	factor := math.Pow(miss, op.Gamma)
	slope = -factor
	if miss > 0 && op.Gamma > 0 {
		slope += op.Gamma * math.Pow(miss, op.Gamma-1) * p * logp
	}
	return -factor * logp, slope, miss, sum
}

func (op *SoftmaxFocal[T]) gradient(worker, r int, dx []T) {
	y := op.label(r)
	if y == ignoredLabel {
		clear(dx)
		return
	}
	_, slope, miss, sum := op.row(worker, r, y, dx)
	for c, e := range dx {
		dx[c] = T(-op.scale * slope * float64(e) / sum)
	}
	if y >= 0 {
		dx[y] = T(op.scale * slope * miss)
	}
}
