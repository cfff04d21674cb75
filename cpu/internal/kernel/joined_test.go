package kernel

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// What tiles do beside their product: none of it changes the sums. A finished tile is copied as it is, whole rows and
// nothing else. A panel that is packed on the way is the one that GemmJoined takes.
func TestTilesBesideTheirProduct(t *testing.T) {
	for _, k := range Tables() {
		tiles := &k.Float32
		if tiles.GemmJoined == nil {
			continue
		}
		cols := tiles.Cols
		for m := 1; m <= tiles.MostRows(); m++ {
			for _, depth := range []int{1, 5, 64, 131} {
				a, panel, partial := noise(1, m*depth), noise(2, depth*cols), make([]float32, m*cols)
				gemm := func(f RowsFunc, b []float32, beside *Beside, add int) []float32 {
					c := noise(3, m*cols)
					f(depth, At(a, 0), 64, At(b, 0), At(c, 0), add, At(partial, 0), unsafe.Pointer(beside), uintptr(At(b, 0)))
					return c
				}
				for add := range 2 {
					want := gemm(tiles.GemmJoined[m], panel, nil, add)

					rows, apart := min(m, depth/4), 3*cols
					from, to := noise(4, m*cols), aligned64(m*apart)
					late := &Beside{To: uintptr(At(to, 0)), Apart: 4 * apart, From: uintptr(At(from, 0)), Rows: rows}
					require.Equal(t, want, gemm(tiles.GemmJoined[m], panel, late, add), "%v: %d rows, depth %d", k.Level, m, depth)
					for i, v := range to {
						if r, c := i/apart, i%apart; r < rows && c < cols {
							require.Equal(t, from[r*cols+c], v, "%v: copy of %d rows, at (%d, %d)", k.Level, rows, r, c)
						} else {
							require.Zero(t, v, "%v: beside a copy of %d rows, at (%d, %d)", k.Level, rows, r, c)
						}
					}

					if m >= len(tiles.GemmPacking) || tiles.GemmPacking[m] == nil {
						continue
					}
					b, got := make([]float32, (depth-1)*apart+cols), make([]float32, depth*cols+cols)
					for i, v := range panel {
						b[i/cols*apart+i%cols] = v
					}
					packing := &Beside{To: uintptr(At(got, 0)), Apart: 4 * apart}
					require.Equal(t, want, gemm(tiles.GemmPacking[m], b, packing, add), "%v: packing %d rows, depth %d", k.Level, m, depth)
					require.Equal(t, append(panel[:depth*cols:depth*cols], make([]float32, cols)...), got, "%v: packed, depth %d", k.Level, depth)
				}
			}
		}
	}
}

// aligned64 is n float32, the first at the beginning of a cache line.
func aligned64(n int) []float32 {
	x := make([]float32, n+16)
	return x[(64-int(uintptr(At(x, 0))%64))%64/4:][:n]
}
