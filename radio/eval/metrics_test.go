package eval_test

import (
	"math"
	"testing"

	"cradio/radio/eval"

	"github.com/stretchr/testify/require"
)

var nan, infinite = math.NaN(), math.Inf(1)

func TestConfusion(t *testing.T) {
	c, err := eval.Confuse(3, []int{0, 0, 0, 1}, []int{0, 0, 1, 1})
	require.NoError(t, err)
	require.Equal(t, []int{2, 1, 0, 0, 1, 0, 0, 0, 0}, c.Counts)
	require.Equal(t, 0.75, c.Accuracy())
	require.InDelta(t, 5.0/6, eval.Mean(c.Recalls()), 1e-15)
	require.True(t, math.IsNaN(c.Recalls()[2]) && math.IsNaN(c.Precisions()[2]) && math.IsNaN(c.F1()[2]))
	require.Equal(t, 0.5, c.Precisions()[1])
	_, err = eval.Confuse(2, []int{0, 2}, []int{0, 1})
	require.EqualError(t, err, "row 1 has label 2 and answer 1: must be 0 to 1")
	_, err = eval.Confuse(2, []int{0}, nil)
	require.EqualError(t, err, "there are 1 labels and 0 answers: give one answer a label")
	_, err = eval.Confuse(0, nil, nil)
	require.Error(t, err)
	require.True(t, math.IsNaN(eval.Mean(nil)) && math.IsNaN(eval.TopK(nil, 1)))
}

func TestRanksErrors(t *testing.T) {
	_, err := eval.Ranks([]float64{1, 2, 3}, 2, []int{0})
	require.EqualError(t, err, "3 scores are not rows of 2 classes for 1 labels")
	_, err = eval.Ranks([]float64{1, 2}, 2, []int{2})
	require.EqualError(t, err, "the label of row 0 is 2: must be 0 to 1")
	_, err = eval.Ranks([]float64{nan, 2}, 2, []int{0})
	require.EqualError(t, err, "the score of class 0 in row 0 is NaN")
}

func TestAveragePrecisionEdges(t *testing.T) {
	none, err := eval.AveragePrecision([]float64{1, 2}, []bool{false, false})
	require.NoError(t, err)
	require.True(t, math.IsNaN(none))
	all, err := eval.AveragePrecision([]float64{1, 1, 1, 1}, []bool{true, false, false, false})
	require.NoError(t, err)
	require.Equal(t, 0.25, all, "equal scores pass together")
	_, err = eval.AveragePrecision([]float32{float32(nan)}, []bool{true})
	require.EqualError(t, err, "the score of row 0 is NaN")
	_, err = eval.AveragePrecision([]float32{1}, nil)
	require.Error(t, err)
}

func TestAreasErrors(t *testing.T) {
	a := eval.NewAreas(3)
	require.True(t, math.IsNaN(a.MeanIoU()) && math.IsNaN(a.PixelAccuracy()))
	require.EqualError(t, eval.AddMask(a, []uint8{0, 3}, []uint8{0, 1}), "the prediction of pixel 1 is 3: must be 0 to 2")
	require.EqualError(t, eval.AddMask(a, []uint8{0, 1}, []uint8{0, 7}), "the label of pixel 1 is 7: must be 0 to 2, or 255 for a pixel that does not count")
	require.EqualError(t, eval.AddMask(a, []int{0}, []int{0, 1}), "the prediction has 1 pixels, the mask has 2: resize the prediction to the size of the mask")
	require.Equal(t, []int64{0, 0, 0}, a.Labels, "an error counts nothing")
	require.NoError(t, eval.AddMask(a, []uint8{0, 9, 1}, []uint8{0, 255, 0}))
	require.Equal(t, []float64{0.5, 0}, a.IoU()[:2])
	require.True(t, math.IsNaN(a.IoU()[2]))
	require.Equal(t, 0.25, a.MeanIoU(), "a class that is predicted and never labelled counts 0")
}

func TestDepthErrors(t *testing.T) {
	var d eval.Depth
	require.True(t, math.IsNaN(d.Errors().RMSE))
	require.EqualError(t, d.Add([]float32{1, 0}, []float32{1, 1}, nil), "the prediction of pixel 1 is 0: must be a positive finite number; set Min to clip it")
	require.ErrorContains(t, d.Add([]float32{1}, []float32{1, 1}, nil), "the prediction has 1 pixels, the target has 2")
	require.Zero(t, d.Errors().Pixels, "an error counts nothing")
	d = eval.Depth{Min: 0.001, Max: 10}
	require.NoError(t, d.Add([]float32{0, 50, 2, 2, 9}, []float32{1, 9, 0, float32(infinite), 80}, nil))
	e := d.Errors()
	require.EqualValues(t, 2, e.Pixels, "0, infinity and 80 m are out of range")
	require.InDelta(t, (0.999+1.0/9)/2, e.AbsRel, 1e-12, "predictions are clipped")
	require.Equal(t, 0.5, e.Delta1)
}

func TestBootstrap(t *testing.T) {
	right := make([]float64, 400)
	for i := range 300 {
		right[i] = 1
	}
	mean := func(rows []int) float64 {
		sum := 0.0
		for _, r := range rows {
			sum += right[r]
		}
		return sum / float64(len(rows))
	}
	i, err := eval.Bootstrap(len(right), mean, eval.BootstrapOptions{})
	require.NoError(t, err)
	half := 1.96 * math.Sqrt(0.75*0.25/400) // of the normal approximation
	require.InDelta(t, 0.75-half, i.Low, 0.006)
	require.InDelta(t, 0.75+half, i.High, 0.006)
	again, err := eval.Bootstrap(len(right), mean, eval.BootstrapOptions{})
	require.NoError(t, err)
	require.Equal(t, i, again)
	one, err := eval.Bootstrap(5, func([]int) float64 { return nan }, eval.BootstrapOptions{})
	require.NoError(t, err)
	require.True(t, math.IsNaN(one.Low))
	for _, bad := range []eval.BootstrapOptions{{Resamples: -1}, {Level: 1}, {Level: -0.5}} {
		_, err = eval.Bootstrap(5, mean, bad)
		require.Error(t, err)
	}
	_, err = eval.Bootstrap(0, mean, eval.BootstrapOptions{})
	require.Error(t, err)
}
