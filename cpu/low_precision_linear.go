package cpu

import (
	"cradio/cpu/internal/form"
	"cradio/cpu/internal/gemm"
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// LowPrecisionLinear is Linear with operands in low precision:
//
//	y = residual + scale · gelu(x·Wᵀ + b)
//
// A part is left out if its field is nil or false. The products are those of rounded
// activations and rounded weights. What follows them is computed in float32 or better.
//
// With Tokens, large products use Strassen's algorithm as in Linear, where a level widens
// its operands. In Int8 the result does not change: sums are exact either way.
type LowPrecisionLinear struct {
	X        *Activations        // (Rows, In), in the form of W
	W        *LowPrecisionMatrix // (Out, In)
	Y        []float32           // (Rows, Out), or nil:
	LowY     *Activations        // (Rows, Out), BFloat16
	Bias     []float32           // (Out) or nil
	Rows     int
	GELU     bool      // exact (erf)
	Scale    []float32 // (Out), LayerScale, or nil
	Residual []float32 // (Rows, Out) or nil, and then Y is not; may be the memory of Y
	Tokens   int       // rows of one image; 0: all belong to one image

	pool *pool.Pool
	fast gemm.LowProduct // if the weight is packed for tiles
}

// mostInputs keeps the sums of int8 products within 32 bits.
const mostInputs = 1 << 16

// Check reports fields that contradict one another.
func (op *LowPrecisionLinear) Check() error {
	c := checking("LowPrecisionLinear")
	if op.W == nil {
		c.fail("W is nil, want a LowPrecisionMatrix")
		return c.err
	}
	in, out := op.W.Cols, op.W.Rows
	c.length("W", gemm.LowElements(op.W), out, in)
	if in > mostInputs {
		c.fail("W has %d inputs, want at most %d", in, mostInputs)
	}
	c.activations("X", op.X, op.Rows, in, gemm.FormOf(op.W))
	if op.LowY != nil {
		c.activations("LowY", op.LowY, op.Rows, out, BFloat16)
	} else {
		c.length("Y", len(op.Y), op.Rows, out)
	}
	if op.Bias != nil {
		c.length("Bias", len(op.Bias), out)
	}
	if op.Scale != nil {
		c.length("Scale", len(op.Scale), out)
	}
	if op.Residual != nil {
		c.length("Residual", len(op.Residual), op.Rows, out)
		if op.LowY != nil {
			c.fail("Residual is given, want Y and not LowY")
		}
	}
	return c.err
}

// Run computes Y.
func (op *LowPrecisionLinear) Run(p *Pool) {
	op.pool = p.threads
	if gemm.IsTiled(op.W) {
		op.fast = gemm.LowProduct{
			X: op.X, W: op.W, Y: op.Y, LowY: op.LowY, Bias: op.Bias, Rows: op.Rows,
			GELU: op.GELU, Scale: op.Scale, Residual: op.Residual, Tokens: op.Tokens,
		}
		op.fast.Run(op.pool)
		return
	}
	p.Run(pool.Blocks(op.Rows, op.rowsPerTask())*pool.Blocks(op.W.Rows, kernel.BlockCols), op)
}

// rowsPerTask is how many rows of X, as float32, fit in a worker's memory.
func (op *LowPrecisionLinear) rowsPerTask() int {
	return min(kernel.BlockRows, (pool.ArenaSize-kernel.BlockCols)/max(1, op.W.Cols))
}

// Do computes one block of Y.
func (op *LowPrecisionLinear) Do(worker, i int) {
	in, out := op.W.Cols, op.W.Rows
	nr := pool.Blocks(op.Rows, op.rowsPerTask())
	r0, r1 := pool.Span(i%nr, op.rowsPerTask(), op.Rows)
	o0, o1 := pool.Span(i/nr, kernel.BlockCols, out)
	memory, table := op.pool.Memory(worker), op.pool.Table()
	y, x := memory[:kernel.BlockCols], memory[kernel.BlockCols:]
	for r := r0; r < r1; r++ {
		form.GetRow(table, op.X, r, 0, x[(r-r0)*in:(r-r0+1)*in])
	}
	var s kernel.Block
	kernel.Products(&s, kernel.Rows[float32]{V: x, N: in, Stride: in}, kernel.Rows[float32]{V: gemm.Values(op.W), N: in, Stride: in}, 0, r1-r0, o0, o1)
	for r := r0; r < r1; r++ {
		sums := s.Row(r-r0, o1-o0)
		op.finish(sums, r*out+o0, o0)
		for j, v := range sums {
			y[j] = float32(v)
		}
		if op.LowY == nil {
			copy(op.Y[r*out+o0:], y[:o1-o0])
			continue
		}
		form.SetAt(table, op.LowY, r, o0, y[:o1-o0])
		if o1 == out {
			form.Pad(op.LowY, r)
		}
	}
}

// finish turns the products s of outputs o0, o0+1, … into elements of Y, the
// first of which is at index `at`. Everything is float64 until it is stored.
func (op *LowPrecisionLinear) finish(s []float64, at, o0 int) {
	epilogue[float32]{op.Bias, op.Scale, op.Residual, op.GELU}.apply(s, at, o0)
}
