//go:build nvidia && !cudasim && linux && cgo

package cuda_test

import "testing"

// onHopper skips a test where the GPU is of another compute capability than 9.0, and returns the device's name.
func onHopper(t testing.TB) string {
	d := openGPU(t)
	defer d.Close()
	if about := d.Describe(); about.Architecture != 90 {
		t.Skipf("SKIPPED: %s is not of compute capability 9.0", about.Name)
	}
	return "cuda"
}

// A GPU's driver does not tell: the emulator does.
func nothingUnfreed(testing.TB) {}
