package train

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWatch: a loss that falls, or is noisy, is no reason to say anything; one that grows is, once.
func TestWatch(t *testing.T) {
	var calm watch
	for i := range 500 {
		require.Empty(t, calm.add(2.3*math.Exp(-float64(i)/100)+0.5*math.Abs(math.Sin(float64(7*i))), 1e-3))
	}
	var wild watch
	said := 0
	for i := range 500 {
		if text := wild.add(2.3*math.Exp(float64(i)/100), 1e-2); text != "" {
			said++
			require.Contains(t, text, "the rate 0.01 is too high for it. Stop this run, and try a rate of 0.001, a longer warm-up, or clipping at a norm of 1")
		}
	}
	require.Equal(t, 1, said)
	require.Empty(t, calm.end(1e-3))
	require.Empty(t, wild.end(1e-2), "it was said before")
	var brief watch
	for i := range 3 {
		require.Empty(t, brief.add(1.5+1e6*float64(i), 1e5))
	}
	require.Equal(t, "the loss has grown from 1.5 to 1e+06: the rate 1e+05 is too high. Try a rate of 1e+04, a longer warm-up, or clipping at a norm of 1", brief.end(1e5))
	require.Empty(t, brief.end(1e5))
}
