package cpu

import (
	"math"

	"cradio/cpu/internal/kernel"
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
	op.begin(p)
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
			rowGradient(&op.CrossEntropyTerms, r, op.DX[r*op.Classes:(r+1)*op.Classes], x, op.scale)
		default:
			over += op.weightOf(r)
			sum += rowLoss(&op.CrossEntropyTerms, r, x, op.work.of(worker))
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

	table *kernel.Table
	all   float64 // the sum of the weights
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

func (op *CrossEntropyTerms[T]) begin(p *Pool) {
	op.table = tableFor[T](p)
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

// rowLoss is that of row i with logits z; e is room for as many numbers. It computes in W, and sums in
// float64.
func rowLoss[T, W Float](op *CrossEntropyTerms[T], i int, z, e []W) float64 {
	if op.Soft {
		return softLoss(op, i, z, e)
	}
	y := op.label(i)
	switch y {
	case ignoredLabel:
		return 0
	case wrongLabel:
		return math.NaN()
	}
	top, sum := exps(op.table, e, z)
	log, hard := math.Log(sum), (1-op.Smoothing)*op.weight(y)
	l := hard * (log - (float64(z[y]) - top))
	if share := op.Smoothing / float64(op.Classes); share > 0 {
		var away float64
		for c, v := range z {
			away += op.weight(c) * (float64(v) - top)
		}
		l += share * (op.all*log - away)
	}
	return l
}

func softLoss[T, W Float](op *CrossEntropyTerms[T], i int, z, e []W) (l float64) {
	top, sum := exps(op.table, e, z)
	log := math.Log(sum)
	for c, v := range z {
		if a := op.soft(i, c); a != 0 {
			l += a * (log - (float64(v) - top))
		}
	}
	return l
}

// soft is a of class c in row i of probabilities.
func (op *CrossEntropyTerms[T]) soft(i, c int) float64 {
	t := float64(op.Labels[i*op.Classes+c])
	return op.weight(c) * (t*(1-op.Smoothing) + op.Smoothing/float64(op.Classes))
}

// rowGradient writes dz = scale times the derivative of row i's loss: Σa·p - a.
func rowGradient[T, W Float](op *CrossEntropyTerms[T], i int, dz, z []W, scale float64) {
	if op.Soft {
		softGradient(op, i, dz, z, scale)
		return
	}
	y := op.label(i)
	if y < 0 {
		v := W(0)
		if y == wrongLabel {
			v = W(math.NaN())
		}
		for c := range dz {
			dz[c] = v
		}
		return
	}
	_, sum := exps(op.table, dz, z)
	hard, share := (1-op.Smoothing)*op.weight(y), op.Smoothing/float64(op.Classes)
	own := float64(dz[y])
	factor := scale * (hard + share*op.all) / sum
	if share == 0 {
		for c, e := range dz {
			dz[c] = W(factor * float64(e))
		}
		dz[y] = W(factor * (own - sum)) // p - 1, without cancellation
		return
	}
	for c, e := range dz {
		dz[c] = W(factor*float64(e) - scale*share*op.weight(c))
	}
	dz[y] = W(factor*own - scale*(hard+share*op.weight(y)))
}

func softGradient[T, W Float](op *CrossEntropyTerms[T], i int, dz, z []W, scale float64) {
	_, sum := exps(op.table, dz, z)
	var all float64
	for c := range dz {
		all += op.soft(i, c)
	}
	for c, e := range dz {
		dz[c] = W(scale * (all*float64(e)/sum - op.soft(i, c)))
	}
}
