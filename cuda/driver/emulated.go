//go:build nvidia && cudasim && linux && cgo && (amd64 || arm64)

package driver

import "cradio/cuda/internal/libcudasim"

// With the tag cudasim the driver is emulated: a test then runs all that a GPU would, but slowly.
func init() { libcudasim.Install() }
