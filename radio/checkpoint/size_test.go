package checkpoint

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNearestSize(t *testing.T) {
	c := &Config{Patch: 16}
	for _, v := range [][4]int{{224, 224, 224, 224}, {225, 231, 224, 224}, {8, 7, 16, 16}, {24, 40, 32, 32}, {1000, 1, 992, 16}} {
		h, w := c.NearestSize(v[0], v[1])
		require.Equal(t, [2]int{v[2], v[3]}, [2]int{h, w})
	}
	require.NoError(t, c.CheckSize(32, 48))
	require.EqualError(t, c.CheckSize(225, 300), "image is 225×300: height and width must be multiples of 16; the nearest supported size is 224×304")
	require.NoError(t, c.CheckSize(8192, 8192))
	require.ErrorContains(t, c.CheckSize(8192, 8208), "too large; at most 262144 patches")
	require.ErrorContains(t, c.CheckSize(16, 1<<20), "too large")
	c.Window = 4
	require.ErrorContains(t, c.CheckSize(64, 80), "multiples of 64; the nearest supported size is 64×64")
	require.Error(t, c.CheckSize(0, 64))
	require.Error(t, c.CheckSize(-64, 64))
}

// A refused size comes with one that is taken.
func TestSizeError(t *testing.T) {
	for _, c := range []Config{{Patch: 16}, {Patch: 14}, {Patch: 16, Window: 14}, {Patch: 256}, {Patch: 1}} {
		for _, h := range []int{-5, 0, 1, 17, 224, 300, 8192, 8208, 32768, 40000, 1 << 20, math.MaxInt32} {
			for _, w := range []int{-5, 0, 1, 48, 225, 1000, 8192, 30000, 32768, 1 << 20, math.MaxInt32} {
				err := c.CheckSize(h, w)
				if err == nil {
					continue
				}
				var e *SizeError
				require.ErrorAs(t, err, &e)
				require.Equal(t, [3]int{h, w, c.Step()}, [3]int{e.Height, e.Width, e.Step})
				require.NoError(t, c.CheckSize(e.NearestHeight, e.NearestWidth), "%+v of %d×%d", e, h, w)
			}
		}
	}
	var e *SizeError
	require.ErrorAs(t, Config{Patch: 16}.CheckSize(300, 500), &e)
	require.Equal(t, SizeError{Height: 300, Width: 500, Step: 16, NearestHeight: 304, NearestWidth: 496, Patch: 16}, *e)
	require.ErrorAs(t, Config{Patch: 16}.CheckSize(16384, 16384), &e)
	require.Equal(t, SizeError{Height: 16384, Width: 16384, Step: 16, NearestHeight: 8192, NearestWidth: 8192, Patch: 16, MaxPatches: 1 << 18}, *e)
}
