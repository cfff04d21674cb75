package cpu

// ResizedCrossEntropy is the CrossEntropy of logits that are resized to the labels, or its gradient
// DX = DY · dY/dX with respect to the small logits, where DX is given. The large logits are computed
// pixel by pixel and never kept.
type ResizedCrossEntropy[T Float] struct {
	Y       []T // (1)
	DX, DY  []T // (Batch, FromH·FromW, Classes), (1)
	X       []T // (Batch, FromH·FromW, Classes)
	Batch   int
	Scratch []T // ResizedCrossEntropyScratch
	Bilinear
	CrossEntropyTerms[T] // Labels (Batch, H, W)

	sums    lossSums
	scale   float64
	columns []sample // by the column of a label
	rows    []sample // by the row of a label
	bands   []int    // the rows of labels from bands[y] to bands[y+1] begin at row y of the logits
}

// sample is where a pixel lies between two of the logits.
type sample struct {
	from, to int
	f        float64 // the share of the second
}

// ResizedCrossEntropyScratch returns the elements of Scratch: for each thread two rows of logits and two
// pixels; for a gradient as many more as DX.
func ResizedCrossEntropyScratch(batch, classes int, size Bilinear, gradient bool, threads int) int {
	n := threads * (2*size.FromW + 2) * classes
	if gradient {
		n += batch * size.FromH * size.FromW * classes
	}
	return n
}

// Check reports fields that contradict one another.
func (op *ResizedCrossEntropy[T]) Check() error {
	c := checking("ResizedCrossEntropy")
	op.Bilinear.check(c)
	c.length("X", len(op.X), op.Batch, op.FromH, op.FromW, op.Classes)
	lossLengths(c, op.Y, op.DX, op.DY, len(op.X))
	op.CrossEntropyTerms.check(c, op.Batch*op.H*op.W)
	if op.Soft {
		c.fail("Soft is set, want labels: probabilities are not resized")
	}
	c.room("Scratch", len(op.Scratch), ResizedCrossEntropyScratch(op.Batch, op.Classes, op.Bilinear, op.DX != nil, 1))
	return c.err
}

// Run computes Y or DX.
func (op *ResizedCrossEntropy[T]) Run(p *Pool) {
	op.begin(p)
	op.sample()
	op.sums.begin(op.Batch * op.H)
	p.Run(op.Batch*op.H, (*resizedWeights[T])(op))
	_, over := op.sums.total()
	if op.DX != nil {
		op.scale = ratio(float64(op.DY[0]), over)
		p.Run(op.Batch*op.FromH, op)
		p.Run(op.Batch*op.FromH, (*resizedJoin[T])(op))
		return
	}
	op.sums.begin(op.Batch * op.FromH)
	p.Run(op.Batch*op.FromH, op)
	sum, _ := op.sums.total()
	op.Y[0] = T(ratio(sum, over))
}

// sample computes where the rows and columns of labels lie. It allocates in the first run.
func (op *ResizedCrossEntropy[T]) sample() {
	if op.columns != nil {
		return
	}
	for x := range op.W {
		from, to, f := op.Bilinear.columns().source(x)
		op.columns = append(op.columns, sample{from, to, f})
	}
	op.bands = make([]int, op.FromH+1)
	for y := range op.H {
		from, to, f := op.Bilinear.rows().source(y)
		op.rows = append(op.rows, sample{from, to, f})
		op.bands[from+1] = y + 1
	}
	for y := range op.FromH { // a row from which none begins
		op.bands[y+1] = max(op.bands[y+1], op.bands[y])
	}
}

// resizedWeights adds up what one row of labels adds to the divisor.
type resizedWeights[T Float] ResizedCrossEntropy[T]

func (op *resizedWeights[T]) Do(_, i int) {
	var over float64
	for x := range op.W {
		over += op.weightOf(i*op.W + x)
	}
	op.sums.pieces[i] = [2]float64{0, over}
}

// Do computes what the labels that begin at one row of logits add to the loss, or to the gradient of
// this row, in DX, and of the next one, in Scratch.
func (op *ResizedCrossEntropy[T]) Do(worker, i int) {
	b, y, row := i/op.FromH, i%op.FromH, op.FromW*op.Classes
	work := op.Scratch[worker*(2*row+2*op.Classes):][:2*row+2*op.Classes]
	blend, slopes, z, e := work[:row], work[row:2*row], work[2*row:][:op.Classes], work[2*row+op.Classes:]
	var own, next []T
	if op.DX != nil {
		own, next = op.DX[i*row:(i+1)*row], op.next(i)
		clear(own)
		clear(next)
	}
	var sum float64
	for large := op.bands[y]; large < op.bands[y+1]; large++ {
		at := op.rows[large]
		mix(blend, op.X[i*row:(i+1)*row], op.X[(b*op.FromH+at.to)*row:][:row], at.f)
		if op.DX != nil {
			clear(slopes)
		}
		for x, c := range op.columns {
			label := (b*op.H+large)*op.W + x
			if op.label(label) == ignoredLabel {
				continue
			}
			mix(z, blend[c.from*op.Classes:][:op.Classes], blend[c.to*op.Classes:][:op.Classes], c.f)
			if op.DX == nil {
				sum += op.loss(label, z, e)
				continue
			}
			op.gradient(label, e, z, op.scale)
			spread(slopes[c.from*op.Classes:][:op.Classes], slopes[c.to*op.Classes:][:op.Classes], e, c.f)
		}
		if op.DX != nil {
			spread(own, next, slopes, at.f)
		}
	}
	if op.DX == nil {
		op.sums.pieces[i] = [2]float64{sum, 0}
	}
}

// next is what row i of the logits gives to the gradient of the row after it.
func (op *ResizedCrossEntropy[T]) next(i int) []T {
	row := op.FromW * op.Classes
	all := op.Scratch[len(op.Scratch)-len(op.DX):]
	return all[i*row : (i+1)*row]
}

// resizedJoin adds to a row of DX what the row before it gives.
type resizedJoin[T Float] ResizedCrossEntropy[T]

func (op *resizedJoin[T]) Do(_, i int) {
	if i%op.FromH == 0 {
		return
	}
	row := op.FromW * op.Classes
	dx := op.DX[i*row : (i+1)*row]
	for k, v := range (*ResizedCrossEntropy[T])(op).next(i - 1) {
		dx[k] += v
	}
}

// mix is y = a + f·(b - a).
func mix[T Float](y, a, b []T, f float64) {
	a, b = a[:len(y)], b[:len(y)]
	g, h := T(1-f), T(f)
	for k := range y {
		y[k] = a[k]*g + b[k]*h
	}
}

// spread is the transpose of mix: it adds (1 - f)·d to a and f·d to b. a and b are the same only where f
// is 0.
func spread[T Float](a, b, d []T, f float64) {
	a, b = a[:len(d)], b[:len(d)]
	g, h := T(1-f), T(f)
	for k, v := range d {
		a[k] += g * v
	}
	if h == 0 {
		return
	}
	for k, v := range d {
		b[k] += h * v
	}
}
