package kernel

import "unsafe"

//go:generate go run ./gen

// Table has the kernels of one level. It is never changed once it is in use.
type Table struct {
	Level Level
	Lanes int // float32 in a register; Transpose takes squares of this side

	// Register tiles of matrix products. They are two registers, 2·Lanes columns, wide;
	// slim ones are one register wide, for the last few queries of attention. Exact has
	// kernels on tiles of float64 by their number of rows, from 1. ExactWide are for operands
	// that ToFloat64 has made float64, once for all tiles that read them: nil where conversions
	// in each tile take no time.
	Float32, Float32Slim Tiles
	Exact, ExactWide     []ExactFunc
	ToFloat64            func(dst, src unsafe.Pointer, n int) // n > 0; up to 3 more are written

	// Tiles that multiply bfloat16 and int8 as they are. Int8 has GemmRows alone.
	BFloat16, BFloat16Slim, Int8 Tiles
	// Interleave writes row i of dst, words of two bfloat16: those of rows 2i and 2i+1.
	Interleave func(dst, src unsafe.Pointer, lds, rows, n int)

	// What serves where those are missing: tiles of float32 that read rows of bfloat16,
	// and tiles of int16, which are made of uint8 and of int8 (GemmRows alone).
	Widened, Int16 Tiles
	Uint8ToInt16   func(dst, src unsafe.Pointer, n int)
	Int8ToInt16    func(dst, src unsafe.Pointer, n int)

	AMX *AMXKernels // nil where there are no such tiles

	// Epilogues turn sums of a tile, 2·Lanes columns wide, into elements of y. Sums are
	// float32, or int32 for the Int8 ones, which come by whether y is bfloat16. Levels with Leaf
	// take a row alone of as many columns as it has, and may overwrite its sums.
	Epilogue         EpilogueFunc
	EpilogueBFloat16 EpilogueFunc
	EpilogueInt8     [2]EpilogueInt8Func

	// StreamTile copies a tile of n > 0 rows past the caches, whole lines: nil where that is
	// not worth while.
	StreamTile func(dst unsafe.Pointer, ldd int, tile unsafe.Pointer, n int)

	Transpose     func(dst unsafe.Pointer, ldd int, src unsafe.Pointer, lds, rows, cols, keep int, factor unsafe.Pointer)
	Prefetch      func(src unsafe.Pointer, lds, rows, n int)
	PrefetchWrite func(src unsafe.Pointer, lds, rows, n int)
	CopyRows      func(dst unsafe.Pointer, ldd int, src unsafe.Pointer, lds, rows, n int)
	NormalizeRows func(dst unsafe.Pointer, ldd int, src unsafe.Pointer, lds, rows, n int, mean, std float32)
	Blend         func(y, a, b, c, d unsafe.Pointer, n int, w0, w1, w2, w3 float64)
	LayerNorm     func(y, x, weight, bias unsafe.Pointer, n int, eps float64)
	GELU          func(y, x unsafe.Pointer, n int)
	GELUGrad      func(dx, x, dy unsafe.Pointer, n int)
	SigmoidGELU   func(y, x unsafe.Pointer, n int, slope, cubic float32)
	LayerNormGrad func(dx, x, weight, dy unsafe.Pointer, n int, eps float64)
	Binary        [4]func(y, a, b unsafe.Pointer, n int) // by the operation: Add, Sub, Mul, Div

	// Steps of optimisers, where the level has them. k is an *AdamWStep; an *SGDStep, by
	// whether there is no momentum, some, or Nesterov's. Squares makes Lanes/2 sums in
	// float64 of a multiple of 32 elements.
	AdamW   func(w, m, v, g unsafe.Pointer, n int, k unsafe.Pointer)
	SGD     [3]func(w, b, g unsafe.Pointer, n int, k unsafe.Pointer)
	Squares func(sums, x unsafe.Pointer, n int)

	// Sums over a few rows, in short chains, where the level has them. SumRowsNormed is the
	// sum of b·(a - mean)·inv, by three numbers a row that LayerNormMoments makes.
	SumRows          func(y, a unsafe.Pointer, ld, rows, n int)
	SumRowsMul       func(y, a, b unsafe.Pointer, ld, rows, n int)
	SumRowsNormed    func(y, a, b unsafe.Pointer, ld, rows, n int, stats unsafe.Pointer)
	LayerNormMoments func(stats, x unsafe.Pointer, n int, eps float64)

	// Of losses, on a row: all, or nil. Exps computes e = exp(z - top), and state: top,
	// the largest of z, and the sum of e. MixExps is that of z = wa·a + wb·b.
	Exps    func(e, z unsafe.Pointer, n int, state unsafe.Pointer)
	MixExps func(e, a, b unsafe.Pointer, n int, state unsafe.Pointer, wa, wb float32)
	Mix     func(y, a, b unsafe.Pointer, n int, wa, wb float32) // y = wa·a + wb·b
	Spread  func(a, b, d unsafe.Pointer, n int, wa, wb float32) // its transpose: a += wa·d, b += wb·d
	Affine  func(y, x unsafe.Pointer, n int, factor, shift float32)

	// Conversions. All but Widen take a multiple of ConvertStep elements.
	Widen        func(dst, src unsafe.Pointer, lds, rows, n int)
	Round        func(dst, src unsafe.Pointer, n int)
	Dequantise   func(dst, src unsafe.Pointer, n int, scale, offset float32)
	Quantise     func(dst, src unsafe.Pointer, n int, offset, inverse float32) // to uint8
	QuantiseInt8 func(dst, src unsafe.Pointer, n int, offset, inverse float32)
	Extent       func(bounds, src unsafe.Pointer, n int)

	// Scan computes rows sums in int32, each of n products of an int8 and an int16 of query.
	// n is a multiple of ScanStep.
	Scan func(sums, codes, query unsafe.Pointer, ld, rows, n int)

	Peak      func(n int) // nil where the peak is not measured
	PeakFlops int         // operations of one iteration of Peak
}

// AdamWStep are the numbers of a step of Adam, as cpu.AdamW has them: rate and root are
// -r/(1-β1ᵗ) and √(1-β2ᵗ), keep is the factor of the weight, rest1 and rest2 are 1-β, and
// decay is the part of the weight in the gradient.
type AdamWStep[T float32 | float64] struct {
	Rest1, Beta2, Rest2, Rate, Root, Eps, Keep, Decay, Clip T
}

// SGDStep are the numbers of a step of gradient descent: the negative rate, the factor of the
// gradient, the part of the weight in it, and the factor of the momentum.
type SGDStep[T float32 | float64] struct{ Rate, Clip, Decay, Momentum T }

// ScanStep is what Scan takes elements in multiples of.
const ScanStep = 64

// ConvertStep is what kernels that convert rows take elements in multiples of.
const ConvertStep = 16

// Tiles are kernels on register tiles of one width. A tile of a product has up to
// MostRows() rows and Cols columns. A panel is what such a tile reads of B: K by Cols.
// Operands are read in words of 32 bits.
type Tiles struct {
	Cols     int        // 0 where there are no such tiles
	PerWord  int        // elements in a word of an operand: 1, 2 or 4
	ByPairs  bool       // a panel has each column's words for two k side by side, and K is even
	GemmRows []RowsFunc // by rows of the tile, from 1; so is GemmCols
	GemmCols []ColsFunc
	Softmax  func(s unsafe.Pointer, keys int, state unsafe.Pointer, factor float32)

	// SoftmaxGrad makes probabilities of weights, and derivatives of dp: nil where attention's
	// derivative goes by the definition.
	SoftmaxGrad func(s, dp unsafe.Pointer, keys int, sums unsafe.Pointer, scale float32)

	// Of bfloat16 alone.
	WeightRows []WeightFunc
	JoinRows   func(x unsafe.Pointer, n int, sums unsafe.Pointer)

	// GemmJoined are GemmRows where the words of A for one k lie side by side, without gaps: nil
	// where columns of A are transposed. They fetch one line for each four k, lda bytes apart.
	GemmJoined []RowsFunc

	// GemmPacking are GemmJoined where b are rows as they lie. They pack them, for the tiles after: nil where all tiles have
	// to be given packed rows. In the place of top both have a Beside; it may be nil for GemmJoined.
	GemmPacking []RowsFunc

	// Of ByPairs. JoinLeft joins rows of n words two at a time, and GemmRows multiply what it
	// makes, two rows lda bytes from the next two. The last of an odd number of rows is its own
	// neighbour.
	JoinLeft func(dst unsafe.Pointer, ldd int, src unsafe.Pointer, lds, rows, n int)

	// Of int8 whose panels have no sign: each weight plus 128. RowStarts computes what the sums
	// of each row then begin with, -128 times the sum of the row's n words, in int32: GemmRows
	// take it as partial.
	RowStarts func(dst, src unsafe.Pointer, lds, rows, n int)

	// Of bfloat16 with ByPairs. JoinValues joins four rows of values at a time, each column's
	// side by side, zeros for a row that is missing; Softmax makes such words of weights, and
	// finds the maxima; GemmCols multiply them, K being rows of four, for an even number of rows.
	JoinValues func(dst, src unsafe.Pointer, lds, rows, n int)

	// Of Strassen's algorithm. With KeepsPanel, those of two panels also store the panel that they
	// make, for the tiles after, and top is a TwoPanels.
	GemmRowsPlus, GemmRowsMinus []RowsFunc // from half the rows of a tile
	KeepsPanel                  bool
	LeftOperands                func(dst unsafe.Pointer, ldd int, x, y unsafe.Pointer, half, n int)
	JoinProducts                func(dst unsafe.Pointer, ldd, n int)

	// Leaf computes c = a·b in float64: nil where that is slower than float32. The panel b
	// (k, Cols) and c (rows, Cols) have no gaps. LeafRows rows of a lie side by side, (k,
	// LeafRows), then the next ones, and at the end two or none. On the way it computes what it
	// can of the differences, of which a multiple of k elements are left, and returns the rest.
	Leaf     func(rows, k int, a, b, c unsafe.Pointer, beside Differences) Differences
	LeafRows int
}

// The types of kernels of which there are several. See gen for what they do.
type (
	RowsFunc   = func(k int, a unsafe.Pointer, lda int, b, c unsafe.Pointer, add int, partial, top unsafe.Pointer, next uintptr)
	ColsFunc   = func(k int, a unsafe.Pointer, lda int, b, c, alpha unsafe.Pointer)
	WeightFunc = func(k int, a unsafe.Pointer, lda int, b, c, state unsafe.Pointer, fresh int, factor float32)
	ExactFunc  = func(k int, a unsafe.Pointer, lda int, b, c unsafe.Pointer, add int)

	EpilogueFunc     = func(y unsafe.Pointer, ldy int, tile unsafe.Pointer, rows, cols int, bias, scale, residual unsafe.Pointer, gelu int)
	EpilogueInt8Func = func(y unsafe.Pointer, ldy int, tile unsafe.Pointer, rows, cols int, bias, scale, residual unsafe.Pointer, gelu int, x unsafe.Pointer, ldx int, weights, totals unsafe.Pointer)
)

// Beside is what a tile does while it multiplies. GemmJoined copy Rows rows of a finished tile past the caches, one for
// each four k, so that there may be k/4 at most. GemmPacking leave the panel at To, and read rows of B Apart bytes apart.
type Beside struct {
	To    uintptr
	Apart int // bytes from row to row: of what is at To, or of B
	From  uintptr
	Rows  int
}

// TwoPanels are, of a panel that is the sum or difference of two, the other, and where it is kept.
type TwoPanels struct{ Other, Kept uintptr }

// MostRows is the height of the register tile.
func (t *Tiles) MostRows() int { return max(len(t.GemmRows), len(t.GemmCols)) - 1 }

// WordAt is where a panel has the word of a column for one k.
func (t *Tiles) WordAt(k, col int) int {
	if t.ByPairs {
		return (k/2*t.Cols+col)*2 + k%2
	}
	return k*t.Cols + col
}

// Multiply reports whether there are tiles for matrix products.
func (t *Tiles) Multiply() bool { return t.Cols > 0 && len(t.GemmRows) > 0 }

// Halve reports whether there is what a step of Strassen's algorithm needs.
func (t *Tiles) Halve() bool {
	return t.GemmRowsPlus != nil && t.GemmRowsMinus != nil && t.LeftOperands != nil && t.JoinProducts != nil
}

// Attend reports whether there is what attention needs.
func (t *Tiles) Attend() bool {
	return t.Cols > 0 && len(t.GemmCols) > 0 && (t.Softmax != nil && t.Multiply() || t.WeightRows != nil)
}

// At is the address of element i, nil for a slice without any.
func At[E any](x []E, i int) unsafe.Pointer {
	if len(x) == 0 {
		return nil
	}
	return unsafe.Pointer(&x[i])
}
