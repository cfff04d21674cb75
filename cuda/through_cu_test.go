//go:build nvidia && linux && cgo

package cuda_test

import (
	"testing"

	"cradio/cuda"
	"cradio/cuda/driver"
)

// The tests go through gorgonia.org/cu: to a GPU, or, with the tag cudasim, to the emulator.
// Package driver registers the device cuda.

// needDevice skips a test where there is no GPU.
func needDevice(t testing.TB) { _ = openGPU(t).Close() }

// openDriver opens a driver, and returns a check that all it has given was given back.
func openDriver(t testing.TB) (d cuda.Driver, nothingLeft func(testing.TB)) {
	return openGPU(t), nothingUnfreed
}

func openGPU(t testing.TB) cuda.Driver {
	d, err := driver.Open(0)
	if err != nil {
		t.Skipf("SKIPPED: %v", err)
	}
	return d
}
