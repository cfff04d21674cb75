package cpu

import (
	"sync/atomic"
	"unsafe"
)

//go:generate go run ./internal/gen

// kernels is the dispatch table: the inner loops of one level. What
// each does is said in internal/gen.
type kernels struct {
	level Level
	lanes int // float32 in a register

	tiles        // two registers wide
	narrow tiles // one: for the last few queries
	exact  []exactFunc

	// Tiles of narrow units, 32 bits each, and none where the level has no
	// instruction for them: pairs of bfloat16, fours of int8 (by rows alone).
	pairs, narrowPairs, fours tiles
	interleave                func(dst, src unsafe.Pointer, lds, rows, n int)

	// What serves for those, at every level: tiles of float32 that read rows of
	// bfloat16, and tiles of pairs of int16, made of uint8 (by rows alone).
	rounded, words       tiles
	unpack, unpackSigned func(dst, src unsafe.Pointer, n int) // int16 of uint8, of int8

	amx *amxKernels // nil where there are no such tiles

	epilogue  func(y unsafe.Pointer, ldy int, tile unsafe.Pointer, rows, cols int, bias, scale, residual unsafe.Pointer, gelu int)
	transpose func(dst unsafe.Pointer, ldd int, src unsafe.Pointer, lds, rows, cols, keep int, factor unsafe.Pointer)
	fetch     func(src unsafe.Pointer, lds, rows, n int)
	own       func(src unsafe.Pointer, lds, rows, n int)
	gather    func(dst unsafe.Pointer, ldd int, src unsafe.Pointer, lds, rows, n int)
	condition func(dst unsafe.Pointer, ldd int, src unsafe.Pointer, lds, rows, n int, mean, std float32)
	blend     func(y, a, b, c, d unsafe.Pointer, n int, w0, w1, w2, w3 float64)
	widen     func(dst, src unsafe.Pointer, lds, rows, n int)
	layerNorm func(y, x, weight, bias unsafe.Pointer, n int, eps float32)
	gelu      func(y, x unsafe.Pointer, n int)
	binary    [4]func(y, a, b unsafe.Pointer, n int) // by BinaryOp

	round      func(dst, src unsafe.Pointer, n int)
	dequantise func(dst, src unsafe.Pointer, n int, scale, offset float32)
	quantise   func(dst, src unsafe.Pointer, n int, offset, inverse float32)
	extent     func(bounds, src unsafe.Pointer, n int)

	// To bfloat16, and from int32, by y's precision.
	epilogueRounded   func(y unsafe.Pointer, ldy int, tile unsafe.Pointer, rows, cols int, bias, scale, residual unsafe.Pointer, gelu int)
	epilogueQuantised [2]quantisedFunc // to float32, to bfloat16

	peak      func(n int)
	peakFlops int // of one turn of peak
}

// tiles are kernels on register tiles of one width. A tile of a product is up to
// rows() rows by cols columns; a panel is what of B such a tile reads, K by cols.
type tiles struct {
	cols     int
	per      int        // elements in a unit of an operand, 0 where there is none
	gemmRows []rowsFunc // by rows of the tile, from 1; so are gemmCols and exact
	gemmCols []colsFunc
	softmax  func(s unsafe.Pointer, keys int, state unsafe.Pointer, factor float32)

	// Of pairs alone.
	weighRows []weighFunc
	joinRows  func(x unsafe.Pointer, n int, sums unsafe.Pointer)

	// Of Strassen's algorithm.
	gemmRowsPlus, gemmRowsMinus []rowsFunc // from half the rows of a tile
	leftOperands                func(dst unsafe.Pointer, ldd int, x, y unsafe.Pointer, half, n int)
	joinProducts                func(dst unsafe.Pointer, ldd, n int)
}

type (
	rowsFunc      = func(k int, a unsafe.Pointer, lda int, b, c unsafe.Pointer, add int, part, top unsafe.Pointer, next uintptr)
	colsFunc      = func(k int, a unsafe.Pointer, lda int, b, c, alpha unsafe.Pointer)
	quantisedFunc = func(y unsafe.Pointer, ldy int, tile unsafe.Pointer, rows, cols int, bias, scale, residual unsafe.Pointer, gelu int, x unsafe.Pointer, ldx int, weights, totals unsafe.Pointer)
	weighFunc     = func(k int, a unsafe.Pointer, lda int, b, c, state unsafe.Pointer, fresh int, factor float32)
	exactFunc     = func(k int, a unsafe.Pointer, lda int, b, c unsafe.Pointer, add int)
)

// rows is the height of the register tile.
func (k *tiles) rows() int { return max(len(k.gemmRows), len(k.gemmCols)) - 1 }

// current is the table in use; nil is the plain level.
var current atomic.Pointer[kernels]

// kernelsFor is the table in use if it knows T, else nil.
func kernelsFor[T Float]() *kernels {
	if unsafe.Sizeof(T(0)) != unsafe.Sizeof(float32(0)) {
		return nil
	}
	return current.Load()
}

// at is the address of element i, nil for a slice without any.
func at[T Float](x []T, i int) unsafe.Pointer {
	if len(x) == 0 {
		return nil
	}
	return unsafe.Pointer(&x[i])
}
