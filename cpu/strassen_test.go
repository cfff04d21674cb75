package cpu

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever can be halved fits the arena.
func TestStrassenFitsTheArena(t *testing.T) {
	for _, k := range available() {
		for depth := 2 * k.lanes; depth <= 2*strassenDeepest; depth += 2 * k.lanes {
			for _, tokens := range []int{64, 205, 16392} {
				s := &strassen{tiled: &tiled{k: k, by: &k.tiles, m: tokens, n: 96 * k.cols, depth: depth, tokens: tokens, panels: make([]float32, 1)}}
				require.Equal(t, depth >= strassenDepth && depth <= strassenDeepest, s.halves())
				if !s.halves() {
					continue
				}
				for _, threads := range []int{1, 2, 64} {
					s.plan(threads)
					products := k.rows() * k.cols
					if s.slice < s.half {
						products = blocks(s.panelPairs(), s.groups) * s.most * k.cols
					}
					require.LessOrEqual(t, lefts*s.most*s.stride+depth+k.rows()*k.cols+lefts*products, arenaSize, "%v: depth %d, %d tokens", k.level, depth, tokens)
					require.GreaterOrEqual(t, s.rowPairs()/s.blocks, k.rows()/2, "rows of the lowest tile")
				}
			}
		}
	}
}
