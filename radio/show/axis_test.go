package show

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTicks: round numbers within the axis, and whole ones where all are.
func TestTicks(t *testing.T) {
	texts := func(low, high float64, whole bool) (all []string) {
		for _, k := range ticks(axis{low, high}, whole) {
			require.GreaterOrEqual(t, k.at, -1e-9)
			require.LessOrEqual(t, k.at, 1+1e-9)
			all = append(all, k.text)
		}
		return all
	}
	require.Equal(t, []string{"20", "40", "60", "80"}, texts(1, 80, true))
	require.Equal(t, []string{"1", "2", "3"}, texts(1, 3, true))
	require.Equal(t, []string{"1"}, texts(0.5, 1.5, true))
	require.Equal(t, []string{"0", "0.0002", "0.0004", "0.0006", "0.0008", "0.001"}, texts(0, 0.001, false))
	require.Equal(t, []string{"0.4", "0.6", "0.8", "1", "1.2", "1.4"}, texts(0.294, 1.41, false))
	require.Equal(t, []string{"-1", "0", "1", "2"}, texts(-1, 2.5, true))
	require.Len(t, texts(1e9, 1e9+7, true), 4)
	require.True(t, (&Chart{Lines: []Curve{{X: []float64{1, 2}}}}).wholeX())
	require.False(t, (&Chart{Lines: []Curve{{X: []float64{1, 2.5}}}}).wholeX())
}
