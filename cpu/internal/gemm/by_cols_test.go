package gemm

import (
	"fmt"
	"math"
	"testing"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"

	"github.com/stretchr/testify/require"
)

// Gradients of weights, some of which are large enough to be written past the caches. What is
// beside C stays as it was.
func TestProductsByCols(t *testing.T) {
	for _, table := range kernel.Tables()[1:] {
		for _, x := range []struct{ rows, cols, depth, threads int }{
			{771, 704, 21, 2}, {771, 704, 57, 2}, {769, 736, 205, 2}, {770, 700, 33, 2}, {45, 64, 70, 2}, {1025, 512, 800, 2},
			{67, 8000, 70, 1}, // on one thread, a single block
		} {
			for _, shift := range []int{0, 1} {
				name := fmt.Sprintf("%v/%dx%dx%d/%d", table.Level, x.rows, x.cols, x.depth, shift)
				p := pool.New(x.threads, table)
				a, b := random(x.depth*x.rows), random(x.depth*x.cols)
				room := pool.Aligned(x.rows*x.cols + shift + 64)
				for i := range room {
					room[i] = 7
				}
				op := &Product{Table: table, M: x.rows, N: x.cols, Depth: x.depth, A: a, ByCols: true, B: b, C: room[shift:][:x.rows*x.cols]}
				p.Enter()
				op.Run(p)
				p.Leave()
				p.Close()
				if table.StreamTile != nil && table.AMX == nil {
					require.Equal(t, x.rows*x.cols >= leastStreamed && x.cols%32 == 0 && shift == 0, op.stream, name)
				}
				for i, v := range room {
					if i < shift || i >= shift+x.rows*x.cols {
						require.EqualValues(t, 7, v, "%s: beside C, at %d", name, i)
						continue
					}
					if i%17 != 0 && i%x.cols != x.cols-1 { // the definition takes long
						continue
					}
					r, c := (i-shift)/x.cols, (i-shift)%x.cols
					want, size := 0.0, 0.0
					for k := range x.depth {
						y := float64(a[k*x.rows+r]) * float64(b[k*x.cols+c])
						want, size = want+y, size+math.Abs(y)
					}
					if math.Abs(float64(v)-want) > 0x1p-21*size {
						t.Fatalf("%s: element (%d, %d) is %v, want %v", name, r, c, v, want)
					}
				}
			}
		}
	}
}
