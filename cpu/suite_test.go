package cpu_test

import (
	"testing"

	"cradio/cpu"
	"cradio/cpu/cputest"

	"github.com/stretchr/testify/require"
)

func TestSuite(t *testing.T) {
	inUse, err := cpu.Choose()
	require.NoError(t, err)
	defer cpu.Use(inUse)
	for level := cpu.Plain; level <= cpu.AMX; level++ {
		t.Run(level.String(), func(t *testing.T) {
			if err := cpu.Use(level); err != nil {
				t.Skip(err)
			}
			cputest.Run(t)
		})
	}
}
