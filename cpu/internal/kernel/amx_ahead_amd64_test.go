package kernel

import (
	"math/rand/v2"
	"slices"
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
	splitItemsAMX(At(items, 0), n, 4*TileCols, 0, 4*TileRows, At(got, 0), panelTerm, panelNext)
	require.Equal(t, bits(want), bits(got))

	terms, top := make([]float32, 2*SplitTerms*TileRows), make([]float32, 1)
	splitRowsAMX(At(terms, 0), 0, At(x, 0), 0, 1, 2*SplitDepth, At(top, 0))
	item := SplitItem{A: At(x, 0), B: At(x, TileRows), Fetch: [2]unsafe.Pointer{At(x, 0), At(x, 0)}}
	splitItemsAMX(unsafe.Pointer(&item), 1, 0, 0, 4*SplitDepth, At(got, 0), TileStep, TileStep)
	require.Equal(t, bits(terms), bits(got[:len(terms)]))
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
			splitItemsAMX(At(items, 0), n, 0, 0, 4*TileRows, At(words, 0), panelTerm, panelNext)
			for add := range 2 {
				for woven := range blocks + 1 {
					want, got := noise(8, rows*TileCols), noise(8, rows*TileCols)
					tileSplitAMX(steps, At(a, 0), 4*lda, At(b, 0), At(want, 0), add, blocks, 0, shapes, uintptr(At(b, 0)), At(partial, 0))
					clear(split)
					tileSplitAheadAMX(steps, At(a, 0), 4*lda, At(b, 0), At(got, 0), add, woven, blocks-woven, 0, shapes, At(partial, 0),
						At(items, 0), 0, 0, 4*TileRows, At(split, 0), panelTerm, panelNext, 4*TileBlock*lda, 0)
					require.Equal(t, bits(want), bits(got), "%d steps, %d blocks", steps, blocks)
					if woven == blocks {
						require.Equal(t, bits(words), bits(split), "%d steps, %d blocks", steps, blocks)
					}
				}
			}
		}
	}
}

// Distances of words in a panel, in bytes.
const (
	panelTerm = 4 * SplitTerm
	panelNext = TileStep - 2*panelTerm
)

// A block of rows by panels, and half a block or half a panel: only what is asked for is changed.
func TestAMXSplitHalves(t *testing.T) {
	if !hasAMX() {
		t.Skip("this machine lacks AMX")
	}
	const steps, panels = 5, 3
	lda := SplitTerms*steps*TileStep/4 + 16
	a, b := make([]float32, TileBlock*lda), make([]float32, panels*steps*SplitStep)
	source, top := noise(7, panels*TileBlock*steps*SplitDepth), make([]float32, TileBlock)
	splitRowsAMX(At(a, 0), 4*lda, At(source, 0), 4*steps*SplitDepth, TileBlock, steps*SplitDepth, At(top, 0))
	for p := range panels {
		splitPanelAMX(At(b, p*steps*SplitStep), At(source, p*TileCols*steps*SplitDepth), steps, nil)
	}
	shapes, partial := unsafe.Pointer(&shapesFor[TileBlock]), make([]float32, TileBlock*TileCols)
	for add := range 2 {
		const block = TileBlock * TileCols
		begin, want := noise(8, panels*block), noise(8, panels*block)
		for p := range panels {
			tileSplitAMX(steps, At(a, 0), 4*lda, At(b, p*steps*SplitStep), At(want, p*block), add, 1, 0, shapes, uintptr(At(b, 0)), At(partial, 0))
		}
		for plain := range panels {
			got := slices.Clone(begin)
			tileSplitAcrossAMX(steps, At(a, 0), 4*lda, At(b, 0), At(got, 0), add, 0, plain, 1, shapes, At(partial, 0),
				nil, 0, 0, 0, nil, 0, 0, 0, 4*steps*SplitStep)
			require.Equal(t, want[:plain*block], got[:plain*block], "%d panels", plain)
			for r := range TileBlock {
				at := plain*block + r*TileCols
				require.Equal(t, bits(want[at:][:TileRows]), bits(got[at:][:TileRows]), "half of panel %d, row %d", plain, r)
			}
			require.Equal(t, begin[(plain+1)*block:], got[(plain+1)*block:])
		}
		got := slices.Clone(begin)
		tileSplitAheadAMX(steps, At(a, 0), 4*lda, At(b, 0), At(got, 0), add, 0, 0, 1, shapes, At(partial, 0),
			nil, 0, 0, 0, nil, 0, 0, 0, 0)
		require.Equal(t, bits(want[:block/2]), bits(got[:block/2]))
		require.Equal(t, bits(begin[block/2:]), bits(got[block/2:]))
	}
}

// Panels are split while a block of rows meets them.
func TestAMXSplitAcross(t *testing.T) {
	if !hasAMX() {
		t.Skip("this machine lacks AMX")
	}
	const steps, panels = 2, 2
	lda := SplitTerms*steps*TileStep/4 + 16
	n := SplitAhead * steps * panels
	a, b := make([]float32, TileBlock*lda), make([]float32, panels*steps*SplitStep)
	partial, x := make([]float32, TileBlock*TileCols), spread(n*4*TileRows)
	ld := 2*SplitTerms*TileStep/4 + 16
	items := make([]SplitItem, n)
	for i := range items {
		at := At(x, i*4*TileRows)
		items[i] = SplitItem{A: at, B: unsafe.Add(at, 4*TileRows), To: 4 * i * ld, Fetch: [2]unsafe.Pointer{at, at}}
	}
	want, got, top := make([]float32, n*ld), make([]float32, n*ld), make([]float32, n)
	splitRowsAMX(At(want, 0), 4*ld, At(x, 0), 4*4*TileRows, n, 2*SplitDepth, At(top, 0))
	sums := make([]float32, panels*TileBlock*TileCols)
	tileSplitAcrossAMX(steps, At(a, 0), 4*lda, At(b, 0), At(sums, 0), 0, panels, 0, 0, unsafe.Pointer(&shapesFor[TileBlock]), At(partial, 0),
		At(items, 0), 0, 0, 4*2*TileRows, At(got, 0), TileStep, TileStep, 0, 4*steps*SplitStep)
	require.Equal(t, bits(want), bits(got))
}
