package eval_test

import (
	"context"
	"math"
	"testing"

	"cradio/cpu"
	"cradio/radio/eval"

	"github.com/stretchr/testify/require"
)

// twoClasses are 40 rows of two features, and two classes that overlap.
func twoClasses() eval.Set {
	s := eval.Set{Width: 2}
	for i := range 40 {
		t := float64(i)
		x, y := float32(math.Sin(t*1.3)), float32(math.Cos(t*0.7)+0.3*math.Sin(t))
		label := 0
		if float64(x)+0.5*float64(y)+0.6*math.Sin(t*5.1) > 0 {
			label = 1
		}
		s.Features, s.Labels = append(s.Features, x, y), append(s.Labels, label)
	}
	return s
}

// TestTwoClassesEqualScikitLearn: the numbers are coef_ and intercept_ of scikit-learn 1.9.1's
// LogisticRegression(C=c, tol=1e-12), whose penalty of two classes is another.
func TestTwoClassesEqualScikitLearn(t *testing.T) {
	for c, want := range map[float64][3]float64{
		0.5: {1.70490302, 0.70668957, -0.20093597},
		20:  {4.12042098, 1.99497329, -0.5556814},
	} {
		l, err := eval.FitLogistic(t.Context(), twoClasses(), 2, eval.LogisticOptions{C: c, Tolerance: 1e-11})
		require.NoError(t, err)
		require.InDelta(t, want[0], l.Weight[2]-l.Weight[0], 1e-6)
		require.InDelta(t, want[1], l.Weight[3]-l.Weight[1], 1e-6)
		require.InDelta(t, want[2], l.Bias[1]-l.Bias[0], 1e-6)
		require.InDelta(t, 0, l.Bias[0]+l.Bias[1], 1e-12)
	}
}

// TestLogisticOnAnyThreads: the same bits, also from another start to rounding.
func TestLogisticOnAnyThreads(t *testing.T) {
	train := random(700, 9, 5, 1)
	var first *eval.Logistic
	for _, threads := range []int{1, 3} {
		pool := cpu.NewPool(threads)
		l, err := eval.FitLogistic(t.Context(), train, 5, eval.LogisticOptions{Options: eval.Options{Pool: pool}})
		pool.Close()
		require.NoError(t, err)
		require.True(t, l.Converged)
		if first == nil {
			first = l
		}
		require.Equal(t, first, l)
	}
	again, err := eval.FitLogistic(t.Context(), train, 5, eval.LogisticOptions{Start: first})
	require.NoError(t, err)
	require.LessOrEqual(t, again.Iterations, 1, "it starts at the minimum")
	require.InDeltaSlice(t, first.Weight, again.Weight, 1e-6)
}

// TestUnseenClasses: a class that train lacks is never the answer, and changes nothing else.
func TestUnseenClasses(t *testing.T) {
	few := twoClasses()
	two, err := eval.FitLogistic(t.Context(), few, 2, eval.LogisticOptions{})
	require.NoError(t, err)
	many := few
	many.Labels = nil
	for _, l := range few.Labels {
		many.Labels = append(many.Labels, 3*l)
	}
	l, err := eval.FitLogistic(t.Context(), many, 60, eval.LogisticOptions{}) // more classes than rows
	require.NoError(t, err)
	require.Equal(t, two.Weight[:2], l.Weight[:2])
	require.Equal(t, two.Weight[2:4], l.Weight[6:8])
	scores, err := l.Scores(t.Context(), few.Features, eval.Options{})
	require.NoError(t, err)
	require.True(t, math.IsInf(scores[1], -1) && math.IsInf(scores[59], -1))
	answers, err := l.Predict(t.Context(), few.Features, eval.Options{})
	require.NoError(t, err)
	require.Subset(t, []int{0, 3}, answers)
}

func TestSweepChoosesOnValidation(t *testing.T) {
	train, val := random(300, 9, 5, 2), random(200, 9, 5, 3)
	var steps []int
	c, points, err := eval.Sweep(t.Context(), train, val, 5, []float64{10, 1e-6, 0.1}, eval.LogisticOptions{
		Options: eval.Options{Progress: func(done, total int) { steps = append(steps, done, total) }},
	})
	require.NoError(t, err)
	require.Equal(t, []int{1, 3, 2, 3, 3, 3}, steps)
	require.Len(t, points, 3)
	require.Equal(t, 1e-6, points[0].C)
	best := eval.SweepPoint{Accuracy: -1}
	for _, p := range points {
		require.True(t, p.Converged)
		if p.Accuracy > best.Accuracy {
			best = p
		}
	}
	require.Equal(t, best.C, c)
	l, err := eval.FitLogistic(t.Context(), train, 5, eval.LogisticOptions{C: 10})
	require.NoError(t, err)
	answers, err := l.Predict(t.Context(), val.Features, eval.Options{})
	require.NoError(t, err)
	confusion, err := eval.Confuse(5, val.Labels, answers)
	require.NoError(t, err)
	require.InDelta(t, points[2].Accuracy, confusion.Accuracy(), 1e-12, "a warm start ends at the same minimum")
	require.Len(t, eval.DefaultCs(), 12)
}

func TestLogisticErrors(t *testing.T) {
	good := twoClasses()
	fit := func(s eval.Set, classes int, opt eval.LogisticOptions) error {
		_, err := eval.FitLogistic(t.Context(), s, classes, opt)
		return err
	}
	one := eval.Set{Features: []float32{1, 2}, Width: 1, Labels: []int{3, 3}}
	require.EqualError(t, fit(one, 4, eval.LogisticOptions{}), "train has rows of 1 class only: a classifier needs at least two")
	require.EqualError(t, fit(good, 1, eval.LogisticOptions{}), "train: the label of row 0 is 1: must be 0 to 0")
	require.EqualError(t, fit(good, 2, eval.LogisticOptions{C: -1}), "the inverse penalty C is -1: must be a positive finite number")
	require.EqualError(t, fit(eval.Set{Width: 2}, 2, eval.LogisticOptions{}), "train: has no rows")
	bad := good
	bad.Features = append([]float32{float32(math.NaN())}, good.Features[1:]...)
	require.EqualError(t, fit(bad, 2, eval.LogisticOptions{}), "train: feature 0 of row 0 is NaN: must be finite; leave the row out")
	other, err := eval.FitLogistic(t.Context(), random(50, 3, 2, 1), 2, eval.LogisticOptions{})
	require.NoError(t, err)
	require.EqualError(t, fit(good, 2, eval.LogisticOptions{Start: other}), "the fit to start from has 2 classes and width 3, train has 2 and 2")
	_, err = other.Predict(t.Context(), []float32{1, 2}, eval.Options{})
	require.ErrorContains(t, err, "2 numbers are not rows of 3")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = eval.FitLogistic(ctx, good, 2, eval.LogisticOptions{})
	require.ErrorIs(t, err, context.Canceled)
	l, err := eval.FitLogistic(t.Context(), random(300, 9, 5, 2), 5, eval.LogisticOptions{C: 1e5, Iterations: 3})
	require.NoError(t, err)
	require.False(t, l.Converged)
	require.Equal(t, 3, l.Iterations)
}
