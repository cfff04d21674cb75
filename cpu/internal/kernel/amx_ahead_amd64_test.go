package kernel

import (
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// someItems are items of words, half a panel of columns each, in any order.
func someItems(x []float32, n int) []SplitItem {
	items := make([]SplitItem, n)
	for i, row := range rand.New(rand.NewPCG(1, 2)).Perm(n) {
		a, b := At(x, row*2*TileCols), At(x, (row*2+1)*TileCols)
		items[i] = SplitItem{A: a, B: b, To: 4 * (row/TileRows*SplitStep + row%TileRows*TileCols), Fetch: [2]unsafe.Pointer{b, a}}
	}
	return items
}

// Items are split into the words that splitWords makes, and into the terms of rows that splitRows makes.
func TestAMXSplitItems(t *testing.T) {
	needSplit(t)
	const n = 3 * TileRows
	x := spread(n*2*TileCols + TileCols)
	want, got := make([]float32, n/TileRows*SplitStep), make([]float32, n/TileRows*SplitStep)
	for row := range n {
		splitWordsAMX(At(want, row/TileRows*SplitStep+row%TileRows*TileCols), 4*SplitStep, At(x, row*2*TileCols+TileCols), At(x, (row*2+1)*TileCols+TileCols), TileCols)
	}
	items := someItems(x, n)
	splitItemsAMX(At(items, 0), n, 4*TileCols, 0, 4*TileRows, At(got, 0))
	require.Equal(t, bits(want), bits(got))

	terms, top := make([]float32, 2*SplitTerms*TileRows), make([]float32, 1)
	splitRowsAMX(At(terms, 0), 0, At(x, 0), 0, 1, 2*SplitDepth, At(top, 0))
	item := SplitItem{A: At(x, 0), B: At(x, TileRows), Fetch: [2]unsafe.Pointer{At(x, 0), At(x, 0)}}
	splitItemsAMX(unsafe.Pointer(&item), 1, 0, 0, 4*SplitDepth, At(got, 0))
	for i, v := range bits(terms) {
		step, term, word := i/(SplitTerms*TileRows), i/TileRows%SplitTerms, i%TileRows
		require.Equal(t, v, bits(got)[term*SplitTerm+step*TileRows+word], "word %d of term %d of step %d", word, term, step)
	}
}

// What is split meanwhile changes no product, and is split as without one.
func TestAMXSplitAhead(t *testing.T) {
	if !hasAMX() {
		t.Skip("this machine lacks AMX")
	}
	for _, steps := range []int{1, 2, 6} {
		for blocks := 1; blocks <= 4; blocks++ {
			rows, n := blocks*TileBlock, SplitAhead*steps*blocks
			whole := (n + TileRows - 1) / TileRows
			x := spread(n * 2 * TileCols)
			lda := SplitTerms*steps*TileStep/4 + 16
			a, b := make([]float32, rows*lda), make([]float32, steps*SplitStep)
			source, top := noise(7, max(rows, SplitDepth)*steps*SplitDepth), make([]float32, rows)
			splitRowsAMX(At(a, 0), 4*lda, At(source, 0), 4*steps*SplitDepth, rows, steps*SplitDepth, At(top, 0))
			splitPanelAMX(At(b, 0), At(source, 0), steps, nil)
			shapes, partial := unsafe.Pointer(&shapesFor[TileBlock]), make([]float32, TileBlock*TileCols)
			items := someItems(x, n)
			words, split := make([]float32, whole*SplitStep), make([]float32, whole*SplitStep)
			splitItemsAMX(At(items, 0), n, 0, 0, 4*TileRows, At(words, 0))
			for add := range 2 {
				want, got := noise(8, rows*TileCols), noise(8, rows*TileCols)
				tileSplitAMX(steps, At(a, 0), 4*lda, At(b, 0), At(want, 0), add, blocks, 0, shapes, uintptr(At(b, 0)), At(partial, 0))
				clear(split)
				tileSplitAheadAMX(steps, At(a, 0), 4*lda, At(b, 0), At(got, 0), add, blocks, At(items, 0), shapes, 0, At(partial, 0), 0, 4*TileRows, At(split, 0))
				require.Equal(t, bits(want), bits(got), "%d steps, %d blocks", steps, blocks)
				require.Equal(t, bits(words), bits(split), "%d steps, %d blocks", steps, blocks)
			}
		}
	}
}
