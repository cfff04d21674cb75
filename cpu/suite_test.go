package cpu_test

import (
	"testing"

	"cradio/cpu"
	"cradio/cpu/cputest"

	"github.com/stretchr/testify/require"
)

func TestSuite(t *testing.T) {
	for level := cpu.Plain; level <= cpu.AMX; level++ {
		t.Run(level.String(), func(t *testing.T) {
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
