//go:build !(nvidia && linux && cgo && (amd64 || arm64))

package driver_test

import (
	"slices"
	"testing"

	"cradio/cuda/driver"
	"cradio/graph"

	"github.com/stretchr/testify/require"
)

// A program without the tag says how to build one that opens GPUs.
func TestWithout(t *testing.T) {
	require.False(t, driver.Built())
	require.False(t, slices.Contains(graph.Devices(), "cuda"))
	_, err := driver.Open(0)
	require.ErrorContains(t, err, "choose device cpu")
}
