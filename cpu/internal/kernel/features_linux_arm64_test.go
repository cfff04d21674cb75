package kernel

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFeaturesOfAuxiliaryVector(t *testing.T) {
	require.Equal(t, features{bf16: true}, fromAuxv([][2]uintptr{{16, 0}, {hwcap2, 1<<14 | 1<<13}, {6, 4096}}))
	require.Equal(t, features{}, fromAuxv([][2]uintptr{{16, 1 << 14}, {hwcap2, ^uintptr(1 << 14)}}))
	require.Equal(t, features{}, fromAuxv(nil))
}
