package cpu

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is said of memory holds: of a weight whose sizes need no padding.
func TestBuysIsTrueOfMemory(t *testing.T) {
	const rows, cols = 3072, 768
	for _, pool := range everyPool(t)[1:] {
		full := float64(PackedBytes[float32](pool, rows, cols))
		for _, p := range []Form{BFloat16, Int8} {
			part, want := float64(PackedLowPrecisionBytes(pool, p, rows, cols))/full, 0.0
			for words, fraction := range map[string]float64{
				"nothing": 1, "half the memory": 1. / 2, "a third of the memory": 1. / 3, "a quarter of the memory": 1. / 4, "a sixth of the memory": 1. / 6,
			} {
				if strings.Contains(pool.Buys(p), words) {
					want = fraction
				}
			}
			require.InEpsilon(t, want, part, 0.05, "%v at %v: %s", p, pool.Level(), pool.Buys(p))
		}
	}
}
