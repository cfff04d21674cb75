//go:build nvidia && !cudasim && linux && cgo

package cuda_test

import "testing"

// A GPU's driver does not tell: the emulator does.
func nothingUnfreed(*testing.T) {}
