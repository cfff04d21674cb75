//go:build nvidia && cudasim && linux && cgo

package cuda_test

import (
	"testing"

	"cradio/cuda/internal/libcudasim"

	"github.com/stretchr/testify/require"
)

func nothingUnfreed(t *testing.T) { require.Zero(t, libcudasim.Unfreed()) }
