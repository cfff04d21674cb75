package eval

import (
	"context"
	"errors"
	"math"
	"slices"
)

// SweepPoint is one C of a sweep.
type SweepPoint struct {
	C         float64 `json:"c"`
	Accuracy  float64 `json:"accuracy"` // on the validation part
	Converged bool    `json:"converged"`
}

// DefaultCs are the values of C that Sweep tries by default: 1e-6, 1e-5, …, 1e5.
func DefaultCs() []float64 {
	var cs []float64
	for e := -6; e <= 5; e++ {
		cs = append(cs, math.Pow10(e))
	}
	return cs
}

// Sweep fits a logistic regression to train for each C, and returns the C with the best
// accuracy on val: the smallest of equal ones. cs may be nil, which means DefaultCs. Each fit
// starts where the fit of the C below it has ended.
//
// Then fit train and val together with that C (Set.Join), and report the accuracy on a test
// part that had no say in it. An accuracy on val itself flatters.
func Sweep(ctx context.Context, train, val Set, classes int, cs []float64, opt LogisticOptions) (c float64, points []SweepPoint, err error) {
	if err := val.Check("val", classes); err != nil {
		return 0, nil, err
	}
	if val.Width != train.Width {
		return 0, nil, errors.New("val and train have features of different widths: take both from one model and one output")
	}
	if cs == nil {
		cs = DefaultCs()
	}
	cs = slices.Clone(cs)
	slices.Sort(cs)
	highest, progress := -1.0, opt.Progress
	opt.Progress = nil
	for i, value := range cs {
		opt.C = value
		l, err := FitLogistic(ctx, train, classes, opt)
		if err != nil {
			return 0, nil, err
		}
		opt.Start = l
		scores, err := l.Scores(ctx, val.Features, opt.Options)
		if err != nil {
			return 0, nil, err
		}
		ranks, err := Ranks(scores, classes, val.Labels)
		if err != nil {
			return 0, nil, err
		}
		p := SweepPoint{value, TopK(ranks, 1), l.Converged}
		points = append(points, p)
		if p.Accuracy > highest {
			c, highest = value, p.Accuracy
		}
		if progress != nil {
			progress(i+1, len(cs))
		}
	}
	return c, points, nil
}
