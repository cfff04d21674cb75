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
	s, err := eval.Severally(scores, 3, labels)
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
	interval, err := eval.SeverallyInterval(scores, 3, labels, eval.BootstrapOptions{Resamples: 50})
	require.NoError(t, err)
	require.LessOrEqual(t, interval.Low, s.MeanPrecision)
	require.Positive(t, interval.Low)
}

// TestSeverallyNone: a class without examples is left out of the means, and a picture without classes
// counts as any other.
func TestSeverallyNone(t *testing.T) {
	s, err := eval.Severally([]float64{1, -1, -1, -1}, 2, [][]int{{0}, {}})
	require.NoError(t, err)
	require.Equal(t, []float64{1, 1, 1}, []float64{s.MeanPrecision, s.F1, s.Exact})
	require.True(t, math.IsNaN(s.Classes[1].AveragePrecision))
	require.True(t, math.IsNaN(s.Classes[1].F1))
}

func TestSeverallyErrors(t *testing.T) {
	_, err := eval.Severally([]float64{1, 2, 3}, 2, [][]int{{0}})
	require.EqualError(t, err, "3 scores are not rows of 2 classes for 1 rows of labels")
	_, err = eval.Severally([]float64{1, 2}, 2, [][]int{{2}})
	require.EqualError(t, err, "a label of row 0 is 2: must be 0 to 1")
	_, err = eval.SeverallyInterval([]float64{1, nan}, 2, [][]int{{0}}, eval.BootstrapOptions{})
	require.EqualError(t, err, "class 1: the score of row 0 is NaN")
}
