package gemm

import (
	"fmt"
	"math"
	"testing"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"

	"github.com/stretchr/testify/require"
)

// Gradients of inputs: of one image, which is one block where that is fast, and of several. Each has the same bits on any
// number of threads, and an image the same alone as among others.
func TestProductsByRows(t *testing.T) {
	for _, table := range kernel.Tables()[1:] {
		if table.AMX != nil {
			continue // splits them
		}
		for _, x := range []struct{ tokens, images, cols, depth int }{{57, 3, 70, 33}, {205, 2, 96, 1200}, {205, 1, 128, 577}, {201, 3, 64, 577}, {208, 1, 33, 3}} {
			rows := x.tokens * x.images
			a, b := random(rows*x.depth), random(x.depth*x.cols)
			product := func(threads, images int) []float32 {
				c := make([]float32, x.tokens*images*x.cols)
				p := pool.New(threads, table)
				defer p.Close()
				op := &Product{Table: table, M: x.tokens * images, N: x.cols, Depth: x.depth, A: a[:x.tokens*images*x.depth], B: b, C: c, Tokens: x.tokens}
				op.Run(p)
				require.Equal(t, table.Float32.GemmJoined != nil, op.joins())
				return c
			}
			name := fmt.Sprintf("%v/%d×%dx%dx%d", table.Level, x.images, x.tokens, x.cols, x.depth)
			c := product(1, x.images)
			for _, threads := range []int{2, 3} {
				require.Equal(t, c, product(threads, x.images), "%s on %d threads", name, threads)
			}
			require.Equal(t, c[:x.tokens*x.cols], product(2, 1), "%s: an image alone", name)
			for i, v := range c {
				if i%17 != 0 && i%x.cols != x.cols-1 { // the definition takes long
					continue
				}
				r, col := i/x.cols, i%x.cols
				want, size := 0.0, 0.0
				for k := range x.depth {
					y := float64(a[r*x.depth+k]) * float64(b[k*x.cols+col])
					want, size = want+y, size+math.Abs(y)
				}
				if math.Abs(float64(v)-want) > 0x1p-20*size {
					t.Fatalf("%s: element (%d, %d) is %v, want %v", name, r, col, v, want)
				}
			}
		}
	}
}

// Whatever is joined fits a worker's memory.
func TestJoinedFitsTheMemory(t *testing.T) {
	for _, k := range kernel.Tables() {
		if k.Float32.GemmJoined == nil {
			continue
		}
		p := pool.New(1, k)
		for _, byCols := range []bool{false, true} {
			for _, m := range []int{57, 205, 208, 1640, 4096} {
				for depth := 1; depth < 9000; depth += 1 + depth/5 {
					for _, threads := range []int{1, 2, 64} {
						op := &Product{Table: k, tiles: &k.Float32, pool: p, M: m, N: 4096, Depth: depth, ByCols: byCols, count: 4096 / k.Float32.Cols}
						g := &op.joined
						g.plan(op, threads)
						sums := 2 * op.tiles.MostRows() * op.tiles.Cols
						if op.slice < depth {
							sums = g.panels * g.rows * op.tiles.Cols
						}
						words := (op.tiles.MostRows()+op.slice)*op.tiles.Cols + g.rows*min(op.slice, depth) + 2*k.Lanes + besideRoom + sums
						require.LessOrEqual(t, words, pool.ArenaSize, "%v: %d rows, depth %d, %d threads", k.Level, m, depth, threads)
					}
				}
			}
		}
		p.Close()
	}
}
