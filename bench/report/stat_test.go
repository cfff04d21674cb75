package report_test

import (
	"math"
	"testing"

	"cradio/bench/report"

	"github.com/stretchr/testify/require"
)

func TestQuantile(t *testing.T) {
	for _, c := range []struct {
		x    []float64
		q    float64
		want float64
	}{
		{[]float64{3}, 0.5, 3},
		{[]float64{3, 1}, 0.5, 2},
		{[]float64{9, 1, 2}, 0.5, 2},
		{[]float64{4, 3, 2, 1}, 0.5, 2.5},
		{[]float64{5, 4, 3, 2, 1}, 0.25, 2},
		{[]float64{1, 2}, 0.25, 1.25},
		{[]float64{1, 2, 3}, 1, 3},
		{[]float64{1, 2, 3}, 0, 1},
	} {
		require.Equal(t, c.want, report.Quantile(c.x, c.q), "%v at %v", c.x, c.q)
	}
	require.True(t, math.IsNaN(report.Median(nil)))
	x := []float64{3, 1, 2}
	report.Median(x)
	require.Equal(t, []float64{3, 1, 2}, x, "the caller's slice stays as it is")
}

func TestDifference(t *testing.T) {
	want := [][]float32{{3, 4}, {0, 0}}
	require.Zero(t, report.Difference(want, want))
	require.InDelta(t, 0.1, report.Difference([][]float32{{3, 4}, {0.5, 0}}, want), 1e-12)
	require.True(t, math.IsInf(report.Difference([][]float32{{3, 4}}, want), 1), "a batch of another size")
	require.True(t, math.IsInf(report.Difference([][]float32{{3}, {0, 0}}, want), 1), "another width")
}
