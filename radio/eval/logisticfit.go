package eval

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/optimize"
)

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

// Init and Record implement optimize.Recorder.
func (f *fit) Init() error { return nil }

// Record tells the progress after each iteration.
func (f *fit) Record(_ *optimize.Location, op optimize.Operation, s *optimize.Stats) error {
	if op == optimize.MajorIteration && f.opt.Progress != nil {
		f.opt.Progress(s.MajorIterations, f.opt.Iterations)
	}
	return nil
}
