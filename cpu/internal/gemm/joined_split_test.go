package gemm

import (
	"math"
	"testing"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"

	"github.com/stretchr/testify/require"
)

// A product of few rows has, on any number of threads, the bits that it has where B is split before: as one that adds zeros
// is. So it has where something is beyond the limits.
func TestJoinedSplit(t *testing.T) {
	table := kernel.Tables()[len(kernel.Tables())-1]
	if table.AMX == nil {
		t.Skip("this machine lacks AMX")
	}
	nothing := func(a, b []float32) {}
	for _, x := range []struct {
		rows, cols, depth int
		change            func(a, b []float32)
		beyond            bool
	}{
		{33, 32, 1, nothing, false},
		{57, 70, 33, nothing, false},
		{205, 96, 1200, nothing, false},
		{205, 1030, 577, nothing, false},
		{256, 64, 3072, nothing, false},
		{100, 33, 40, func(a, b []float32) { clear(a[:40]) }, false},
		{100, 33, 40, func(a, b []float32) { a[41] = float32(math.NaN()) }, true},
		{100, 33, 400, func(a, b []float32) { a[401] = 1e20 }, true},
		{100, 33, 40, func(a, b []float32) {
			for i := range 40 {
				a[i] *= 1e-17
			}
		}, true},
		{100, 33, 400, func(a, b []float32) { b[33*399+32] = float32(math.Inf(1)) }, true},
		{100, 33, 40, func(a, b []float32) {
			for i := 3; i < len(b); i += 33 {
				b[i] *= 1e-20
			}
		}, true},
	} {
		a, b := random(x.rows*x.depth), random(x.depth*x.cols)
		x.change(a, b)
		product := func(threads int, add []float32) []float32 {
			c := make([]float32, x.rows*x.cols)
			p := pool.New(threads, table)
			defer p.Close()
			op := &Product{Table: table, M: x.rows, N: x.cols, Depth: x.depth, A: a, B: b, C: c, Add: add}
			op.Run(p)
			require.Equal(t, add == nil, op.joinedSplit.Product != nil)
			require.Equal(t, add == nil && x.beyond, op.joinedSplit.beyond == 1)
			for i := range c {
				c[i] += 0 // -0 is no difference
			}
			return c
		}
		want := product(1, make([]float32, x.rows*x.cols))
		for _, threads := range []int{1, 2, 3, 9} {
			got := product(threads, nil)
			for i, v := range got {
				if math.Float32bits(v) != math.Float32bits(want[i]) {
					t.Fatalf("%d×%d×%d on %d threads: element %d is %v, want %v", x.rows, x.cols, x.depth, threads, i, v, want[i])
				}
			}
		}
	}
}

// What is joined fits a worker's memory, however wide it is.
func TestJoinedSplitFitsTheMemory(t *testing.T) {
	for rows := kernel.TileBlock; rows <= joinedRows; rows += kernel.TileBlock {
		for _, cols := range []int{1, 768, 3072, 4096, 100_000} {
			for _, depth := range []int{1, 205, 3072, 100_000} {
				for _, threads := range []int{1, 2, 64} {
					_, _, slice := splitSlices(depth)
					stride := (kernel.SplitTerms*slice | 1) * pool.CacheLine / 4
					count := pool.Blocks(cols, kernel.TileCols)
					panels := pool.Blocks(count, min(count, joinedGroups(count, rows, threads)))
					require.LessOrEqual(t, rows+kernel.TileBlock*kernel.TileCols+panels*kernel.TileCols+slice*(kernel.SplitDepth*kernel.TileCols+kernel.SplitStep)+rows*stride+panels*rows*kernel.TileCols, pool.TileArenaSize)
				}
			}
		}
	}
}
