//go:build nvidia && cudasim && linux && cgo

package cuda_test

import (
	"testing"

	"cradio/cuda"
	"cradio/cuda/driver"
	"cradio/cuda/internal/libcudasim"

	"github.com/stretchr/testify/require"
)

// Package driver registers the device cuda, and finds an emulated libcuda.

// openDriver opens a driver, and returns a check that all it has given was given back.
func openDriver(t *testing.T) (d cuda.Driver, nothingLeft func(*testing.T)) {
	d, err := driver.Open(0)
	require.NoError(t, err)
	return d, func(t *testing.T) { require.Zero(t, libcudasim.Unfreed()) }
}
