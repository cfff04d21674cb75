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
	for name, architecture := range map[string]int{"cuda": 80, "cuda-hopper": 90} {
		graph.Register(graph.Registration{Name: name, Open: func(o graph.DeviceOptions) (graph.Device, error) {
			driver := emulated.New(1 << 30)
			driver.Architecture = architecture
			return cuda.New(cuda.Options{Driver: driver, Precision: o.Precision, Frozen: o.Frozen, Small: o.Small})
		}})
	}
}

// onHopper returns the name of a device of compute capability 9.0.
func onHopper(testing.TB) string { return "cuda-hopper" }

// needDevice is for tests through gorgonia.org/cu.
func needDevice(testing.TB) {}

// openDriver opens a driver, and returns a check that all it has given was given back.
func openDriver(testing.TB) (d cuda.Driver, nothingLeft func(testing.TB)) {
	driver := emulated.New(1 << 28)
	return driver, func(t testing.TB) { require.Zero(t, driver.Sim.Allocations(), "allocations that are left") }
}
