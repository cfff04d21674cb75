package cpu

import (
	"cradio/cpu/internal/gemm"
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// Linear is y = x·Wᵀ + b, fused with the operations that often follow it:
//
//	y = residual + scale · gelu(x·Wᵀ + b)
//
// A part is left out if its field is nil or false.
//
// With Tokens, large products use Strassen's algorithm, at levels with register tiles: see
// strassen.go. It needs an eighth fewer multiplications, and its errors are still smaller
// than PyTorch's. A value that is not finite in one row then makes another row of the same
// image NaN too. At the portable level there are up to three steps of the algorithm: it may reach
// up to seven other rows of the image, in part.
type Linear[T Float] struct {
	Y, X     []T        // (Rows, Out), (Rows, In)
	Bias     []T        // (Out) or nil
	W        *Matrix[T] // (Out, In)
	Rows     int
	GELU     bool // exact (erf)
	Scale    []T  // (Out), LayerScale, or nil
	Residual []T  // (Rows, Out) or nil; may be the memory of Y
	Tokens   int  // rows of one image; 0: all belong to one image
	Small    int  // the limit of small operations, see SmallDefault; 0: none
	Rounded  bool // as in MatMul, where W is not packed

	tiles gemm.Product // at the levels that have them
}

// Check reports fields that contradict one another.
func (op *Linear[T]) Check() error {
	c := checking("Linear")
	if op.W == nil {
		c.fail("W is nil, want a Matrix")
		return c.err
	}
	in, out := op.W.Cols, op.W.Rows
	c.length("W", gemm.Elements(op.W), out, in)
	c.length("X", len(op.X), op.Rows, in)
	c.length("Y", len(op.Y), op.Rows, out)
	if op.Bias != nil {
		c.length("Bias", len(op.Bias), out)
	}
	if op.Scale != nil {
		c.length("Scale", len(op.Scale), out)
	}
	if op.Residual != nil {
		c.length("Residual", len(op.Residual), op.Rows, out)
	}
	return c.err
}

// Run computes Y.
func (op *Linear[T]) Run(p *Pool) {
	if fast, ok := any(op).(*Linear[float32]); ok && runTiledLinear(fast, p) {
		return
	}
	p.Run(pool.Blocks(op.Rows, kernel.BlockRows)*pool.Blocks(op.W.Rows, kernel.BlockCols), op)
}

// runTiledLinear computes Y by register tiles, if the weight is packed for them or else
// the pool's level has them, and reports whether it has.
func runTiledLinear(op *Linear[float32], p *Pool) bool {
	table := gemm.TableOf(op.W, p.threads)
	if !table.Float32.Multiply() {
		return false
	}
	op.tiles = gemm.Product{
		Table: table, M: op.Rows, N: op.W.Rows, Depth: op.W.Cols,
		A: op.X, W: op.W, ByRows: true,
		C: op.Y, Bias: op.Bias, Scale: op.Scale, Add: op.Residual, Tokens: op.Tokens, Rounded: op.Rounded,
	}
	if op.GELU {
		op.tiles.GELU = 1
	}
	rows, limit := ofImage(op.Rows, op.Tokens), op.Small
	if rows == 1 || op.W.Rows == 1 {
		limit = max(limit, SmallDefault) // reading the weights, or X, takes most of the time
	}
	if small(limit, rows, op.W.Rows, op.W.Cols) {
		op.tiles.Exact = (*linearFinisher[float32])(op)
	}
	op.tiles.Run(p.threads)
	return true
}

// Do computes one block of Y.
func (op *Linear[T]) Do(_, i int) {
	in, out := op.W.Cols, op.W.Rows
	nr := pool.Blocks(op.Rows, kernel.BlockRows)
	r0, r1 := pool.Span(i%nr, kernel.BlockRows, op.Rows)
	o0, o1 := pool.Span(i/nr, kernel.BlockCols, out)
	var s kernel.Block
	kernel.Products(&s, kernel.Rows[T]{V: op.X, N: in, Stride: in}, kernel.Rows[T]{V: gemm.Dense(op.W), N: in, Stride: in}, r0, r1, o0, o1)
	for r := r0; r < r1; r++ {
		(*linearFinisher[T])(op).Finish(s.Row(r-r0, o1-o0), r*out, o0)
	}
}

// linearFinisher does what follows the products.
type linearFinisher[T Float] Linear[T]

// Finish makes elements of Y of the products s of outputs o0, o0+1, … of the row that
// starts at row. Everything is float64 until it is stored.
func (op *linearFinisher[T]) Finish(s []float64, row, o0 int) {
	at := row + o0
	epilogue[T]{op.Bias, op.Scale, op.Residual, op.GELU}.apply(s, at, o0)
	for i, v := range s {
		op.Y[at+i] = T(v)
	}
}
