package cpu

import (
	"math"

	"cradio/cpu/internal/pool"
)

// CrossEntropy is the mean cross entropy of rows of logits with labels, or with probabilities; or its
// gradient DX = DY · dY/dX, where DX is given. See torch.nn.functional.cross_entropy. Where no row
// counts it is 0, and so is the gradient; with a label that is no class it is NaN.
type CrossEntropy[T Float] struct {
	Y      []T // (1)
	DX, DY []T // (Rows, Classes), (1)
	X      []T // (Rows, Classes)
	Rows   int
	CrossEntropyTerms[T]

	sums  lossSums
	work  workRows[T]
	scale float64
	count bool // the first pass of a gradient
}

// Check reports fields that contradict one another.
func (op *CrossEntropy[T]) Check() error {
	c := checking("CrossEntropy")
	c.length("X", len(op.X), op.Rows, op.Classes)
	lossLengths(c, op.Y, op.DX, op.DY, len(op.X))
	op.check(c, op.Rows)
	return c.err
}

// Run computes Y or DX.
func (op *CrossEntropy[T]) Run(p *Pool) {
	op.begin(p, len(op.X))
	op.work.begin(p, op.Classes)
	op.sums.begin(pool.Blocks(op.Rows, op.perTask()))
	op.count = op.DX != nil
	p.Run(len(op.sums.pieces), op)
	sum, over := op.sums.total()
	if op.DX == nil {
		op.Y[0] = T(ratio(sum, over))
		return
	}
	op.count, op.scale = false, ratio(float64(op.DY[0]), over)
	p.Run(len(op.sums.pieces), op)
}

// perTask is how many rows a task computes. An exp costs about as much as eight cheap operations.
func (op *CrossEntropy[T]) perTask() int { return pool.PerTask(8 * op.Classes) }

// Do computes some rows.
func (op *CrossEntropy[T]) Do(worker, i int) {
	lo, hi := pool.Span(i, op.perTask(), op.Rows)
	var sum, over float64
	for r := lo; r < hi; r++ {
		x := op.X[r*op.Classes : (r+1)*op.Classes]
		switch {
		case op.count:
			over += op.weightOf(r)
		case op.DX != nil:
			rowGradient(&op.CrossEntropyTerms, worker, r, op.DX[r*op.Classes:(r+1)*op.Classes], x, op.scale)
		default:
			over += op.weightOf(r)
			sum += rowLoss(&op.CrossEntropyTerms, worker, r, x, op.work.of(worker))
		}
	}
	if op.count || op.DX == nil {
		op.sums.pieces[i] = [2]float64{sum, over}
	}
}

// CrossEntropyTerms are the labels and options of a cross entropy.
type CrossEntropyTerms[T Float] struct {
	ClassLabels[T]
	Weight    []T // (Classes), or nil
	Smoothing float64
	OverAll   bool // divide by the number of rows, and not by the weights of the labels
	Soft      bool // Labels are probabilities (Rows, Classes)
	Small     int  // the limit of small operations, see SmallDefault; 0: none

	softmax softmaxRows
	all     float64 // the sum of the weights
}

func (op *CrossEntropyTerms[T]) check(c *checker, rows int) {
	c.least("Classes", op.Classes, 1)
	if op.Soft {
		c.length("Labels", len(op.Labels), rows, op.Classes)
	} else {
		c.length("Labels", len(op.Labels), rows)
	}
	if op.Weight != nil {
		c.length("Weight", len(op.Weight), op.Classes)
	}
}

func (op *CrossEntropyTerms[T]) begin(p *Pool, logits int) {
	op.softmax.begin(p, tableFor[T](p), op.Small, logits)
	op.all = 0
	for c := range op.Classes {
		op.all += op.weight(c)
	}
}

// weight is that of class c.
func (op *CrossEntropyTerms[T]) weight(c int) float64 {
	if op.Weight == nil {
		return 1
	}
	return float64(op.Weight[c])
}

// weightOf is what row i adds to the divisor.
func (op *CrossEntropyTerms[T]) weightOf(i int) float64 {
	if op.Soft || op.OverAll {
		return 1
	}
	switch y := op.label(i); y {
	case ignoredLabel:
		return 0
	case wrongLabel:
		return math.NaN()
	default:
		return op.weight(y)
	}
}

// A row's loss is -Σ a·log p with a = (1 - s)·w·t + s/K·w: t is the label or the probabilities, s the
// smoothing.

// rowLoss is that of row i with logits z; e is room for as many numbers. It sums in float64.
func rowLoss[T, W Float](op *CrossEntropyTerms[T], worker, i int, z, e []W) float64 {
	switch {
	case op.Soft:
	case op.label(i) == ignoredLabel:
		return 0
	case op.label(i) == wrongLabel:
		return math.NaN()
	}
	top, sum := exps(&op.softmax, worker, e, z)
	return lossOf(op, i, z, top, sum)
}

// lossOf is the loss of row i, a label or probabilities, from the largest of its logits and the sum of
// exps.
func lossOf[T, W Float](op *CrossEntropyTerms[T], i int, z []W, top, sum float64) (l float64) {
	log := math.Log(sum)
	if op.Soft {
		for c, v := range z {
			if a := op.soft(i, c); a != 0 {
				l += a * (log - (float64(v) - top))
			}
		}
		return l
	}
	y := op.label(i)
	l = (1 - op.Smoothing) * op.weight(y) * (log - (float64(z[y]) - top))
	if share := op.Smoothing / float64(op.Classes); share > 0 {
		var away float64
		for c, v := range z {
			away += op.weight(c) * (float64(v) - top)
		}
		l += share * (op.all*log - away)
	}
	return l
}

// soft is a of class c in row i of probabilities.
func (op *CrossEntropyTerms[T]) soft(i, c int) float64 {
	t := float64(op.Labels[i*op.Classes+c])
	return op.weight(c) * (t*(1-op.Smoothing) + op.Smoothing/float64(op.Classes))
}

// rowGradient writes dz = scale times the derivative of row i's loss: Σa·p - a.
func rowGradient[T Float](op *CrossEntropyTerms[T], worker, i int, dz, z []T, scale float64) {
	if !op.Soft {
		switch y := op.label(i); y {
		case ignoredLabel, wrongLabel:
			clear(dz)
			if y == wrongLabel {
				dz[0] = T(math.NaN())
			}
			return
		}
	}
	_, sum := exps(&op.softmax, worker, dz, z)
	s := slopesOf(op, i, dz, sum, scale)
	affine(&op.softmax, dz, s.factor, 0)
	if s.class >= 0 {
		dz[s.class] = T(s.slope)
	}
}

// slopes are a row's gradient: factor times a row, but for one class, if it is not negative. The error of
// that one, p - 1, would be that of all.
type slopes struct {
	factor float64
	class  int
	slope  float64
}

// slopesOf makes of the exps e of row i, a label or probabilities, and of their sum what is the gradient.
func slopesOf[T, W Float](op *CrossEntropyTerms[T], i int, e []W, sum, scale float64) slopes {
	if op.Soft {
		return softSlopes(op, i, e, sum, scale)
	}
	y := op.label(i)
	hard, share := (1-op.Smoothing)*op.weight(y), op.Smoothing/float64(op.Classes)
	all := hard + share*op.all
	if all == 0 {
		clear(e)
		return slopes{class: -1}
	}
	slope := scale * (all*(float64(e[y])-sum)/sum + share*(op.all-op.weight(y)))
	switch {
	case share == 0:
	case op.Weight == nil:
		affine(&op.softmax, e, 1, -sum*share/all)
	default:
		for c, v := range e {
			e[c] = W(float64(v) - sum*share*op.weight(c)/all)
		}
	}
	return slopes{scale * all / sum, y, slope}
}

func softSlopes[T, W Float](op *CrossEntropyTerms[T], i int, e []W, sum, scale float64) slopes {
	var all float64
	for c := range e {
		all += op.soft(i, c)
	}
	if all == 0 {
		clear(e)
		return slopes{class: -1}
	}
	for c, v := range e {
		e[c] = W(float64(v) - sum*op.soft(i, c)/all)
	}
	return slopes{scale * all / sum, -1, 0}
}
