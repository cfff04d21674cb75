package pool

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAlignedBeginsACacheLine(t *testing.T) {
	for _, n := range []int{0, 1, 15, 16, 1025, manyPages / 4, manyPages/4 + 12345} {
		x := Aligned(n)
		require.Len(t, x, n)
		require.Equal(t, n, cap(x))
		require.Zero(t, toNext(x, CacheLine))
		for _, v := range x {
			if v != 0 {
				t.Fatal("not zero")
			}
		}
	}
}

func TestAlignedBytesBeginACacheLine(t *testing.T) {
	for _, n := range []int{0, 1, 64, largePage / 2, largePage/2 + 1, largePage - 1, largePage, 2*largePage - 1, 3*largePage/2 + 5} {
		x := AlignedBytes(n)
		require.Len(t, x, n)
		require.Equal(t, n, cap(x))
		require.Zero(t, toNext(x, CacheLine))
		if n > largePage/2 {
			require.Zero(t, toNext(x, largePage))
		}
		for _, v := range x {
			if v != 0 {
				t.Fatal("not zero")
			}
		}
	}
}
