//go:build nvidia && cudasim && linux && cgo

package cuda_test

import (
	"testing"

	"cradio/cuda/internal/libcudasim"

	"github.com/stretchr/testify/require"
)

// onHopper makes the emulated driver one of compute capability 9.0, and returns the device's name.
func onHopper(t testing.TB) string {
	libcudasim.Architecture = 90
	t.Cleanup(func() { libcudasim.Architecture = 80 })
	return "cuda"
}

func nothingUnfreed(t testing.TB) { require.Zero(t, libcudasim.Unfreed()) }
