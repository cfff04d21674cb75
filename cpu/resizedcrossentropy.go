package cpu

import "math"

// ResizedCrossEntropy is the CrossEntropy of logits that are resized to the labels, and its gradient
// DX = DY · dY/dX with respect to the small logits: what of Y and DX is given. The large logits are computed
// pixel by pixel and never kept. A small operation is computed in float64, and rounded once.
type ResizedCrossEntropy[T Float] struct {
	Y       []T // (1)
	DX, DY  []T // (Batch, FromH·FromW, Classes), (1)
	X       []T // (Batch, FromH·FromW, Classes)
	Batch   int
	Scratch []T // ResizedCrossEntropyScratch
	Bilinear
	CrossEntropyTerms[T] // Labels (Batch, H, W)

	own    resizedTask[T, T]
	exact  resizedTask[T, float64] // of a small operation
	sums   lossSums
	scale  float64
	across []sample // by the column of a label
	down   []sample // by the row of a label
	bands  []int    // the rows of labels from bands[y] to bands[y+1] begin at row y of the logits
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
	if op.Y != nil {
		lossLengths(c, op.Y, nil, nil, 0)
	}
	if op.DX != nil || op.Y == nil {
		c.length("DX", len(op.DX), len(op.X))
		c.length("DY", len(op.DY), 1)
	}
	op.CrossEntropyTerms.check(c, op.Batch*op.H*op.W)
	if op.Soft {
		c.fail("Soft is set, want labels: probabilities are not resized")
	}
	c.room("Scratch", len(op.Scratch), ResizedCrossEntropyScratch(op.Batch, op.Classes, op.Bilinear, op.DX != nil, 1))
	return c.err
}

// Run computes Y or DX.
func (op *ResizedCrossEntropy[T]) Run(p *Pool) {
	op.begin(p, op.H*op.W*op.Classes)
	op.sample()
	op.sums.begin(op.Batch * op.H)
	p.Run(op.Batch*op.H, (*resizedWeights[T])(op))
	_, over := op.sums.total()
	if op.DX != nil {
		op.scale = ratio(float64(op.DY[0]), over)
	}
	op.sums.begin(op.Batch * op.FromH)
	if small(op.Small, op.H*op.W, op.Classes, lossCost) {
		n := ResizedCrossEntropyScratch(op.Batch, op.Classes, op.Bilinear, op.DX != nil, p.Threads())
		if len(op.exact.scratch) < n || len(op.exact.dx) < len(op.DX) {
			op.exact.scratch, op.exact.dx = make([]float64, n), make([]float64, len(op.DX))
		}
		runResized(p, op, &op.exact)
	} else {
		op.own.scratch, op.own.dx = op.Scratch, op.DX
		runResized(p, op, &op.own)
	}
	if op.Y != nil {
		sum, _ := op.sums.total()
		op.Y[0] = T(ratio(sum, over))
	}
}

// sample computes where the rows and columns of labels lie. It allocates in the first run.
func (op *ResizedCrossEntropy[T]) sample() {
	if op.across != nil {
		return
	}
	for x := range op.W {
		from, to, f := op.columns().source(x)
		op.across = append(op.across, sample{from, to, f})
	}
	op.bands = make([]int, op.FromH+1)
	for y := range op.H {
		from, to, f := op.rows().source(y)
		op.down = append(op.down, sample{from, to, f})
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

// resizedTask computes on rows of W.
type resizedTask[T, W Float] struct {
	*ResizedCrossEntropy[T]
	scratch, dx []W // in the place of Scratch and DX
}

// runResized computes the sums of the loss, or the gradient.
func runResized[T, W Float](p *Pool, op *ResizedCrossEntropy[T], t *resizedTask[T, W]) {
	t.ResizedCrossEntropy = op
	p.Run(op.Batch*op.FromH, t)
	if op.DX != nil {
		p.Run(op.Batch*op.FromH, (*resizedJoin[T, W])(t))
	}
}

// Do computes what the labels that begin at one row of logits add to the loss, or to the gradient of
// this row, in dx, and of the next one, in scratch.
func (t *resizedTask[T, W]) Do(worker, i int) {
	op, row := t.ResizedCrossEntropy, t.FromW*t.Classes
	b, y := i/op.FromH, i%op.FromH
	work := t.scratch[worker*(2*row+2*op.Classes):][:2*row+2*op.Classes]
	blend, slopes, z, e := work[:row], work[row:2*row], work[2*row:][:op.Classes], work[2*row+op.Classes:]
	var own, next []W
	if op.DX != nil {
		own, next = t.dx[i*row:(i+1)*row], t.next(i)
		clear(own)
		clear(next)
	}
	var sum float64
	for large := op.bands[y]; large < op.bands[y+1]; large++ {
		at := op.down[large]
		mix(&op.softmax, blend, op.X[i*row:(i+1)*row], op.X[(b*op.FromH+at.to)*row:][:row], at.f)
		if op.DX != nil {
			clear(slopes)
		}
		for x, c := range op.across {
			label := (b*op.H+large)*op.W + x
			from, to := c.from*op.Classes, c.to*op.Classes
			y := op.label(label)
			if y < 0 {
				if y == wrongLabel {
					sum, slopes[from] = math.NaN(), W(math.NaN())
				}
				continue
			}
			a, b := blend[from:][:op.Classes], blend[to:][:op.Classes]
			top, all := mixExps(&op.softmax, worker, e, a, b, c.f)
			if op.Y != nil {
				sum += t.loss(label, y, z, a, b, c.f, top, all)
			}
			if op.DX != nil {
				s := slopesOf(&op.CrossEntropyTerms, label, e, all, op.scale)
				e[y] = 0
				spread(&op.softmax, slopes[from:][:op.Classes], slopes[to:][:op.Classes], e, c.f, s.factor)
				slopes[from+y] += W(s.slope * (1 - c.f))
				slopes[to+y] += W(s.slope * c.f)
			}
		}
		if op.DX != nil {
			spread(&op.softmax, own, next, slopes, at.f, 1)
		}
	}
	op.sums.pieces[i] = [2]float64{sum, 0}
}

// loss is that of one label, whose logits are between a and b, from the largest of them and the sum of
// exps.
func (t *resizedTask[T, W]) loss(label, y int, z, a, b []W, f, top, sum float64) float64 {
	op := t.ResizedCrossEntropy
	if op.Smoothing > 0 {
		mix(&op.softmax, z, a, b, f)
	} else {
		mix(&op.softmax, z[y:y+1], a[y:y+1], b[y:y+1], f) // the only one that is needed
	}
	return lossOf(&op.CrossEntropyTerms, label, z, top, sum)
}

// next is what row i of the logits gives to the gradient of the row after it.
func (t *resizedTask[T, W]) next(i int) []W {
	row := t.FromW * t.Classes
	all := t.scratch[len(t.scratch)-len(t.DX):]
	return all[i*row : (i+1)*row]
}

// resizedJoin writes a row of DX: what its own labels give, and what the row before it gives.
type resizedJoin[T, W Float] resizedTask[T, W]

func (t *resizedJoin[T, W]) Do(_, i int) {
	row := t.FromW * t.Classes
	own := t.dx[i*row : (i+1)*row]
	if i%t.FromH > 0 {
		for k, v := range (*resizedTask[T, W])(t).next(i - 1) {
			own[k] += v
		}
	}
	for k, v := range own {
		t.DX[i*row+k] = T(v)
	}
}
