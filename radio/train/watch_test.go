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
}
