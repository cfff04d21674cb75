package eval

import (
	"fmt"
	"math"

	"cradio/cpu"

	"gonum.org/v1/gonum/floats"
)

// fit is one call of FitLogistic. Parameters are (classes seen, Width + 1), the bias last.
type fit struct {
	train   Set
	opt     LogisticOptions
	all     int
	classes []int // those seen
	index   []int // of a class among those seen, or -1
	penalty float64

	rows     int // of a block
	x        []float64
	scores   []float64
	block    []float64 // the gradient of a block
	weight   []float64
	bias     []float64
	matrix   cpu.Matrix[float64]
	scratch  []float64
	last     []float64 // the parameters of loss and gradient; nil at first
	loss     float64
	gradient []float64
	losses   []float64 // of the rows of a block

	first int // row of the block in progress
	count int
}

// lossBlock is how many rows are converted to float64 at a time.
const lossBlock = 1024

func newFit(train Set, classes int, opt LogisticOptions) *fit {
	f := &fit{train: train, opt: opt, all: classes, index: make([]int, classes)}
	for l, n := range train.Counts(classes) {
		f.index[l] = -1
		if n > 0 {
			f.index[l] = len(f.classes)
			f.classes = append(f.classes, l)
		}
	}
	k, d := len(f.classes), train.Width
	// the mean loss, whose gradient does not grow with N and C
	f.penalty = 1 / (opt.C * float64(train.Len()))
	if k == 2 {
		f.penalty *= 2
	}
	f.rows = min(lossBlock, train.Len())
	f.x, f.scores, f.losses = make([]float64, f.rows*d), make([]float64, f.rows*k), make([]float64, f.rows)
	f.weight, f.bias, f.block = make([]float64, k*d), make([]float64, k), make([]float64, k*d)
	f.matrix = cpu.Wrap(f.weight, k, d)
	f.scratch = make([]float64, cpu.MatMulScratch(k, d, f.rows, true, false))
	f.gradient = make([]float64, k*(d+1))
	return f
}

// start returns the parameters to start from.
func (f *fit) start(from *Logistic) ([]float64, error) {
	d := f.train.Width
	x := make([]float64, len(f.classes)*(d+1))
	if from == nil {
		return x, nil
	}
	if from.Classes != f.all || from.Width != d {
		return nil, fmt.Errorf("the fit to start from has %d classes and width %d, train has %d and %d", from.Classes, from.Width, f.all, d)
	}
	for i, l := range f.classes {
		if from.Seen[l] {
			copy(x[i*(d+1):], from.Weight[l*d:][:d])
			x[i*(d+1)+d] = from.Bias[l]
		}
	}
	return x, nil
}

// at computes loss and gradient of the parameters x, unless it just has.
func (f *fit) at(x []float64) {
	if f.last != nil && floats.Equal(f.last, x) {
		return
	}
	f.last = append(f.last[:0], x...)
	k, d := len(f.classes), f.train.Width
	clear(f.gradient)
	square := 0.0
	for i := range k {
		copy(f.weight[i*d:], x[i*(d+1):][:d])
		f.bias[i] = x[i*(d+1)+d]
		for j, w := range f.weight[i*d:][:d] {
			square += float64(w * w)
			f.gradient[i*(d+1)+j] = f.penalty * w
		}
	}
	var sum compensated
	for f.first = 0; f.first < f.train.Len(); f.first += f.count {
		f.count = min(f.rows, f.train.Len()-f.first)
		f.add(&sum)
	}
	f.loss = sum.value()/float64(f.train.Len()) + f.penalty/2*square
}

// add adds the gradient of a block of rows, and their losses.
func (f *fit) add(loss *compensated) {
	pool, k, d, n := f.opt.pool(), len(f.classes), f.train.Width, f.count
	pool.Run(pieces(n, lossPiece), (*convertTask)(f))
	linear := cpu.Linear[float64]{Y: f.scores[:n*k], X: f.x[:n*d], W: &f.matrix, Bias: f.bias, Rows: n}
	linear.Run(pool)
	pool.Run(pieces(n, lossPiece), (*softmaxTask)(f))
	product := cpu.MatMul[float64]{C: f.block, A: f.scores[:n*k], B: f.x[:n*d], M: k, N: d, K: n, TransA: true, Scratch: f.scratch}
	product.Run(pool)
	for i := range k {
		g := f.gradient[i*(d+1):][:d+1]
		floats.Add(g[:d], f.block[i*d:][:d])
		for r := range n {
			g[d] += f.scores[r*k+i]
		}
	}
	for _, l := range f.losses[:n] {
		loss.add(l)
	}
}

// lossPiece is how many rows one piece of a task handles.
const lossPiece = 32

// convertTask converts rows to float64.
type convertTask fit

func (f *convertTask) Do(_, i int) {
	d := f.train.Width
	first := i * lossPiece
	last := min(first+lossPiece, f.count)
	to := f.x[first*d : last*d]
	for j, v := range f.train.Features[(f.first+first)*d:][:len(to)] {
		to[j] = float64(v)
	}
}

// softmaxTask turns scores into the derivative of the mean cross entropy.
type softmaxTask fit

func (f *softmaxTask) Do(_, i int) {
	k := len(f.classes)
	first := i * lossPiece
	for r := first; r < min(first+lossPiece, f.count); r++ {
		z := f.scores[r*k:][:k]
		label := f.index[f.train.Labels[f.first+r]]
		most, own, sum := z[best(z)], z[label], 0.0
		for j, v := range z {
			z[j] = math.Exp(v - most)
			sum += z[j]
		}
		f.losses[r] = math.Log(sum) + (most - own)
		n := float64(f.train.Len())
		for j := range z {
			z[j] /= sum * n
		}
		z[label] -= 1 / n
	}
}

// largest returns the largest component of the gradient.
func (f *fit) largest() float64 { return floats.Norm(f.gradient, math.Inf(1)) }
