package kernel

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFeaturesOfMacOS(t *testing.T) {
	on := func(names ...string) func(string) (uint32, error) {
		return func(name string) (uint32, error) {
			for _, n := range names {
				if name == "hw.optional.arm.FEAT_"+n {
					return 1, nil
				}
			}
			if name == "hw.optional.arm.FEAT_BF16" {
				return 0, nil
			}
			return 0, errors.New("no such file or directory")
		}
	}
	require.Equal(t, features{dotProd: true}, fromSysctl(on("DotProd", "LSE")))
	require.Equal(t, features{true, true, true}, fromSysctl(on("DotProd", "I8MM", "BF16")))
}

func TestFeaturesOfWindows(t *testing.T) {
	require.Equal(t, features{dotProd: true, bf16: true}, fromWindows(func(n uint32) bool { return n != 66 }))
	require.Equal(t, features{i8mm: true}, fromWindows(func(n uint32) bool { return n == 66 }))
}

func TestFeaturesAdd(t *testing.T) {
	require.Equal(t, features{true, false, true}, features{dotProd: true}.or(features{bf16: true}))
}
