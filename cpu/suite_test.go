package cpu_test

import (
	"testing"

	"cradio/cpu"
	"cradio/cpu/cputest"

	"github.com/stretchr/testify/require"
)

// TestSuite runs the suite at every level. In short mode, which the race detector makes ten times
// as slow, it is the level in use alone.
func TestSuite(t *testing.T) {
	used, err := cpu.Choose()
	require.NoError(t, err)
	for level := cpu.Plain; level <= cpu.BF16; level++ {
		t.Run(level.String(), func(t *testing.T) {
			if testing.Short() && level != used {
				t.Skip("not the level in use")
			}
			p, err := cpu.NewPoolAt(level, 1)
			if err != nil {
				t.Skip(err)
			}
			p.Close()
			cputest.Run(t, level, func(threads int) *cpu.Pool {
				p, err := cpu.NewPoolAt(level, threads)
				require.NoError(t, err)
				return p
			})
		})
	}
}
