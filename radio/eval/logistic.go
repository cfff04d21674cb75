package eval

import (
	"context"
	"errors"
	"fmt"
	"math"

	"cradio/cpu"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/optimize"
)

// Logistic is a multinomial logistic regression. The score of a class is Weight·x + Bias.
type Logistic struct {
	Classes, Width int
	Weight         []float64 // (Classes, Width)
	Bias           []float64 // (Classes), of mean 0 over the classes seen
	// Seen tells which classes have rows in train. The others are never the answer: their score
	// is -Inf.
	Seen []bool

	C          float64
	Iterations int
	Gradient   float64 // the largest component of the gradient at the end, of the mean loss
	Converged  bool
}

// LogisticOptions are the options of FitLogistic. The zero value is valid.
type LogisticOptions struct {
	Options
	// C is the inverse of the penalty; 0 means 1.
	C float64
	// Tolerance ends the fit: the largest component of the gradient of the mean loss. 0 means
	// 1e-8. scikit-learn's default is 1e-4, with which answers near a border differ.
	Tolerance  float64
	Iterations int       // the limit; 0 means 3000
	Start      *Logistic // where to start, such as the fit of a similar C; nil means zeros
}

// FitLogistic fits a logistic regression to train by L-BFGS. It minimises, as scikit-learn does,
//
//	C · Σ cross entropy + ½ ‖W‖²
//
// The biases have no penalty. With two classes, scikit-learn has one vector of weights w,
// and penalises ½ ‖w‖². Here the classes have w/2 and −w/2, and the penalty is doubled, which
// is the same. All sums are in float64.
//
// A fit that reaches the limit of iterations is returned with Converged false.
func FitLogistic(ctx context.Context, train Set, classes int, opt LogisticOptions) (*Logistic, error) {
	if err := train.Check("train", classes); err != nil {
		return nil, err
	}
	if opt.C == 0 {
		opt.C = 1
	}
	if opt.Tolerance == 0 {
		opt.Tolerance = 1e-8
	}
	if opt.Iterations == 0 {
		opt.Iterations = 3000
	}
	if !(opt.C > 0) || math.IsInf(opt.C, 1) {
		return nil, fmt.Errorf("the inverse penalty C is %g: must be a positive finite number", opt.C)
	}
	f := newFit(train, classes, opt)
	if len(f.classes) < 2 {
		return nil, fmt.Errorf("train has rows of %d class only: a classifier needs at least two", len(f.classes))
	}
	start, err := f.start(opt.Start)
	if err != nil {
		return nil, err
	}
	best, iterations, err := f.minimise(ctx, start)
	if err != nil {
		return nil, err
	}
	return f.result(best, iterations), nil
}

// history is how many steps L-BFGS keeps. Twice gonum's default takes a third fewer iterations
// where C is large.
const history = 30

// minimise runs L-BFGS from x, and again from where it stopped if its line search has failed
// before the gradient is small: with an empty history it often goes on.
func (f *fit) minimise(ctx context.Context, x []float64) (best []float64, iterations int, err error) {
	problem := optimize.Problem{
		Func: func(x []float64) float64 { f.at(x); return f.loss },
		Grad: func(grad, x []float64) { f.at(x); copy(grad, f.gradient) },
		Status: func() (optimize.Status, error) {
			if err := ctx.Err(); err != nil {
				return optimize.Failure, err
			}
			return optimize.NotTerminated, nil
		},
	}
	const attempts = 5

	for range attempts {
		r, err := optimize.Minimize(problem, x, &optimize.Settings{
			GradientThreshold: f.opt.Tolerance, Converger: optimize.NeverTerminate{},
			MajorIterations: f.opt.Iterations - iterations, Recorder: f,
		}, &optimize.LBFGS{Store: history, Linesearcher: &optimize.MoreThuente{}, GradStopThreshold: math.NaN()})
		if ctx.Err() != nil {
			return nil, 0, ctx.Err()
		}
		if r == nil {
			return nil, 0, fmt.Errorf("logistic regression: %w", err)
		}
		x = r.X
		iterations += r.MajorIterations
		f.at(x)
		if f.largest() <= f.opt.Tolerance || iterations >= f.opt.Iterations {
			break
		}
	}
	if math.IsNaN(f.loss) || math.IsInf(f.loss, 0) {
		return nil, 0, errors.New("logistic regression: the loss is not finite; standardise the features, or give a smaller C")
	}
	return x, iterations, nil
}

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

// compensated is a sum whose rounding errors are added up beside it (Neumaier 1974). Near the
// minimum the line search compares losses that differ in the last digits.
type compensated struct{ sum, lost float64 }

func (c *compensated) add(v float64) {
	t := c.sum + v
	if math.Abs(c.sum) >= math.Abs(v) {
		c.lost += (c.sum - t) + v
	} else {
		c.lost += (v - t) + c.sum
	}
	c.sum = t
}

func (c *compensated) value() float64 { return c.sum + c.lost }

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

// Init and Record implement optimize.Recorder.
func (f *fit) Init() error { return nil }

// Record tells the progress after each iteration.
func (f *fit) Record(_ *optimize.Location, op optimize.Operation, s *optimize.Stats) error {
	if op == optimize.MajorIteration && f.opt.Progress != nil {
		f.opt.Progress(s.MajorIterations, f.opt.Iterations)
	}
	return nil
}

// result is the regression with parameters x.
func (f *fit) result(x []float64, iterations int) *Logistic {
	d := f.train.Width
	f.at(x)
	l := &Logistic{
		Classes: f.all, Width: d, Weight: make([]float64, f.all*d), Bias: make([]float64, f.all), Seen: make([]bool, f.all),
		C: f.opt.C, Iterations: iterations, Gradient: f.largest(), Converged: f.largest() <= f.opt.Tolerance,
	}
	mean := 0.0
	for i := range f.classes {
		mean += x[i*(d+1)+d] / float64(len(f.classes))
	}
	for i, class := range f.classes {
		copy(l.Weight[class*d:], x[i*(d+1):][:d])
		l.Bias[class], l.Seen[class] = x[i*(d+1)+d]-mean, true
	}
	return l
}
