package gemm

import (
	"fmt"
	"testing"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"

	"github.com/stretchr/testify/require"
)

// Whatever can be halved fits a worker's memory.
func TestStrassenFitsTheMemory(t *testing.T) {
	for _, k := range kernel.Tables() {
		for _, tiles := range []*kernel.Tiles{&k.Float32, &k.Widened, &k.Int16} {
			if tiles.Halve() {
				requireStrassenFits(t, k, tiles)
			}
		}
	}
}

func requireStrassenFits(t *testing.T, k *kernel.Table, tiles *kernel.Tiles) {
	for depth := 2 * k.Lanes; depth <= 2*strassenDeepest; depth += 2 * k.Lanes {
		for _, tokens := range []int{64, 205, 16392} {
			s := &strassen{Product: &Product{Table: k, tiles: tiles, M: tokens, N: 96 * tiles.Cols, Depth: depth, Tokens: tokens, count: 96, panels: make([]float32, 1)}}
			if tiles != &k.Float32 {
				s.panels, s.short = nil, make([]uint16, 1)
			}
			require.Equal(t, depth*tiles.PerWord >= strassenDepth && depth <= strassenDeepest, s.halves())
			if !s.halves() {
				continue
			}
			for _, threads := range []int{1, 2, 64} {
				s.plan(threads)
				products := tiles.MostRows() * tiles.Cols
				if s.slice < s.half {
					products = pool.Blocks(s.doublePanels(), s.groups) * s.most * tiles.Cols
				}
				require.LessOrEqual(t, lefts*s.most*s.stride+s.widened+s.kept+depth+tiles.MostRows()*tiles.Cols+lefts*products, pool.ArenaSize, "%v: depth %d, %d tokens", k.Level, depth, tokens)
				require.GreaterOrEqual(t, s.upperRows()/s.blocks, k.Float32.MostRows()/2, "rows of the lowest tile")
			}
		}
	}
}

// Where a task makes its left operands itself, there would be few large ones. They are small enough that a worker which
// is four times slower than the others, as an efficiency core is, has done one before the others have done all the
// rest, and equal workers end at about one time.
func TestStrassenTasksAreSmall(t *testing.T) {
	const slow = 4
	for _, k := range kernel.Tables() {
		if !k.Float32.Halve() {
			continue
		}
		for _, size := range [][3]int{{205, 768, 3072}, {738, 768, 3072}, {205, 1024, 4096}, {738, 1024, 4096}} {
			for _, threads := range []int{2, 4, 6, 8} {
				rows, n, depth := size[0], size[1], size[2]
				s := &strassen{Product: &Product{Table: k, tiles: &k.Float32, M: rows, N: n, Depth: depth, Tokens: rows, count: n / k.Float32.Cols, panels: make([]float32, 1)}}
				require.True(t, s.halves())
				s.plan(threads)
				require.Less(t, s.slice, s.half)
				about := fmt.Sprintf("%v: %v on %d threads: %d blocks, %d groups", k.Level, size, threads, s.blocks, s.groups)
				all, piece := float64(s.blocks*s.doublePanels()), pool.Blocks(s.doublePanels(), s.groups)
				require.LessOrEqual(t, float64(slow*piece), 1.1*all/(float64(threads-1)+1./slow), about)
				require.LessOrEqual(t, float64(pool.Blocks(s.blocks*s.groups, threads)*piece), 1.2*all/float64(threads), about)
			}
		}
	}
}
