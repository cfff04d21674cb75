package cuda_test

import (
	"slices"
	"strings"
	"testing"

	"cradio/cuda"
	"cradio/cuda/internal/emulated"
	"cradio/graph"

	"github.com/stretchr/testify/require"
)

// loading counts what a driver is given to compile.
type loading struct {
	*emulated.Driver
	loaded []string // PTX
}

func (l *loading) Load(ptx string) (cuda.Module, error) {
	l.loaded = append(l.loaded, ptx)
	return l.Driver.Load(ptx)
}

// A driver compiles the kernels that a program launches, each once, and no other: that is most of the time until a first
// result.
func TestKernelsAreLoadedWhenNeeded(t *testing.T) {
	driver := &loading{Driver: emulated.New(1 << 24)}
	d := open(t, driver, cuda.Options{Precision: graph.BFloat16, Frozen: true})
	require.Empty(t, driver.loaded)
	m := newModel(t, d, graph.Target{})
	for range 2 {
		machine, err := graph.NewMachine(m.program)
		require.NoError(t, err)
		m.run(t, machine, filled(2, 5, 16))
		require.NoError(t, machine.Close())
	}
	require.Len(t, driver.loaded, len(driver.Launches))
	for name := range driver.Launches {
		require.True(t, slices.ContainsFunc(driver.loaded, func(ptx string) bool {
			return strings.Contains(ptx, ".visible .entry "+name+"(") && strings.Count(ptx, ".visible .entry ") == 1
		}), name)
	}
	require.NoError(t, d.Close())
}
