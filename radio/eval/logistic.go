package eval

import (
	"context"
	"fmt"
	"math"
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
