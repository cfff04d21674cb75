package gemm

import (
	"fmt"
	"math"
	"testing"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"

	"github.com/stretchr/testify/require"
)

// With many threads, and few columns, blocks of rows are so small that fewer of them than were aimed at cover all.
func TestProductsOnManyThreads(t *testing.T) {
	for _, table := range kernel.Tables()[1:] {
		for _, threads := range []int{1, 2, 5, 48} {
			p := pool.New(threads, table)
			for _, x := range []struct{ rows, cols, depth int }{{1, 10, 3}, {257, 10, 64}, {1153, 10, 64}, {2305, 33, 24}, {11424, 17, 8}, {1153, 10, 512}} {
				for _, byCols := range []bool{false, true} {
					name := fmt.Sprintf("%v on %d threads: %v, by columns: %v", table.Level, threads, x, byCols)
					a, b, c := random(x.rows*x.depth), random(x.depth*x.cols), make([]float32, x.rows*x.cols)
					op := &Product{Table: table, M: x.rows, N: x.cols, Depth: x.depth, A: a, ByCols: byCols, B: b, C: c}
					p.Enter()
					op.Run(p)
					p.Leave()
					for r := 0; r < x.rows; r += max(1, min(7, x.rows-1-r)) {
						want, size := 0.0, 0.0
						for k := range x.depth {
							at := r*x.depth + k
							if byCols {
								at = k*x.rows + r
							}
							y := float64(a[at]) * float64(b[k*x.cols+r%x.cols])
							want, size = want+y, size+math.Abs(y)
						}
						require.InDelta(t, want, c[r*x.cols+r%x.cols], 0x1p-21*size, "%s: row %d", name, r)
					}
				}
			}
			p.Close()
		}
	}
}
