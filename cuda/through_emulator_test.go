//go:build !nvidia

package cuda_test

import (
	"testing"

	"cradio/cuda"
	"cradio/cuda/internal/emulated"
	"cradio/graph"

	"github.com/stretchr/testify/require"
)

// The emulator is linked as device cuda, for these tests alone. With the tag nvidia
// the same tests go through gorgonia.org/cu: see through_cu_test.go.
func init() {
	graph.Register(graph.Registration{Name: "cuda", Open: func(o graph.DeviceOptions) (graph.Device, error) {
		return cuda.New(cuda.Options{Driver: emulated.New(1 << 30), Precision: o.Precision, Frozen: o.Frozen, Small: o.Small})
	}})
}

// needDevice is for tests through gorgonia.org/cu.
func needDevice(testing.TB) {}

// openDriver opens a driver, and returns a check that all it has given was given back.
func openDriver(*testing.T) (d cuda.Driver, nothingLeft func(*testing.T)) {
	driver := emulated.New(1 << 28)
	return driver, func(t *testing.T) { require.Zero(t, driver.Sim.Allocations(), "allocations that are left") }
}
