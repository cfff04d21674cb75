package kernel

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// Operands that have become float64 give the same sums as those that kernels convert, and what makes them
// float64 writes no more than up to the next multiple of four.
func TestWideTilesOfFloat64(t *testing.T) {
	for _, k := range Tables() {
		if k.ExactWide == nil {
			continue
		}
		require.Len(t, k.ExactWide, len(k.Exact), "%v", k.Level)
		cols := k.Float32.Cols
		for m := 1; m < len(k.Exact); m++ {
			for _, depth := range []int{1, 2, 3, 7, 64, 131} {
				a, b := noise(1, m*depth), noise(2, depth*cols)
				lda := depth + 5
				wideA, wideB := make([]float64, m*lda), make([]float64, depth*cols)
				for r := range m {
					k.ToFloat64(unsafe.Pointer(&wideA[r*lda]), At(a, r*depth), depth)
					for i, v := range a[r*depth:][:depth] {
						require.Equal(t, float64(v), wideA[r*lda+i])
					}
					require.Zero(t, wideA[r*lda+lda-1])
				}
				k.ToFloat64(unsafe.Pointer(&wideB[0]), At(b, 0), len(b))
				want, got := make([]float64, m*cols), make([]float64, m*cols)
				for add := range 2 {
					k.Exact[m](depth, At(a, 0), 4*depth, At(b, 0), unsafe.Pointer(&want[0]), add)
					k.ExactWide[m](depth, unsafe.Pointer(&wideA[0]), 8*lda, unsafe.Pointer(&wideB[0]), unsafe.Pointer(&got[0]), add)
					require.Equal(t, want, got, "%v: %d rows, %d deep", k.Level, m, depth)
				}
			}
		}
	}
}
