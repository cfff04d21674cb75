//go:build !(nvidia && linux && cgo && (amd64 || arm64))

package driver

import (
	"fmt"
	"runtime"

	"cradio/cuda"
	"cradio/graph"
)

const built = false

// Open returns an error: this program was built without the tag nvidia, or for a system where
// GPUs cannot be opened.
func Open(index int) (cuda.Driver, error) {
	if runtime.GOOS != "linux" {
		return nil, fmt.Errorf("GPUs are opened on Linux only, and this is %s: choose device cpu", runtime.GOOS)
	}
	return nil, fmt.Errorf("this program was built without GPUs: %s", How)
}

func count() (int, error) {
	_, err := Open(0)
	return 0, err
}

func device(graph.DeviceOptions) (graph.Device, error) {
	_, err := Open(0)
	return nil, err
}
