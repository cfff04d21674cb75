package machine

import (
	"fmt"
	"testing"

	"cradio/cpu"
	"cradio/graph"
	"cradio/graph/graphtest"

	"github.com/stretchr/testify/require"
)

// The CPU passes the suite of devices at every level that the machine has, in each
// precision, with small operations in float64 and without.
func TestSuite(t *testing.T) {
	used, err := cpu.Choose()
	require.NoError(t, err)
	for _, level := range cpu.Levels() {
		if testing.Short() && level != used {
			continue
		}
		pool, err := cpu.NewPoolAt(level, 0)
		require.NoError(t, err)
		defer pool.Close()
		for _, p := range []graph.Precision{graph.Full, graph.BFloat16, graph.Int8} {
			for _, small := range []int{cpu.SmallDefault, -1} {
				if level == cpu.Plain && small < 0 {
					continue // plain is float64 inside
				}
				t.Run(fmt.Sprintf("%v/%s/small=%d", level, p, small), func(t *testing.T) {
					d, err := New(Options{Pool: pool, Precision: p, Packed: NewPackedWeights(), Small: small})
					require.NoError(t, err)
					graphtest.Run(t, d)
				})
			}
		}
	}
}

func BenchmarkSuite(b *testing.B) {
	for _, p := range []graph.Precision{graph.Full, graph.BFloat16, graph.Int8} {
		b.Run(string(p), func(b *testing.B) {
			d, err := New(Options{Precision: p, Packed: NewPackedWeights()})
			require.NoError(b, err)
			graphtest.Speed(b, d, func() float64 { return cpu.Peak(d.pool) })
		})
	}
}
