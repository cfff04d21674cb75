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
