package gemm

import (
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
				require.LessOrEqual(t, lefts*s.most*s.stride+s.widened+depth+tiles.MostRows()*tiles.Cols+lefts*products, pool.ArenaSize, "%v: depth %d, %d tokens", k.Level, depth, tokens)
				require.GreaterOrEqual(t, s.upperRows()/s.blocks, k.Float32.MostRows()/2, "rows of the lowest tile")
			}
		}
	}
}
