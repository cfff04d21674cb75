package eval_test

import (
	"math"
	"testing"

	"cradio/radio/eval"

	"github.com/stretchr/testify/require"
)

// TestSeverally has what scikit-learn 1.9 gives: average_precision_score, f1_score, accuracy_score.
func TestSeverally(t *testing.T) {
	scores := []float64{2, -1, 0.5, 1, 1, -2, -1, 0.5, 0.5, 0.25, -3, -1, -2, 2, -0.5}
	labels := [][]int{{0, 2}, {1}, {2}, {0}, {1}}
	s, err := eval.Severally(scores, 3, labels, nil)
	require.NoError(t, err)
	require.InDelta(t, 0.9444444444444443, s.MeanPrecision, 1e-15)
	require.InDelta(t, 0.8214285714285714, s.MicroPrecision, 1e-15)
	require.InDelta(t, 0.8666666666666667, s.F1, 1e-15)
	require.InDelta(t, 0.8571428571428571, s.MicroF1, 1e-15)
	require.InDelta(t, 0.6, s.Exact, 1e-15)
	require.InDelta(t, 0.8333333333333333, s.Classes[0].AveragePrecision, 1e-15)
	require.InDelta(t, 2.0/3, s.Classes[0].Precision, 1e-15)
	require.Equal(t, 1.0, s.Classes[0].Recall)
	require.Equal(t, 2, s.Classes[1].Rows)
	interval, err := eval.SeverallyInterval(scores, 3, labels, nil, eval.BootstrapOptions{Resamples: 50})
	require.NoError(t, err)
	require.LessOrEqual(t, interval.Low, s.MeanPrecision)
	require.Positive(t, interval.Low)
}

// TestSeverallyNone: a class without examples is left out of the means, and a picture without classes
// counts as any other.
func TestSeverallyNone(t *testing.T) {
	s, err := eval.Severally([]float64{1, -1, -1, -1}, 2, [][]int{{0}, {}}, nil)
	require.NoError(t, err)
	require.Equal(t, []float64{1, 1, 1}, []float64{s.MeanPrecision, s.F1, s.Exact})
	require.True(t, math.IsNaN(s.Classes[1].AveragePrecision))
	require.True(t, math.IsNaN(s.Classes[1].F1))
}

// TestSeverallyUnknown: what is not known changes no figure, whatever its score.
func TestSeverallyUnknown(t *testing.T) {
	labels, notKnown := [][]int{{0, 2}, {1}, {2}, nil, {0}, {1}}, [][]int{nil, nil, nil, {0, 1, 2}, nil, {0}}
	scores := []float64{2, -1, 0.5, 1, 1, -2, -1, 0.5, 0.5, 9, -9, 9, 0.25, -3, -1, 9, 2, -0.5}
	s, err := eval.Severally(scores, 3, labels, notKnown)
	require.NoError(t, err)
	require.Equal(t, []int{2, 1, 1}, []int{s.Classes[0].Unknown, s.Classes[1].Unknown, s.Classes[2].Unknown})
	require.Equal(t, []int{2, 2, 2}, []int{s.Classes[0].Rows, s.Classes[1].Rows, s.Classes[2].Rows})
	opt := eval.BootstrapOptions{Resamples: 50}
	interval, err := eval.SeverallyInterval(scores, 3, labels, notKnown, opt)
	require.NoError(t, err)
	for _, i := range []int{9, 10, 11, 15} {
		scores[i] = -scores[i]
	}
	other, err := eval.Severally(scores, 3, labels, notKnown)
	require.NoError(t, err)
	require.Equal(t, s, other)
	same, err := eval.SeverallyInterval(scores, 3, labels, notKnown, opt)
	require.NoError(t, err)
	require.Equal(t, interval, same)
	// Of class 0 the rows 0, 1, 2 and 4 are known: scores 2 (has it), 1, -1 and 0.25 (has it).
	require.InDelta(t, (1.0+2.0/3)/2, s.Classes[0].AveragePrecision, 1e-15)
	require.Equal(t, 2.0/3, s.Classes[0].Precision)
}

func TestSeverallyErrors(t *testing.T) {
	_, err := eval.Severally([]float64{1, 2, 3}, 2, [][]int{{0}}, nil)
	require.EqualError(t, err, "3 scores are not rows of 2 classes for 1 rows of labels")
	_, err = eval.Severally([]float64{1, 2}, 2, [][]int{{1}}, [][]int{{0}, nil})
	require.EqualError(t, err, "there are 1 rows of labels, and 2 of unknown ones")
	_, err = eval.Severally([]float64{1, 2}, 2, [][]int{{2}}, nil)
	require.EqualError(t, err, "a label of row 0 is 2: must be 0 to 1")
	_, err = eval.SeverallyInterval([]float64{1, nan}, 2, [][]int{{0}}, nil, eval.BootstrapOptions{})
	require.EqualError(t, err, "class 1: the score of row 0 is NaN")
}
