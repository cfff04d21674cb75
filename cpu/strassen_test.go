package cpu

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever can be halved fits the arena.
func TestStrassenFitsTheArena(t *testing.T) {
	for _, k := range available() {
		for _, by := range []*tiles{&k.tiles, &k.rounded, &k.words} {
			requireStrassenFits(t, k, by)
		}
	}
}

func requireStrassenFits(t *testing.T, k *kernels, by *tiles) {
	for depth := 2 * k.lanes; depth <= 2*strassenDeepest; depth += 2 * k.lanes {
		for _, tokens := range []int{64, 205, 16392} {
			s := &strassen{tiled: &tiled{k: k, by: by, m: tokens, n: 96 * k.cols, depth: depth, tokens: tokens, panels: make([]float32, 1)}}
			if by != &k.tiles {
				s.panels, s.short = nil, make([]uint16, 1)
			}
			require.Equal(t, depth*by.per >= strassenDepth && depth <= strassenDeepest, s.halves())
			if !s.halves() {
				continue
			}
			for _, threads := range []int{1, 2, 64} {
				s.plan(threads)
				products := by.rows() * by.cols
				if s.slice < s.half {
					products = blocks(s.panelPairs(), s.groups) * s.most * by.cols
				}
				require.LessOrEqual(t, lefts*s.most*s.stride+s.wide+depth+by.rows()*by.cols+lefts*products, arenaSize, "%v: depth %d, %d tokens", k.level, depth, tokens)
				require.GreaterOrEqual(t, s.rowPairs()/s.blocks, k.rows()/2, "rows of the lowest tile")
			}
		}
	}
}
