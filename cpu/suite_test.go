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
	for _, level := range cpu.Levels() {
		t.Run(level.String(), func(t *testing.T) {
			require.NoError(t, cpu.Use(level))
			cputest.Run(t)
		})
	}
}
